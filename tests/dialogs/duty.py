"""What a duty is: asked of an edge, it says in words what was owed there and not done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.dialogs.exploring import Edge

Duty = Callable[[Edge], Iterator[str]]


def must(holds: bool, owed: str) -> Iterator[str]:
    if not holds:
        yield f"owed and not done: {owed}"
