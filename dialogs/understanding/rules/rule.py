"""The shape of a row: an intent, what it sounds like, what it must not sound like, and where it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..port import Context


class Rule(NamedTuple):
    """``where`` empty: in every context. ``why`` is the explanation shown to an engineer."""

    intent: str
    sounds: re.Pattern[str]
    why: str
    unless: re.Pattern[str] | None = None
    where: frozenset[Context] = frozenset()
    alternatives: tuple[str, ...] = ()
    topic: str = ""

    def holds(self, words: str, context: Context) -> bool:
        """For words that sound like it: does the row hold here, and does nothing speak against it?"""
        if self.where and context not in self.where:
            return False
        return not (self.unless and self.unless.search(words))


def rule(
    intent: str,
    sounds: str,
    why: str,
    *,
    unless: str = "",
    where: Iterable[Context] = (),
    alternatives: tuple[str, ...] = (),
    topic: str = "",
) -> Rule:
    """A row with its patterns compiled."""
    avoided = re.compile(unless) if unless else None
    return Rule(intent, re.compile(sounds), why, avoided, frozenset(where), alternatives, topic)


def first(words: str, context: Context, rows: Iterable[Rule]) -> Rule | None:
    """The first row that speaks; the order of rows is the order of precedence."""
    for row in rows:
        if row.sounds.search(words) and row.holds(words, context):
            return row
    return None


def speaking(words: str, context: Context, rows: Iterable[Rule]) -> list[Rule]:
    """All rows that speak, in their order."""
    return [row for row in rows if row.sounds.search(words) and row.holds(words, context)]
