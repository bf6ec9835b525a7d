"""All tenants' phones as SMS reaches them: what lies in each inbox, which numbers are dead or switched off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Line(StrEnum):
    """What a number is to its carrier."""

    GOOD = "good"
    DEAD = "dead"
    """空号: the receipt says so in a hard word."""
    OFF = "off"
    """Switched off or out of reach: the carrier gives up after some hours."""


@dataclass(frozen=True)
class Sms:
    """One message taken for a number. ``template`` is the vendor's code; ``shown``: it lies on the phone."""

    at: datetime
    vendor: str
    phone: str
    template: str
    text: str
    segments: int
    shown: bool


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

    def inbox(self, phone: str) -> list[Sms]:
        """What this phone shows, oldest first."""
        return [one for one in self._taken[phone] if one.shown]

    def taken(self) -> Iterator[Sms]:
        """Everything that was ever taken, phone by phone."""
        for messages in self._taken.values():
            yield from messages

    def refuses(self, phone: str, at: datetime) -> None:
        """Its owner wrote an opt-out mark: from now on no message may be taken for it."""
        self._refused.setdefault(phone, at)

    def refused(self) -> set[str]:
        """Numbers whose owners refused."""
        return set(self._refused)

    def after_refusal(self) -> list[Sms]:
        """What was sent although its owner had refused: a promise broken."""
        return [one for one in self.taken() if one.phone in self._refused and one.at > self._refused[one.phone]]
