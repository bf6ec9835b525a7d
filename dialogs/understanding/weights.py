"""The linear judge among the intents that are no acts: a table of small whole numbers, one row for each feature."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

FILE = "weights.txt"
"""Made by ``make fit``; read once, a constant of the release like any table of the rules."""


class Head(msgspec.Struct, frozen=True):
    """First line of the file. ``scale``: what one unit of a weight is worth; ``stamp``: of what it was made from."""

    classes: tuple[str, ...]
    scale: float
    bias: tuple[float, ...]
    stamp: str


class Likely(NamedTuple):
    intent: str
    probability: float


class Weights:
    """Reads a message's features as a ballot; no feature it does not know has a say."""

    def __init__(self, text: str) -> None:
        head, *rows = text.splitlines()
        self.head = msgspec.json.decode(head, type=Head)
        self._rows = dict(_row(row) for row in rows)

    def judge(self, features: Iterable[str]) -> list[Likely]:
        """Every intent it knows, the likeliest first; probabilities add up to one."""
        known = [row for one in features if (row := self._rows.get(one)) is not None]
        length = math.sqrt(len(known)) or 1.0
        sums = [sum(column) for column in zip(*known, strict=True)] or [0] * len(self.head.bias)
        scores = [bias + total * self.head.scale / length for bias, total in zip(self.head.bias, sums, strict=True)]
        return sorted(_shares(self.head.classes, scores), key=lambda one: -one.probability)

    def strongest(self, features: Iterable[str], intent: str, count: int = 3) -> list[str]:
        """The features that spoke loudest for an intent, for the explanation."""
        place = self.head.classes.index(intent)
        known = [(row[place], one) for one in features if (row := self._rows.get(one)) is not None]
        return [one for weight, one in sorted(known, reverse=True)[:count] if weight > 0]


@cache
def shipped() -> Weights:
    """The table of this release."""
    return Weights(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def written(head: Head, rows: dict[str, tuple[int, ...]]) -> str:
    """The file's text; weights are -127 to 127."""
    lines = [msgspec.json.encode(head).decode()]
    for feature, weights in sorted(rows.items()):
        signed = bytes(weight & 0xFF for weight in weights)
        lines.append(f"{feature}\t{base64.b85encode(signed).decode()}")
    return "\n".join(lines) + "\n"


def _row(line: str) -> tuple[str, tuple[int, ...]]:
    feature, _, encoded = line.rpartition("\t")
    return feature, tuple(one - 256 if one > 127 else one for one in base64.b85decode(encoded))


def _shares(classes: tuple[str, ...], scores: list[float]) -> list[Likely]:
    top = max(scores)
    raised = [math.exp(score - top) for score in scores]
    whole = sum(raised)
    return [Likely(intent, one / whole) for intent, one in zip(classes, raised, strict=True)]
