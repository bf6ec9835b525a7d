"""All promises of a renewal in one list, and how edges and places are held against them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dialogs import promises_in_contract as contract
from tests.dialogs import promises_in_talk as talk
from tests.dialogs import promises_in_time as time
from tests.dialogs import promises_of_reach as reach
from tests.dialogs import promises_of_workers as workers
from tests.dialogs.duties_of_time import owed
from tests.dialogs.exploring import Edge, Place

ON_WISHES = (*talk.ON_WISHES, *contract.ON_WISHES)
"""Speak of what is wished: nothing to ask where nothing is."""
ON_MOVES = (*talk.ON_MOVES, *contract.ON_MOVES, *time.ON_MOVES, *reach.ON_MOVES)
"""Hold by themselves where nothing moved."""


def broken(edge: Edge) -> Iterator[str]:
    """What this edge breaks, as ``promise: complaint``; nothing when all is well."""
    wished = ON_WISHES if edge.decision.effects else ()
    for promise in (*talk.ON_WORDS, *wished, *(() if edge.idle else ON_MOVES)):
        for complaint in promise(edge):
            yield f"{promise.__name__}: {complaint}"
    yield from owed(edge)


def broken_at(place: Place) -> Iterator[str]:
    """The same for what holds at a place, however it was reached."""
    for promise in workers.AT_PLACES:
        for complaint in promise(place):
            yield f"{promise.__name__}: {complaint}"
