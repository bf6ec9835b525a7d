"""The funnel ties out: who stops is lost for a reason, still on the way, or shown as unexplained."""

from __future__ import annotations

from backend.console.report import report
from backend.db.port import FunnelRows

REACHED = {0: 10, 1: 9, 2: 7, 3: 5, 4: 4, 5: 4, 6: 3, 7: 3}
LOST = {0: {"not_reached": 1}, 2: {"price": 1, "operator": 1}, 3: {"price": 1}}
OPEN = {1: {"reminded": 2}, 5: {"paying": 1}}


def test_every_lease_is_done_on_its_way_or_lost() -> None:
    made = report(FunnelRows(REACHED, LOST, OPEN))
    assert (made.total, made.done, made.open, made.lost, made.unexplained) == (10, 3, 3, 4, 0)
    assert made.done + made.open + made.lost == made.total
    assert [step.unexplained for step in made.steps] == [0] * 8


def test_percents_are_of_the_step_before_and_of_the_first() -> None:
    steps = report(FunnelRows(REACHED, LOST, OPEN)).steps
    assert (steps[0].of_previous, steps[0].of_first) == (None, 100.0)
    assert (steps[2].of_previous, steps[2].of_first) == (77.8, 70.0)


def test_reasons_are_sorted_and_the_operator_s_own_comes_last() -> None:
    made = report(FunnelRows(REACHED, LOST, OPEN))
    assert made.reasons == {"price": 2, "not_reached": 1, "operator": 1}
    assert list(made.reasons) == ["price", "not_reached", "operator"]


def test_a_lease_that_vanished_is_flagged() -> None:
    made = report(FunnelRows(REACHED, {**LOST, 3: {}}, OPEN))
    assert made.unexplained == 1
    assert made.steps[3].unexplained == 1


def test_nothing_yet_is_no_error() -> None:
    made = report(FunnelRows({}, {}, {}))
    assert (made.total, made.lost, made.open, made.done, made.unexplained) == (0, 0, 0, 0, 0)
    assert {step.of_first for step in made.steps} == {None}
