"""All promises of a renewal in one list, and how an edge is held against them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dialogs.exploring import Edge
from tests.dialogs.promises_in_contract import IN_CONTRACT
from tests.dialogs.promises_in_talk import IN_TALK
from tests.dialogs.promises_in_time import IN_TIME

PROMISES = (*IN_TALK, *IN_CONTRACT, *IN_TIME)


def broken(edge: Edge) -> Iterator[str]:
    """What this edge breaks, as ``promise: complaint``; nothing when all is well."""
    for promise in PROMISES:
        for complaint in promise(edge):
            yield f"{promise.__name__}: {complaint}"
