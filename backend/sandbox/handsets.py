"""All tenants' phones as SMS reaches them: what lies in each inbox, which numbers are dead or switched off."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_MARKS = frozenset({"R", "T", "TD", "退订", "拒收"})
"""By which an owner refuses further SMS, as the whole text (channels sheet 3.3)."""


class Line(StrEnum):
    """What a number is to its carrier."""

    GOOD = "good"
    DEAD = "dead"
    """空号: the receipt says so in a hard word."""
    SLOW = "slow"
    """Delivered, but hours later: the carrier has a queue."""
    OFF = "off"
    """Switched off or out of reach: the carrier gives up after some hours."""


@dataclass(frozen=True)
class Sms:
    """One message taken for a number. ``template`` is the vendor's code.

    ``shown``: it lies on the phone, or will; ``reaches``: from when on, where that is not at once.
    """

    at: datetime
    vendor: str
    phone: str
    template: str
    text: str
    segments: int
    shown: bool
    reaches: datetime | None = None


class Handsets:
    """Shared by both vendors: a tenant has one phone, whoever delivers to it."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._taken: dict[str, list[Sms]] = defaultdict(list)
        self._refused: dict[str, datetime] = {}

    def wire(self, phone: str, line: Line) -> None:
        self._lines[phone] = line

    def line(self, phone: str) -> Line:
        return self._lines.get(phone, Line.GOOD)

    def take(self, sms: Sms) -> None:
        """A vendor took a message for this number."""
        self._taken[sms.phone].append(sms)

    def inbox(self, phone: str, now: datetime | None = None) -> list[Sms]:
        """What this phone shows, oldest first; without ``now`` also what is still on its way to it."""
        shown = (one for one in self._taken.get(phone, ()) if one.shown)
        return [one for one in shown if now is None or one.reaches is None or one.reaches <= now]

    def taken(self) -> Iterator[Sms]:
        """Everything that was ever taken, phone by phone."""
        for messages in self._taken.values():
            yield from messages

    def writes(self, phone: str, text: str, at: datetime) -> None:
        """Its owner writes to a vendor: a mark of refusal, or anything else."""
        if "".join(re.findall(r"[^\W_]", unicodedata.normalize("NFKC", text))).upper() in _MARKS:
            self.refuses(phone, at)

    def refuses(self, phone: str, at: datetime) -> None:
        """Its owner wrote an opt-out mark: from now on no message may be taken for it."""
        self._refused.setdefault(phone, at)

    def count(self, phone: str) -> int:
        """How many messages were ever taken for it."""
        return len(self._taken[phone])

    def refused(self) -> set[str]:
        """Numbers whose owners refused."""
        return set(self._refused)

    def after_refusal(self) -> list[Sms]:
        """What was sent although its owner had refused: a promise broken."""
        return [one for one in self.taken() if one.phone in self._refused and one.at > self._refused[one.phone]]
