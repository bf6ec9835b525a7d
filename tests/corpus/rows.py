"""Labelled messages: how their files are read, and when an answer counts as right (the label guide's scoring)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.understanding import Line, before
from dialogs.understanding.port import Context, Understood
from dialogs.understanding.recognise import understand

HERE = Path(__file__).parent
SAMPLE, HELD_OUT, TRAINING = HERE / "sample.tsv", HERE / "heldout.tsv", HERE / "training"
ACTS = frozenset({"choose", "confirm"})


class Row(NamedTuple):
    """One message with the label that a careful housekeeper would give."""

    id: str
    context: Context
    text: str
    intent: str
    slots: dict[str, int | str]
    notes: tuple[str, ...]

    @property
    def allowed(self) -> frozenset[str]:
        return frozenset({self.intent, *(note[4:] for note in self.notes if note.startswith("alt="))})


class Heard(NamedTuple):
    """A row and what was made of it."""

    row: Row
    said: Understood

    @property
    def right(self) -> bool:
        return self.said.intent in self.row.allowed

    @property
    def acts_falsely(self) -> bool:
        """``choose`` or ``confirm`` where neither is allowed, or another option than the one meant."""
        if self.said.intent == self.row.intent == "choose":
            return self.said.slots != self.row.slots
        return self.said.intent in ACTS and not ACTS & self.row.allowed

    @property
    def slots_count(self) -> bool:
        return self.said.intent == self.row.intent

    @property
    def slots_right(self) -> bool:
        names = self.row.slots.keys()
        return self.said.slots.keys() == names and all(self._same(name) for name in names)

    def _same(self, name: str) -> bool:
        """With the guide's two easings: a time may be longer or shorter, a reason may be the other one."""
        said, meant = self.said.slots[name], self.row.slots[name]
        if name == "when":
            one, other = str(said).replace(" ", ""), str(meant).replace(" ", "")
            return bool(one) and (one in other or other in one)
        return said == meant or f"alt_reason={said}" in self.row.notes


def read(path: Path) -> list[Row]:
    """The rows of one file; columns as in the label guide."""
    return list(_rows(path))


def training() -> list[Row]:
    """All rows that rules and weights may be made from."""
    return [row for path in sorted(TRAINING.glob("*.tsv")) for row in _rows(path)]


def hear(row: Row) -> Heard:
    return Heard(row, understand(row.text, row.context, before(Line("", row.context, row.text))))


def _rows(path: Path) -> Iterator[Row]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, context, text, intent, slots, note = line.split("\t")
        if name != "id":
            notes = tuple(part for part in note.split("; ") if part)
            yield Row(name, Context(context), text, intent, json.loads(slots), notes)
