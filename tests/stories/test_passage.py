"""The main way: reminded, offered, chosen, checked, signed, paid, and the door opens for the new term."""

from __future__ import annotations

from datetime import date, timedelta

from dialogs.effects import AskVerdict, CreateBill, ExtendAccess, OpenEnvelope, PrepareOffer, RecordRenewal, Task
from dialogs.events import (
    BillCreated,
    Chose,
    Confirmed,
    EnvelopeSigned,
    OfferPrepared,
    OffersAsked,
    PageOpened,
    PartySigned,
    PaymentRequested,
    TierDue,
)
from dialogs.lease import Bill, Comps
from dialogs.money import yuan
from dialogs.states import Milestone, State

from .story import (
    COMPS,
    ENVELOPE,
    LEASE,
    Story,
    checking,
    clear,
    confirming,
    offered,
    paid,
    pays,
    read_back,
    reminded,
    signing,
)


def test_a_renewal_from_the_first_reminder_to_the_open_door() -> None:
    story = Story()
    story.hears(TierDue("T-30")).wants(PrepareOffer).rests_in(State.OPENED)
    story.hears(OfferPrepared(COMPS)).says("remind_warm", days_left=30).rests_in(State.REMINDED)
    story.hears(OffersAsked(via="wechat"), after=timedelta(hours=2)).says("offers").rests_in(State.OFFERED)
    story.hears(Chose(number=1, via="wechat")).says("confirm_choice", number=1).rests_in(State.CONFIRMING)
    story.hears(Confirmed(via="wechat")).says("checking").wants(AskVerdict, check=1).rests_in(State.CHECKING)
    clear(story).wants(OpenEnvelope, key="E7N1").rests_in(State.AWAITING_SIGNATURE)


def test_from_the_signature_to_the_door() -> None:
    story = signing().says("sign_ready").rests_in(State.AWAITING_SIGNATURE)
    story.hears(PartySigned("another", "p1"))
    assert story.renewal.signed_by == ()
    story.hears(PartySigned(ENVELOPE, "p1"), after=timedelta(hours=1)).rests_in(State.AWAITING_SIGNATURE)
    story.hears(EnvelopeSigned(ENVELOPE, "ab")).wants(CreateBill, amount=yuan(3000)).rests_in(State.BILLING)
    story.hears(BillCreated(Bill("B1", date(2026, 9, 21), yuan(3000)))).rests_in(State.PAYING)
    story.hears(PaymentRequested("R7P1A1", "B1")).says("pay_ready", amount=yuan(3000))
    story.hears(pays(story)).wants(ExtendAccess, until=date(2027, 10, 18)).rests_in(State.EXTENDING)
    assert story.renewal.milestone is Milestone.PAID


def test_the_end_writes_the_new_term_down() -> None:
    story = paid()
    story.hears(read_back(story)).says("renewed").wants(RecordRenewal).rests_in(State.RENEWED)
    assert story.renewal.loss is None
    assert story.renewal.milestone is Milestone.SECURED
    assert not story.last.timers


def test_opening_the_page_counts_as_seen_and_says_nothing_in_the_chat() -> None:
    reminded().hears(PageOpened(via="page")).is_silent("page answers").rests_in(State.OFFERED)


def test_each_tier_has_its_tone_and_asks_people_for_help() -> None:
    story = reminded()
    story.on(date(2026, 9, 30), 9).hears(TierDue("T-15"), after=timedelta(minutes=30)).says("remind_formal")
    story.asks(Task.CALL)
    story.on(date(2026, 10, 9), 9).hears(TierDue("T-7"), after=timedelta(minutes=30)).says("remind_urgent")
    story.asks(Task.COUNTDOWN)


def test_an_older_tier_after_a_newer_one_is_late() -> None:
    story = reminded().on(date(2026, 10, 9)).hears(TierDue("T-7")).says("remind_urgent")
    story.hears(TierDue("T-15")).is_silent("late")


def test_a_choice_needs_an_explicit_yes_and_silence_is_none() -> None:
    story = confirming()
    assert story.renewal.accepted is None
    story.will_ring("ConfirmationDue")


def test_a_proposal_that_was_never_offered_is_explained() -> None:
    offered().hears(Chose(number=9, via="wechat")).says("unknown_option").rests_in(State.OFFERED)


def test_a_card_of_an_old_offer_is_explained_with_fresh_ones() -> None:
    story = offered()
    stale = Chose(proposal="keep", offer=99, terms_hash="0" * 16, via="wechat")
    story.hears(stale).says("stale_card").rests_in(State.OFFERED)
    assert story.renewal.chosen is None


def test_terms_that_were_changed_on_the_way_are_not_accepted() -> None:
    story = offered()
    offer = story.renewal.offer
    assert offer is not None
    forged = Chose(proposal="keep", offer=offer.version, terms_hash="f" * 16, via="page")
    story.hears(forged).rests_in(State.OFFERED)
    assert story.renewal.chosen is None


def test_a_second_yes_changes_nothing() -> None:
    story = checking()
    accepted = story.renewal.accepted
    story.hears(Confirmed(via="wechat")).rests_in(State.CHECKING)
    assert story.renewal.accepted == accepted


def test_too_few_comparable_rents_never_raise_the_rent() -> None:
    story = Story().hears(TierDue("T-30")).hears(OfferPrepared(Comps(2, yuan(4000), yuan(4000), yuan(4000))))
    offer = story.renewal.offer
    assert offer is None or all(step.rent <= LEASE.rent for one in offer.proposals for step in one.steps)
