"""Everything that can happen to a renewal is tried on every run, and every promise is held against every edge."""

from __future__ import annotations

import pytest

from dialogs.machine import RULES
from dialogs.reach_rows import REACH
from dialogs.states import State
from dialogs.table import TABLE
from tests.dialogs.exploring import without_way_out
from tests.dialogs.surveying import name_of, replayed, stored, survey

pytestmark = pytest.mark.xdist_group("exploration")

ENOUGH = 100_000
"""Fewer edges than this, and the walk itself is broken."""

SPEAKS = "whoever speaks was found: the word is heard in REMINDED"
ASKED = "a row above asks the same question of this state"
SHOWN = "what is being confirmed was shown"

SHUT = {
    (State.UNREACHABLE, "PageOpened --> page_seen"): SPEAKS,
    (State.UNREACHABLE, "MoneyTroubled --> hand_off"): SPEAKS,
    (State.UNREACHABLE, "WrongPerson --> wrong_person"): SPEAKS,
    (State.UNREACHABLE, "CallEnded[reached_by_call] --> call_reached"): ASKED,
    (State.REMINDED, "MessageFailed[hard_failure] --> contact_failed"): ASKED,
    (State.OFFERED, "MessageFailed[hard_failure] --> contact_failed"): ASKED,
    (State.HESITATING, "MessageFailed[hard_failure] --> contact_failed"): ASKED,
    (State.CONFIRMING, "Chose[never_shown] --> show"): SHOWN,
    (State.CONFIRMING, "NotUnderstood[understood_too_little] --> hand_off_misunderstood"): ASKED,
}
"""Arrows that a row written for many states has too many, and why nothing can go there.

The rows of reach are the same in every live state and are walked where a message is watched (``folding._WATCHED``).
"""


def test_no_promise_is_broken_on_any_edge() -> None:
    found = survey()
    assert found.seen > ENOUGH
    assert not found.complaints, "\n\n".join(f"{what}\n{trail}" for what, trail in found.complaints.items())


def test_every_state_is_reached_and_left() -> None:
    found = survey().found
    reached = {place.renewal.state for place in found.places.values()}
    assert reached == set(State)
    stuck = without_way_out(found)
    assert not stuck, "\n\n".join(f"{place.renewal.state} has no way to an end\n{place.trail()}" for place in stuck)


@pytest.mark.parametrize("place", range(len(TABLE)), ids=lambda place: f"{place}:{name_of(TABLE[place])}")
def test_each_row_speaks_and_its_guard_says_both(place: int) -> None:
    spoken = survey().spoken
    assert any(row == place for row, _ in spoken.acted)
    if TABLE[place].guard is not None:
        assert {answer for row, _, answer in spoken.answers if row == place} == {True, False}


def test_each_arrow_is_taken_or_known_to_be_shut() -> None:
    acted = survey().spoken.acted
    shut = {
        (arrow.source, name_of(TABLE[arrow.row]))
        for arrow in RULES.arrows
        if (arrow.row, arrow.source) not in acted and TABLE[arrow.row] not in REACH
    }
    assert shut == set(SHUT)


def test_a_stored_row_comes_back_as_it_was() -> None:
    for place in survey().found.places.values():
        assert stored(place) == place.renewal


def test_the_event_log_gives_the_row() -> None:
    """Every fourth kind of place, its whole log written down, read again and played from the opening."""
    for place in list(survey().found.places.values())[::4]:
        assert replayed(place) == place.renewal
