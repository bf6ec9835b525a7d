"""The reach report: no live lease comes near its end without proof of reach or an open task of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from backend.db.reach_port import Reached

HORIZONS = (20, 14, 7)
"""Days before the end that a reader can choose."""
PROMISED = 7
"""Days before the end from which nobody may be without (issue: the promise of reach)."""


class Sight(StrEnum):
    """What a lease counts as, worst first; a proof outweighs a task."""

    WITHOUT = "without"
    TASK = "task"
    DELIVERED = "delivered"
    SPOKEN = "spoken"
    ACTED = "acted"


class Line(msgspec.Struct, frozen=True):
    """One lease of the report. ``left`` = days to its last day, negative once it has passed."""

    lease: Reached
    sight: Sight
    left: int
    failure: str = ""
    """The word of the last failure, without the provider's own code."""
    code: str = ""


class ReachReport(msgspec.Struct, frozen=True):
    """``counts`` holds every sight, and together they are all lines: each lease counts once."""

    days: int
    lines: tuple[Line, ...]
    counts: dict[Sight, int]

    @property
    def total(self) -> int:
        return len(self.lines)

    @property
    def kept(self) -> bool:
        """Is nobody without?"""
        return self.counts[Sight.WITHOUT] == 0


def horizon(asked: str) -> int:
    """The days a reader asked for; 7 where the address says nothing, or nonsense."""
    return next((days for days in HORIZONS if asked == str(days)), PROMISED)


def last_end(today: date, days: int) -> date:
    """The last end that still counts: a lease that ends in ``days`` days is in."""
    return today + timedelta(days=days)


def reach_report(rows: Sequence[Reached], days: int, today: date) -> ReachReport:
    """The worst first, and among equals whose lease ends first. ``today`` is the Shanghai date."""
    order = list(Sight)
    lines = sorted((_line(row, today) for row in rows), key=lambda one: (order.index(one.sight), *_place(one.lease)))
    counts = {sight: sum(one.sight is sight for one in lines) for sight in Sight}
    return ReachReport(days, tuple(lines), counts)


def split_failure(text: str) -> tuple[str, str]:
    """``bad_number MK:0001`` is our word and the provider's own; either may be missing."""
    word, _, code = text.partition(" ")
    return word, code


def _place(lease: Reached) -> tuple[date, str]:
    return lease.end, lease.lease_no


def _line(row: Reached, today: date) -> Line:
    sight = Sight(row.proof) if row.proof else Sight.TASK if row.task else Sight.WITHOUT
    return Line(row, sight, (row.end - today).days, *split_failure(row.last_failure))
