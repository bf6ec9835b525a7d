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
from dialogs.reminders import first_due, ladder
from dialogs.renewal import Decision, Renewal, Subject
from dialogs.workdays import SHANGHAI
from tests.dialogs.folding import fold, oddities
from tests.dialogs.happenings import Happening, possible
from tests.dialogs.outside import ID, Outside, moved_on, starting

MOST_ODDITIES = 3
"""Whatever goes more ways wrong at once than this is still checked, but not walked on from."""

MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """One point of one path: the row, the world beside it, the instant, and how it was come by."""

    renewal: Renewal
    outside: Outside
    now: datetime
    came: Edge | None = field(default=None, repr=False, compare=False)

    def history(self) -> list[tuple[int, AnyEvent, datetime]]:
        """The events that led here, first to last, as the log keeps them."""
        found: list[tuple[int, AnyEvent, datetime]] = []
        place: Place = self
        while place.came is not None:
            found.append((ID, place.came.event, place.came.at))
            place = place.came.before
        return found[::-1]

    def start(self) -> Place:
        place: Place = self
        while place.came is not None:
            place = place.came.before
        return place

    def trail(self) -> str:
        """For people: what led here, a line each."""
        return "\n".join(f"    {at:%m-%d %H:%M} {event}" for _, event, at in self.history())


class Edge(NamedTuple):
    """One event at one place, and what it came to."""

    before: Place
    event: AnyEvent
    at: datetime
    decision: Decision
    after: Place
    idle: bool = False
    """Nothing moved, neither here nor outside: what held before holds."""


class Walk(NamedTuple):
    """Every kind of place that was reached, by its fold; and for those that were walked on from, which they lead to."""

    places: dict[Hashable, Place]
    roads: dict[Hashable, set[Hashable]]


def begin(lease: Lease, policy: Policy) -> Place:
    """A window that has just opened, with the one timer the store sets."""
    opened = date.fromordinal(lease.end.toordinal() - policy.window_days)
    first = first_due(lease.end, policy, opened)
    timers = {("TierDue", ladder(policy)[0].name): first}
    return Place(opening(lease, opened_on=opened), starting(timers), first - timedelta(days=1))


def take(rules: Rules, policy: Policy, place: Place, happening: Happening) -> Edge:
    """Let one thing happen. ``step`` is total: what it raises tells the way there."""
    event, at = happening
    try:
        decision = rules.step(Subject(ID, place.renewal, policy), event, at)
    except Exception as error:
        error.add_note(f"{place.trail()}\n    {event}")
        raise
    outside = moved_on(place.outside, event, at, place.renewal, decision)
    idle = decision.renewal == place.renewal and outside == place.outside and at == place.now
    draft = Edge(place, event, at, decision, place, idle)
    return draft._replace(after=Place(decision.renewal, outside, _daytime(at), draft))


def edges(rules: Rules, policy: Policy, place: Place) -> Iterator[Edge]:
    for happening in possible(place.renewal, place.outside, place.now):
        yield take(rules, policy, place, happening)


def walk(
    rules: Rules, policy: Policy, starts: Iterable[Place], look: Callable[[Edge], None], most: int = MOST_ODDITIES
) -> Walk:
    """Walks on until nothing new is met within ``most`` oddities; ``look`` sees every edge."""
    found = Walk({}, {})
    waiting: deque[Hashable] = deque()

    def meet(place: Place) -> Hashable:
        name = fold(place.renewal, place.outside, place.now)
        if name not in found.roads and oddities(place.renewal, place.now) <= most:
            found.roads[name] = set()
            found.places[name] = place
            waiting.append(name)
        found.places.setdefault(name, place)
        return name

    for start in starts:
        meet(start)
    while waiting:
        assert len(found.places) < MOST_PLACES, "the fold keeps too much apart"
        name = waiting.popleft()
        for edge in edges(rules, policy, found.places[name]):
            look(edge)
            if not edge.idle:
                found.roads[name].add(meet(edge.after))
    return found


def without_way_out(found: Walk) -> list[Place]:
    """Places that were walked on from, and from which no end can be reached."""
    back: dict[Hashable, set[Hashable]] = {}
    for name, roads in found.roads.items():
        for to in roads:
            back.setdefault(to, set()).add(name)
    waiting = [name for name, place in found.places.items() if place.renewal.final]
    leading = set(waiting)
    while waiting:
        more = back.get(waiting.pop(), set()) - leading
        leading |= more
        waiting.extend(more)
    return [found.places[name] for name in found.roads if name not in leading]


def _daytime(at: datetime) -> datetime:
    """Whatever comes next comes by day: quiet hours are tried on each edge by themselves."""
    local = at.astimezone(SHANGHAI)
    if 9 <= local.hour < 19:
        return at
    day = local if local.hour < 9 else local + timedelta(days=1)
    return day.replace(hour=10, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
