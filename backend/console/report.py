"""The funnel: every lease that stops between two steps is lost for a reason or still on its way, or it is flagged."""

from __future__ import annotations

import msgspec

from backend.db.port import FunnelRows
from dialogs.states import LossReason, Milestone


class Step(msgspec.Struct, frozen=True):
    """One milestone. Percents of the step before and of the first, one decimal; None where nothing can be divided."""

    key: str
    reached: int
    of_previous: float | None
    of_first: float | None
    lost: dict[str, int]
    open: dict[str, int]
    unexplained: int
    """Leases that stopped here with neither a reason nor an open state: 0 unless something is wrong."""


class Report(msgspec.Struct, frozen=True):
    steps: tuple[Step, ...]
    reasons: dict[str, int]
    lost: int
    open: int
    done: int
    unexplained: int

    @property
    def total(self) -> int:
        return self.steps[0].reached


def report(rows: FunnelRows) -> Report:
    """The report ties out when ``done + lost + open == total`` and ``unexplained`` is 0."""
    steps = tuple(_step(rows, milestone) for milestone in Milestone)
    reasons: dict[str, int] = {}
    for step in steps:
        for reason, count in step.lost.items():
            reasons[reason] = reasons.get(reason, 0) + count
    ordered = dict(sorted(reasons.items(), key=lambda one: (one[0] == LossReason.OPERATOR, -one[1], one[0])))
    lost, still = sum(reasons.values()), sum(sum(step.open.values()) for step in steps)
    return Report(
        steps, ordered, lost, still, steps[0].reached - lost - still, sum(abs(one.unexplained) for one in steps)
    )


def _step(rows: FunnelRows, milestone: Milestone) -> Step:
    reached, first = rows.reached.get(milestone, 0), rows.reached.get(Milestone.IN_WINDOW, 0)
    lost, still = rows.lost.get(milestone, {}), rows.open.get(milestone, {})
    before = rows.reached.get(milestone - 1, 0) if milestone else 0
    after = rows.reached.get(milestone + 1, 0)
    last = milestone is Milestone.SECURED
    unexplained = 0 if last else reached - after - sum(lost.values()) - sum(still.values())
    return Step(
        milestone.name.lower(), reached, _percent(reached, before), _percent(reached, first), lost, still, unexplained
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
