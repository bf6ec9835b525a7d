"""The reach report counts each lease once, worst first, and its counts add up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.console.reach import HORIZONS, Sight, horizon, last_end, reach_report, split_failure
from backend.db.reach_port import Reached

TODAY = date(2026, 9, 2)


def reached(number: int, proof: str = "", task: str = "", failure: str = "", left: int = 5) -> Reached:
    end = TODAY + timedelta(days=left)
    return Reached(number, f"L-{number:02d}", "云栖公寓", "3幢1201", end, "管家小林", proof, task, 2, failure)


MIXED = [
    reached(1, "acted", "call"),
    reached(2, "spoken", left=1),
    reached(3, "delivered"),
    reached(4, "", "repair_contact", left=6),
    reached(5, "", "owned", left=2),
    reached(6, left=4),
    reached(7, left=-1),
]


def test_each_lease_counts_once_and_the_counts_add_up() -> None:
    made = reach_report(MIXED, 7, TODAY)
    assert made.counts == {
        Sight.WITHOUT: 2, Sight.TASK: 2, Sight.DELIVERED: 1, Sight.SPOKEN: 1, Sight.ACTED: 1,
    }  # fmt: skip
    assert sum(made.counts.values()) == made.total == len(MIXED)
    assert not made.kept


def test_a_proof_outweighs_a_task() -> None:
    [line] = reach_report([MIXED[0]], 7, TODAY).lines
    assert (line.sight, line.lease.task) == (Sight.ACTED, "call")


def test_whoever_is_without_comes_first_then_whose_lease_ends_first() -> None:
    assert [line.lease.renewal_id for line in reach_report(MIXED, 7, TODAY).lines] == [7, 6, 5, 4, 3, 2, 1]


def test_the_promise_is_kept_when_nobody_is_without() -> None:
    assert reach_report(MIXED[:5], 7, TODAY).kept
    empty = reach_report([], 14, TODAY)
    assert (empty.total, empty.kept, set(empty.counts.values())) == (0, True, {0})


def test_days_are_of_the_shanghai_calendar() -> None:
    made = reach_report([reached(1, left=0), reached(2, left=7)], 7, TODAY)
    assert sorted(line.left for line in made.lines) == [0, 7]
    assert last_end(TODAY, 7) == date(2026, 9, 9)


@pytest.mark.parametrize(
    ("asked", "days"), [("7", 7), ("14", 14), ("20", 20), ("", 7), ("8", 7), ("-7", 7), ("²", 7), ("7 ", 7)]
)
def test_a_horizon_is_one_of_three(asked: str, days: int) -> None:
    assert horizon(asked) == days
    assert horizon(asked) in HORIZONS


def test_our_word_and_the_provider_s() -> None:
    assert split_failure("bad_number MK:0001") == ("bad_number", "MK:0001")
    assert split_failure("unknown") == ("unknown", "")
    assert split_failure("") == ("", "")
    [line] = reach_report([reached(1, failure="quota isv.X Y")], 7, TODAY).lines
    assert (line.failure, line.code) == ("quota", "isv.X Y")
