"""All promises of a renewal in one list, and how edges and places are held against them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dialogs.exploring import Edge, Place
from tests.dialogs.promises_in_contract import IN_CONTRACT
from tests.dialogs.promises_in_talk import (
    IN_TALK,
    every_event_leaves_a_word,
    people_are_asked_when_wanted,
    whoever_writes_is_answered,
)
from tests.dialogs.promises_in_time import IN_TIME
from tests.dialogs.promises_of_workers import OF_WORKERS

ON_EDGES = (*IN_TALK, *IN_CONTRACT, *IN_TIME)
EVEN_WHEN_IDLE = (whoever_writes_is_answered, every_event_leaves_a_word, people_are_asked_when_wanted)


def broken(edge: Edge) -> Iterator[str]:
    """What this edge breaks, as ``promise: complaint``; nothing when all is well."""
    for promise in EVEN_WHEN_IDLE if edge.idle else ON_EDGES:
        for complaint in promise(edge):
            yield f"{promise.__name__}: {complaint}"


def broken_at(place: Place) -> Iterator[str]:
    """The same for what holds at a place, however it was reached."""
    for promise in OF_WORKERS:
        for complaint in promise(place):
            yield f"{promise.__name__}: {complaint}"
