"""What a round measured, what five rounds come to, and how that stands to the aims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple


class Plan(NamedTuple):
    """How much of everything."""

    rounds: int = 5
    messages: int = 2000
    few: int = 1000
    many: int = 100_000
    connections: int = 32
    turns: int = 2000
    leases: int = 100_000


class Round(NamedTuple):
    """One stretch of load: messages, wall seconds, processor seconds of server and database, latencies in seconds."""

    messages: int
    wall: float
    server: float = 0.0
    database: float = 0.0
    p50: float = 0.0
    p99: float = 0.0

    @property
    def rate(self) -> float:
        return self.messages / self.wall


class Aim(NamedTuple):
    """``at_least``: the ratio has to reach ``bound``; otherwise it must not pass it."""

    name: str
    bound: float
    at_least: bool

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound


class Verdict(NamedTuple):
    aim: Aim
    ratio: float
    low: float
    high: float

    def line(self) -> str:
        sign = "≥" if self.aim.at_least else "≤"
        word = "met" if self.aim.met(self.ratio) else "NOT met"
        spread = f"rounds {self.low:.2f} to {self.high:.2f}"
        return f"  {self.aim.name:<52} {self.ratio:5.2f}x   aim {sign} {self.aim.bound:.2f}x  {word:<8} ({spread})"


def judge(aim: Aim, ours: Sequence[float], floor: Sequence[float]) -> Verdict:
    """The median of each round's ratio: rounds are interleaved, so noise of the machine falls on both sides.

    Raises ValueError unless both have the same number of rounds, at least one.
    """
    ratios = [one / other for one, other in zip(ours, floor, strict=True)]
    if not ratios:
        raise ValueError("no rounds")
    return Verdict(aim, median(ratios), min(ratios), max(ratios))


def rates(rounds: Iterable[Round]) -> list[float]:
    return [one.rate for one in rounds]


def server_costs(rounds: Iterable[Round]) -> list[float]:
    return [one.server / one.messages for one in rounds]


def describe(name: str, rounds: Sequence[Round]) -> str:
    """Medians of one contender, per message."""
    server = median(server_costs(rounds)) * 1e3
    database = median(one.database / one.messages for one in rounds) * 1e3
    p50, p99 = median(one.p50 for one in rounds) * 1e3, median(one.p99 for one in rounds) * 1e3
    return (
        f"  {name:<24} {median(rates(rounds)):7.0f} msg/s   server {server:5.2f} ms   PostgreSQL {database:5.2f} ms"
        f"   p50 {p50:5.1f} ms   p99 {p99:5.1f} ms"
    )
