"""The same edge under other stars: late in the evening, and with every budget a chat window can have left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as replaced
from datetime import timedelta

from msgspec.structs import replace

from dialogs.effects import Say
from dialogs.renewal import Budget
from tests.dialogs.exploring import Edge, Place
from tests.dialogs.happenings import Happening
from tests.dialogs.promises_of_workers import tonight


def by_night(edge: Edge) -> Iterator[tuple[Place, Happening]]:
    """Where something is said that nobody asked for just now: the same at half past nine in the evening."""
    if any(isinstance(one, Say) and one.proactive for one in edge.decision.effects):
        yield edge.before, Happening(edge.event, tonight(edge.at))


def by_budget(edge: Edge) -> Iterator[tuple[Place, Happening]]:
    """Nothing to five messages left, in a window that is open, or was."""
    for left in range(6):
        for closes_at in (edge.at + timedelta(minutes=1), edge.at - timedelta(minutes=1)):
            renewal = replace(edge.before.renewal, budget=Budget(left, closes_at))
            yield replaced(edge.before, renewal=renewal), Happening(edge.event, edge.at)
