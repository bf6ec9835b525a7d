"""How a row of the table reads, and how rows spread into arrows: one source, one event each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .actions.turn import Turn
from .events import Event
from .states import State

Guard = Callable[[Turn], bool]
Action = Callable[[Turn], None]
Events = type[Event] | tuple[type[Event], ...]


class Same:
    """The target of a row that stays where it is."""


class Rest:
    """The source of a row that stands for every state in which its event has no unguarded row yet."""


SAME = Same()
REST = Rest()


class Row(NamedTuple):
    """When ``event`` happens in one of ``sources`` and ``guard`` says yes (or is None): go to ``target``, do ``action``."""

    sources: State | tuple[State, ...] | Rest
    event: Events
    guard: Guard | None
    target: State | Same
    action: Action


class Arrow(NamedTuple):
    """One source, one event. ``row`` is the row's place in the table."""

    row: int
    source: State
    event: type[Event]
    guard: Guard | None
    target: State | Same
    action: Action

    @property
    def goes_to(self) -> State:
        return self.target if isinstance(self.target, State) else self.source


def spread(table: Sequence[Row]) -> Iterator[Arrow]:
    """The arrows of a table in its order. An arrow behind an unguarded one of the same (state, event) could never be
    taken: raises ValueError, so that the table cannot hold a dead word."""
    closed: set[tuple[State, type[Event]]] = set()
    for place, row in enumerate(table):
        for event in row.event if isinstance(row.event, tuple) else (row.event,):
            for source in _sources(row, event, closed):
                if (source, event) in closed:
                    raise ValueError(f"row {place} can never be reached from {source} by {event.__name__}")
                if row.guard is None:
                    closed.add((source, event))
                yield Arrow(place, source, event, row.guard, row.target, row.action)


def _sources(row: Row, event: type[Event], closed: set[tuple[State, type[Event]]]) -> tuple[State, ...]:
    if isinstance(row.sources, Rest):
        return tuple(state for state in State if (state, event) not in closed)
    return row.sources if isinstance(row.sources, tuple) else (row.sources,)
