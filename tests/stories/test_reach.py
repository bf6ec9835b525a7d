"""How a reminder finds its tenant: rung after rung, until somebody was reached or a person is asked to call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from dialogs.arrows import Rest, Row
from dialogs.effects import Ring, Say, Task
from dialogs.events import (
    AttemptFailed,
    Chose,
    Confirmed,
    ContactCheckDue,
    Hesitated,
    MessageDelivered,
    MessageFailed,
    MessageSent,
    OffersAsked,
    OptedOut,
    PageNoted,
    PageOpened,
    RungDue,
    TierDue,
    Unreach,
    WayBarred,
)
from dialogs.machine import Moot, Ready, still_wanted
from dialogs.reach_rows import LIVE, REACH
from dialogs.renewal import Subject
from dialogs.rungs import Rung
from dialogs.states import State

from .story import LEASE, Story, offered, reminded


def sent(story: Story, rung: Rung = Rung.TEMPLATE, *, more: bool = True) -> Story:
    """The message last wished left over this rung; another one was open."""
    return story.hears(MessageSent(key_of(story), rung.value, more))


def key_of(story: Story) -> str:
    assert story.renewal.reaching is not None, "something is under way"
    return story.renewal.reaching.key


def due(story: Story, kind: str = "RungDue") -> timedelta:
    """How long until the timer set in the last turn."""
    [timer] = [one for one in story.last.timers if one.kind == kind]
    return timer.due_at - story.now


def still(story: Story, say: Say) -> object:
    return still_wanted(Subject(7, story.renewal, story.policy), say, story.now)


# --- receipts ---------------------------------------------------------------------------------------------------------
def test_without_a_receipt_the_next_rung_is_taken_after_half_an_hour() -> None:
    story = sent(reminded())
    assert due(story) == timedelta(minutes=30)
    say = story.hears(RungDue(), after=timedelta(minutes=30)).wish(Say)
    assert say.tried == (Rung.TEMPLATE.value,)
    assert say.message == "remind_warm"


def test_an_sms_has_six_hours_for_its_receipt() -> None:
    assert due(sent(reminded(), Rung.SMS)) == timedelta(hours=6)


def test_delivered_but_unopened_waits_two_days_at_first() -> None:
    story = sent(reminded()).hears(MessageDelivered(key_of(reminded())), after=timedelta(minutes=1))
    assert "reached" in story.renewal.marks
    assert due(story) == timedelta(hours=48, minutes=-1)
    story.hears(RungDue(), after=timedelta(hours=48)).wants(Say, message="remind_warm", tried=(Rung.TEMPLATE.value,))


@pytest.mark.parametrize(("tier", "day", "hours"), [("T-15", date(2026, 9, 30), 24), ("T-7", date(2026, 10, 9), 6)])
def test_later_tiers_wait_less(tier: str, day: date, hours: int) -> None:
    story = reminded().on(day).hears(TierDue(tier))
    sent(story).hears(MessageDelivered(key_of(story)))
    assert due(story) == timedelta(hours=hours)


def test_a_receipt_may_overtake_our_own_note() -> None:
    story = reminded()
    story.hears(MessageDelivered(key_of(story)))
    sent(story)
    assert due(story) == timedelta(hours=48), "it is delivered: only being seen is waited for"


# --- failures ---------------------------------------------------------------------------------------------------------
def test_a_blocked_template_goes_by_sms_at_once_and_costs_nothing() -> None:
    story = sent(reminded())
    counted = story.renewal.sent_on
    story.hears(AttemptFailed(key_of(story), Unreach.OPTED_OUT)).wants(Say, message="remind_warm")
    assert counted
    assert story.renewal.sent_on == counted, "the failed one was taken back, the new one counts"


def test_after_the_last_rung_a_person_calls_with_what_was_tried() -> None:
    story = sent(sent(reminded()).hears(RungDue(), after=timedelta(minutes=30)), Rung.SMS, more=False)
    ring = story.hears(RungDue(), after=timedelta(hours=6)).wish(Ring)
    assert ring.task is Task.CALL
    assert "template, sms" in ring.reason
    assert ring.due is not None
    assert story.renewal.reaching is None
    story.wants_no(Say)


def test_nobody_at_all_is_unreachable_and_somebody_mends_the_contact() -> None:
    story = reminded()
    story.hears(MessageFailed(key_of(story), Unreach.BAD_NUMBER)).rests_in(State.UNREACHABLE)
    story.asks(Task.REPAIR_CONTACT)


# --- heard ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "heard", [OffersAsked(via="wechat"), PageOpened(via="page"), Hesitated(via="wechat"), Hesitated(via="sms")]
)
def test_a_word_or_the_open_page_ends_it_in_the_same_turn(heard: OffersAsked) -> None:
    story = reminded()
    queued = story.wish(Say)
    assert isinstance(still(story, queued), Ready)
    sent(story).hears(heard, after=timedelta(minutes=5))
    assert story.renewal.reaching is None
    assert isinstance(still(story, queued), Moot)
    story.hears(RungDue(), after=timedelta(days=2)).is_silent("late")


def test_whoever_opted_out_by_sms_hears_no_more_and_nothing_is_confirmed() -> None:
    story = reminded()
    queued = story.wish(Say)
    story.hears(OptedOut(via="sms")).wants_no(Say)
    assert isinstance(still(story, queued), Moot)


# --- T-20, and the holiday --------------------------------------------------------------------------------------------
def test_without_any_proof_by_t_20_the_contact_is_mended() -> None:
    sent(reminded()).on(date(2026, 9, 26)).hears(ContactCheckDue()).asks(Task.REPAIR_CONTACT)


def test_with_a_receipt_by_then_nobody_is_troubled() -> None:
    story = reminded()
    sent(story).hears(MessageDelivered(key_of(story))).on(date(2026, 9, 26)).hears(ContactCheckDue())
    story.is_silent("a way to the tenant is proven").wants_no(Ring)


def test_an_urgent_reminder_that_would_fall_into_the_national_day_week_comes_before_it() -> None:
    ends_after = replace(LEASE, end=date(2026, 10, 12))
    story = reminded(ends_after).on(date(2026, 9, 28)).hears(TierDue("T-15"))
    [urgent] = [one for one in story.last.timers if one.kind == "TierDue"]
    assert urgent.due_at.date() < date(2026, 10, 1), "T-7 is the fifth of October"


# --- by SMS a yes is no yes -------------------------------------------------------------------------------------------
def test_a_number_by_sms_before_the_page_was_seen_only_shows_the_way() -> None:
    story = reminded().hears(Chose(number=1, via="sms")).rests_in(State.OFFERED)
    assert story.renewal.offer is not None
    assert not story.renewal.offer.shown


def test_a_yes_by_sms_never_accepts() -> None:
    story = offered().hears(Chose(number=1, via="wechat")).rests_in(State.CONFIRMING)
    story.hears(Confirmed(via="sms")).rests_in(State.CONFIRMING)
    assert story.renewal.accepted is None


# --- the page's own trouble -------------------------------------------------------------------------------------------
def test_a_page_that_breaks_rings_a_person_once() -> None:
    broken = PageNoted(kind="script_error", agent="an old WebView")
    story = offered().hears(broken).asks(Task.LOOK)
    story.hears(broken).wants_no(Ring)


def test_a_tenant_on_our_own_blacklist_is_a_matter_for_people() -> None:
    reminded().hears(WayBarred()).asks(Task.LOOK).rests_in(State.REMINDED)


# --- in every live state ----------------------------------------------------------------------------------------------
def states_of(row: Row) -> Iterable[State]:
    if isinstance(row.sources, Rest):
        return LIVE
    return (row.sources,) if isinstance(row.sources, State) else row.sources


def test_receipts_and_timers_are_heard_in_every_live_state() -> None:
    kinds = (MessageSent, MessageDelivered, AttemptFailed, RungDue, ContactCheckDue, PageNoted, WayBarred)
    for kind in kinds:
        heard_in = {state for row in REACH if row.event is kind for state in states_of(row)}
        assert set(LIVE) <= heard_in, kind.__name__
        assert any(row.guard is None for row in REACH if row.event is kind), f"{kind.__name__} is never refused"
