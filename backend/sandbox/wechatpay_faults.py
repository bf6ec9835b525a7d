"""The bad days of WeChat Pay: drawn from a seed, or ordered one by one by a test."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar


class Fault(StrEnum):
    """What may go wrong with one call."""

    BUSY = "busy"
    """503, nothing was done."""
    THROTTLED = "throttled"
    """429, nothing was done."""
    BROKEN_AFTER = "broken_after"
    """500 SYSTEM_ERROR, although it was done."""
    RESET_AFTER = "reset_after"
    """The connection is cut after it was done."""
    SILENT_AFTER = "silent_after"
    """No answer ever, although it was done; ends when the caller hangs up or after a minute."""
    BAD_SIGNATURE = "bad_signature"
    """Done and answered 2xx, but the signature is another body's."""
    CUT_SHORT = "cut_short"
    """Done, signed and answered, but half the JSON is missing."""


class Post(StrEnum):
    """What may happen to one callback on its way."""

    TWICE = "twice"
    LOST = "lost"
    LATE = "late"
    """Its first delivery comes an hour after the fact."""
    FORGED = "forged"
    """Somebody else's copy, signed with a wrong key, arrives before the true one."""


_F = TypeVar("_F", bound=StrEnum)


class Troubles(Generic[_F]):
    """``rates`` = probability of each, adding up to at most 1; ``next`` puts certain ones first."""

    def __init__(self, rates: Mapping[_F, float] | None = None, seed: int = 0) -> None:
        self._rates = dict(rates or {})
        if sum(self._rates.values()) > 1:
            raise ValueError("rates add up to more than 1")
        self._seed = seed
        self._ordered: deque[_F | None] = deque()
        self._drawn: Counter[str] = Counter()

    def plague(self, rates: Mapping[_F, float]) -> None:
        """From now on these are drawn."""
        if sum(rates.values()) > 1:
            raise ValueError("rates add up to more than 1")
        self._rates = dict(rates)

    def next(self, *faults: _F | None) -> None:
        self._ordered.extend(faults)

    def ordered(self) -> _F | None:
        """Only what a test has put first; nothing is drawn."""
        return self._ordered.popleft() if self._ordered else None

    def draw(self, about: str = "") -> _F | None:
        """What befalls the next call ``about`` something: the same, however calls about other things fall between."""
        if self._ordered:
            return self.ordered()
        self._drawn[about] += 1
        mark = random.Random(f"{self._seed}:{about}:{self._drawn[about]}").random()
        for fault, rate in self._rates.items():
            mark -= rate
            if mark < 0:
                return fault
        return None
