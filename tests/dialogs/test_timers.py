"""Timer rows become events and come from them, and every state that is not final lives under a deadline."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import get_args

import pytest
from msgspec.structs import replace

from dialogs import events as ev
from dialogs.events import AnyEvent
from dialogs.machine import opening
from dialogs.policy import Policy
from dialogs.states import FINAL, State
from dialogs.timers import KINDS, deadline, door_looked_at, named, own_kinds, rung, sign_by, term_ends, term_over, timer
from dialogs.workdays import SHANGHAI, shanghai
from tests.stories.story import LEASE, offered, paying

POLICY = Policy()
NOW = datetime(2026, 9, 16, 10, 0, tzinfo=SHANGHAI)
TAGGED = (ev.TierDue("T-15"), ev.OfferExpired(12), ev.SignatureNudgeDue(2))


def bare() -> list[AnyEvent]:
    """One event of each kind that carries no tag."""
    kinds = {type(one).__name__ for one in TAGGED}
    return [rung(kind, "") for kind in KINDS if kind not in kinds]


@pytest.mark.parametrize("event", [*TAGGED, *bare()], ids=lambda event: type(event).__name__)
def test_a_row_becomes_the_event_it_was_made_for(event: AnyEvent) -> None:
    row = timer(event, NOW)
    assert rung(row.kind, row.tag) == event
    assert row.due_at == NOW


def test_a_row_nobody_set_is_refused() -> None:
    with pytest.raises(LookupError):
        rung("Thanked", "")
    with pytest.raises(ValueError, match="carries no tag"):
        rung("GateDue", "1")
    with pytest.raises(ValueError, match="invalid literal"):
        rung("OfferExpired", "soon")


def test_only_clocks_have_a_row() -> None:
    clocks = {kind.__name__ for kind in get_args(AnyEvent) if kind.__name__ in KINDS}
    assert clocks == set(KINDS)
    with pytest.raises(LookupError, match="Thanked"):
        named(ev.Thanked(via="wechat"))


@pytest.mark.parametrize("state", [one for one in State if one not in FINAL])
def test_every_live_state_has_a_deadline_of_its_own_that_is_still_to_come(state: State) -> None:
    fullest = replace(paying().renewal, state=state)
    found = deadline(state, fullest, POLICY, NOW)
    assert found is not None
    assert found.kind in own_kinds(state)
    assert found.due_at >= NOW


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_waits_for_nothing(state: State) -> None:
    assert deadline(state, offered().renewal, POLICY, NOW) is None
    assert own_kinds(state) == ()


def test_the_term_ends_when_the_day_after_its_last_begins() -> None:
    renewal = opening(LEASE, opened_on=date(2026, 9, 1))
    ends = shanghai(date(2026, 10, 17))
    assert term_ends(renewal) == ends
    assert not term_over(renewal, ends - timedelta(seconds=1))
    assert term_over(renewal, ends)


def test_a_door_is_looked_at_three_days_before_it_falls_shut() -> None:
    assert door_looked_at(date(2026, 10, 16)) == shanghai(date(2026, 10, 13), time(10))


def test_an_envelope_can_be_signed_until_the_end_of_a_working_day() -> None:
    """Five days from Saturday 26 September end on 1 October: the term runs on to the first day after the holiday."""
    last = sign_by(POLICY, datetime(2026, 9, 26, 10, 0, tzinfo=SHANGHAI))
    assert last == shanghai(date(2026, 10, 9)) - timedelta(seconds=1)


def test_a_bill_that_is_past_due_is_looked_at_every_second_day() -> None:
    story = paying()
    assert story.renewal.bill is not None
    late = shanghai(story.renewal.bill.due + timedelta(days=3))
    found = deadline(State.PAYING, story.renewal, POLICY, late)
    assert found is not None
    assert found.due_at == late + timedelta(days=2)
