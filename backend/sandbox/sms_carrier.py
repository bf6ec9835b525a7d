"""The carriers behind both vendors: what becomes of a message that was taken, and when the receipt tells of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .handsets import Handsets, Line, Sms
from .sms_faults import Post
from .wechatpay_faults import Troubles

WORDS = {Line.GOOD: "DELIVRD", Line.SLOW: "DELIVRD", Line.DEAD: "MK:0001", Line.OFF: "EXPIRED"}
GIVES_UP = timedelta(hours=4)
"""After so long a switched-off phone is given up. Confirm with the carriers."""
SLOW_SECONDS = (3600, 3 * 3600)
SOON_SECONDS = (2, 90)
LATE_BY = timedelta(hours=3)
AGAIN_AFTER = timedelta(minutes=7)
SEGMENT, PART = 70, 67


@dataclass(frozen=True)
class Template:
    """An approved text with ``${name}`` or ``{1}`` in it. ``code``: it carries passcodes and has caps of its own."""

    text: str
    code: bool = False

    @property
    def variables(self) -> list[str]:
        return re.findall(r"\$?\{(\w+)\}", self.text)

    def filled(self, values: dict[str, str]) -> str:
        return re.sub(r"\$?\{(\w+)\}", lambda found: values[found.group(1)], self.text)


@dataclass(frozen=True)
class Outcome:
    """What a receipt will say, and when the carrier knew it."""

    delivered: bool
    word: str
    at: datetime


class Carrier:
    """One vendor's way to the phones."""

    def __init__(
        self, vendor: str, handsets: Handsets, clock: Callable[[], datetime], post: Troubles[Post], seed: int
    ) -> None:
        self._vendor = vendor
        self._handsets = handsets
        self._clock = clock
        self._post = post
        self._seed = seed

    def submit(self, phone: str, template: str, text: str) -> tuple[Outcome, list[datetime]]:
        """The message is taken; what becomes of it, and when its receipt is pushed (never, once, or twice)."""
        now, line = self._clock(), self._handsets.line(phone)
        outcome = Outcome(line in (Line.GOOD, Line.SLOW), WORDS[line], now + self._takes(line, phone))
        reaches = outcome.at if line is Line.SLOW else None
        sms = Sms(now, self._vendor, phone, template, text, segments(text), outcome.delivered, reaches)
        self._handsets.take(sms)
        return outcome, _pushes(outcome.at, self._post.draw(f"{phone} {template}"))

    def _takes(self, line: Line, phone: str) -> timedelta:
        """Drawn by the phone and how much it took before: the same, whatever else is sent meanwhile."""
        if line is Line.OFF:
            return GIVES_UP
        span = SLOW_SECONDS if line is Line.SLOW else SOON_SECONDS
        return timedelta(seconds=random.Random(f"{self._seed}:{phone}:{self._handsets.count(phone)}").randint(*span))


def _pushes(known: datetime, trouble: Post | None) -> list[datetime]:
    if trouble is Post.LOST:
        return []
    first = known + (LATE_BY if trouble is Post.LATE else timedelta())
    return [first, first + AGAIN_AFTER] if trouble is Post.TWICE else [first]


def segments(text: str) -> int:
    """70 characters are one; longer ones are cut into parts of 67 (channels sheet 3.3)."""
    return 1 if len(text) <= SEGMENT else (len(text) + PART - 1) // PART
