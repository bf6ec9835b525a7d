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
    """The source of a row that stands for every state, final ones too, in which its event has no last word yet."""


SAME = Same()
REST = Rest()


class Row(NamedTuple):
    """When ``event`` happens in one of ``sources`` and ``guard`` is None or says yes: go to ``target``, ``action``."""

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
    """The arrows of a table in its order; an unguarded row closes its (state, event) for the rows below it.

    Raises ValueError for a row that no state is left for, and for a (state, event) whose last row asks a question:
    the table holds no dead word and no gap.
    """
    closed: set[tuple[State, type[Event]]] = set()
    asked: set[tuple[State, type[Event]]] = set()
    for place, row in enumerate(table):
        for event in row.event if isinstance(row.event, tuple) else (row.event,):
            left = [source for source in _sources(row) if (source, event) not in closed]
            if not left:
                raise ValueError(f"row {place} ({event.__name__}) can never be reached")
            (closed if row.guard is None else asked).update((source, event) for source in left)
            yield from (Arrow(place, source, event, row.guard, row.target, row.action) for source in left)
    if asked - closed:
        raise ValueError(f"no last word for {sorted((state, event.__name__) for state, event in asked - closed)}")


def _sources(row: Row) -> tuple[State, ...]:
    if isinstance(row.sources, Rest):
        return tuple(State)
    return row.sources if isinstance(row.sources, tuple) else (row.sources,)
