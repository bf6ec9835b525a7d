"""One walk through all that can happen, looked at from every side: promises, rows, guards, round trips."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from dialogs.actions.turn import Turn
from dialogs.arrows import Row
from dialogs.effects import Say
from dialogs.events import AnyEvent
from dialogs.machine import Rules, opening, replay
from dialogs.renewal import Renewal
from dialogs.states import State
from dialogs.table import TABLE
from tests.dialogs.exploring import MOST_ODDITIES, Edge, Place, Walk, begin, take, walk
from tests.dialogs.happenings import Happening
from tests.dialogs.invariants import broken, broken_at
from tests.dialogs.promises_of_workers import tonight
from tests.dialogs.units import LEASES, POLICY

WITNESSES = 24
"""As many edges of one kind are kept for the tests that change the table."""

_ROW = msgspec.json.Decoder(Renewal)
_LOG = msgspec.json.Decoder(AnyEvent)


class Spoken(NamedTuple):
    """What the rows of a table were heard to do, by place in the table and state."""

    answers: Counter[tuple[int, State, bool]]
    acted: Counter[tuple[int, State]]
    latest: list[tuple[int, bool]]
    """Answers of the guards in the step just taken, by place of their rows."""


class Witness(NamedTuple):
    """Enough of an edge to take it again by other rules."""

    place: Place
    happening: Happening


class Survey(NamedTuple):
    found: Walk
    spoken: Spoken
    complaints: dict[str, str]
    """Each broken promise once, with the shortest way to it."""
    witnesses: dict[tuple[int, bool], list[Witness]]
    """Some edges of each state on which the guard of a row, by its place, gave this answer."""
    seen: int
    """How many edges were looked at."""


@cache
def survey(most: int = MOST_ODDITIES) -> Survey:
    """The product's table, walked once in a process within ``most`` oddities."""
    spoken = Spoken(Counter(), Counter(), [])
    rules = Rules(overheard(TABLE, spoken))
    complaints: dict[str, str] = {}
    witnesses: dict[tuple[int, bool], list[Witness]] = defaultdict(list)
    kept: Counter[Hashable] = Counter()
    seen: Counter[str] = Counter()

    def look(edge: Edge) -> None:
        seen["edges"] += 1
        witness = Witness(edge.before, Happening(edge.event, edge.at))
        for answer in spoken.latest:
            kind = (answer, edge.before.renewal.state, edge.event)
            kept[kind] += 1
            if kept[kind] <= WITNESSES:
                witnesses[answer].append(witness)
        spoken.latest.clear()
        for complaint in broken(edge):
            complaints.setdefault(complaint, edge.after.trail())
        if any(isinstance(one, Say) and one.proactive for one in edge.decision.effects):
            by_night = take(rules, POLICY, edge.before, Happening(edge.event, tonight(edge.at)))
            for complaint in broken(by_night):
                complaints.setdefault(f"by night: {complaint}", by_night.after.trail())
            spoken.latest.clear()

    found = walk(rules, POLICY, [begin(lease, POLICY) for lease in LEASES], look, most)
    for place in found.places.values():
        for complaint in broken_at(place):
            complaints.setdefault(complaint, place.trail())
    return Survey(found, spoken, complaints, witnesses, seen["edges"])


def overheard(table: Sequence[Row], spoken: Spoken) -> list[Row]:
    """The same table; each guard's answers and each row's deeds are counted."""
    return [
        row._replace(
            guard=None if row.guard is None else _answering(place, row.guard, spoken),
            action=_acting(place, row.action, spoken),
        )
        for place, row in enumerate(table)
    ]


def _answering(place: int, guard: Callable[[Turn], bool], spoken: Spoken) -> Callable[[Turn], bool]:
    def asked(turn: Turn) -> bool:
        answer = guard(turn)
        spoken.answers[place, turn.state, answer] += 1
        spoken.latest.append((place, answer))
        return answer

    return asked


def _acting(place: int, action: Callable[[Turn], None], spoken: Spoken) -> Callable[[Turn], None]:
    def act(turn: Turn) -> None:
        spoken.acted[place, turn.before.state] += 1
        action(turn)

    return act


def stored(place: Place) -> Renewal:
    """The row as it comes back from a store."""
    return _ROW.decode(msgspec.json.encode(place.renewal))


def replayed(place: Place) -> Renewal:
    """The row as the event log gives it, every event having been written down and read again."""
    start = place.start().renewal
    log = [(id_, _LOG.decode(msgspec.json.encode(event)), at) for id_, event, at in place.history()]
    return replay(opening(start.lease, opened_on=start.opened_on), log, POLICY)


def name_of(row: Row) -> str:
    """``Chose[valid_choice] --> ask_confirmation``, for people."""
    events = row.event if isinstance(row.event, tuple) else (row.event,)
    guard = "" if row.guard is None else f"[{row.guard.__name__}]"
    return f"{'|'.join(one.__name__ for one in events)}{guard} --> {row.action.__name__}"
