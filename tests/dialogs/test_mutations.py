"""Whatever is taken out of the rules is missed: each guard, said yes or no for good, and each kind of timer."""

from __future__ import annotations

import pytest

from dialogs.table import TABLE
from dialogs.timers import KINDS
from tests.dialogs.changing import Forgetful, answering, promise_broken
from tests.dialogs.exploring import Edge, begin, walk
from tests.dialogs.invariants import broken
from tests.dialogs.surveying import name_of, survey
from tests.dialogs.units import LEASES, POLICY

pytestmark = pytest.mark.xdist_group("exploration")

GUARDED = [place for place, row in enumerate(TABLE) if row.guard is not None]


class Missed(Exception):
    """A promise was broken: there is no need to walk on."""


@pytest.mark.parametrize("answer", [True, False], ids=["always", "never"])
@pytest.mark.parametrize("place", GUARDED, ids=lambda place: f"{place}:{name_of(TABLE[place])}")
def test_a_guard_that_does_not_look_breaks_a_promise(place: int, answer: bool) -> None:
    """Taken again are the edges on which the guard, looking, said the contrary."""
    witnesses = survey().witnesses[place, not answer]
    assert witnesses
    rules = answering(place, answer)
    assert any(promise_broken(rules, one) for one in witnesses)


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_that_is_never_set_is_missed(kind: str) -> None:
    def look(edge: Edge) -> None:
        for complaint in broken(edge):
            raise Missed(complaint)

    with pytest.raises(Missed):
        walk(Forgetful(kind), POLICY, [begin(lease, POLICY) for lease in LEASES], look, most=0)
