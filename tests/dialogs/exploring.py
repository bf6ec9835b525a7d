"""A breadth-first walk over everything that can happen to a renewal, its counters and dates folded into few kinds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dialogs.events import AnyEvent
from dialogs.lease import Lease
from dialogs.machine import Rules, opening
from dialogs.policy import Policy
from dialogs.reminders import first_due
from dialogs.renewal import Decision, Renewal, Subject
from dialogs.states import State
from dialogs.workdays import SHANGHAI
from tests.dialogs.folding import fold, oddities
from tests.dialogs.happenings import Happening, possible
from tests.dialogs.outside import ID, Outside, moved_on, starting

MOST_ODDITIES = 2
"""Whatever goes more ways wrong at once than this is still checked, but not walked on from."""

MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """One point of one path: the row, the world beside it, the instant, and how it was come by."""

    renewal: Renewal
    outside: Outside
    now: datetime
    came: Edge | None = field(default=None, repr=False, compare=False)

    def trail(self) -> list[str]:
        """The events that led here, first to last."""
        steps: list[str] = []
        place: Place = self
        while place.came is not None:
            steps.append(f"{place.came.at:%m-%d %H:%M} {place.came.event} -> {place.renewal.state}")
            place = place.came.before
        return steps[::-1]


class Edge(NamedTuple):
    """One event at one place, and what it came to. ``after`` knows the same edge as ``came``."""

    before: Place
    event: AnyEvent
    at: datetime
    decision: Decision
    after: Place


def begin(lease: Lease, policy: Policy) -> Place:
    """A window that has just opened, with the one timer the store sets."""
    opened = date.fromordinal(lease.end.toordinal() - policy.window_days)
    first = first_due(lease.end, policy, opened)
    ladder = sorted(policy.tiers, key=lambda tier: -tier.days_before)
    renewal = opening(lease, opened_on=opened)
    return Place(renewal, starting({("TierDue", ladder[0].name): first}), first - timedelta(days=1))


def take(rules: Rules, policy: Policy, place: Place, happening: Happening) -> Edge:
    """Let one thing happen. Never raises: ``step`` is total."""
    event, at = happening
    decision = rules.step(Subject(ID, place.renewal, policy), event, at)
    outside = moved_on(place.outside, event, place.renewal, decision)
    draft = Edge(place, event, at, decision, place)
    after = Place(decision.renewal, outside, _daytime(at), draft)
    return Edge(place, event, at, decision, after)


def edges(rules: Rules, policy: Policy, place: Place) -> Iterator[Edge]:
    for happening in possible(place.renewal, place.outside, place.now):
        yield take(rules, policy, place, happening)


def walk(
    rules: Rules, policy: Policy, starts: Iterable[Place], look: Callable[[Edge], None]
) -> dict[Hashable, Place]:
    """Every kind of place that can be reached, by its fold; ``look`` sees every edge. Stops by itself, or raises."""
    seen: dict[Hashable, Place] = {}
    waiting: deque[Place] = deque()

    def meet(place: Place) -> None:
        name = fold(place.renewal, place.outside, place.now)
        if name not in seen:
            seen[name] = place
            if oddities(place.renewal, place.now) <= MOST_ODDITIES:
                waiting.append(place)

    for start in starts:
        meet(start)
    while waiting:
        assert len(seen) < MOST_PLACES, "the fold keeps too much apart"
        for edge in edges(rules, policy, waiting.popleft()):
            look(edge)
            meet(edge.after)
    return seen


def exits(places: Iterable[Edge]) -> dict[State, set[State]]:
    """From which state which others were reached."""
    found: dict[State, set[State]] = {}
    for edge in places:
        found.setdefault(edge.before.renewal.state, set()).add(edge.after.renewal.state)
    return found


def _daytime(at: datetime) -> datetime:
    """Whatever comes next comes by day: quiet hours are tried on each edge by themselves."""
    local = at.astimezone(SHANGHAI)
    if 9 <= local.hour < 19:
        return at
    day = local if local.hour < 9 else local + timedelta(days=1)
    return day.replace(hour=10, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
