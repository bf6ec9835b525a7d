"""The eight characters an SMS carries where it may carry no link: easy to type, forgiving to read, slow to guess."""

from __future__ import annotations

import secrets
import unicodedata
from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of each pair that look alike only one is ever made; reading takes the other for it."""

LENGTH = 8
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": None, "-": None, "\t": None})
_TYPED_MAX = 32


def new_code() -> str:
    """40 random bits as eight characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str | None:
    """What was meant: capitals, spaces, full-width signs and look-alikes are forgiven. None: it cannot be a code."""
    if len(typed) > _TYPED_MAX:
        return None
    code = unicodedata.normalize("NFKC", typed).strip().upper().translate(_LOOK_ALIKES)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


class Tries:
    """At most ``limit`` tries within ``span`` for each key, in this process; at most ``keys_max`` keys are kept."""

    def __init__(self, limit: int, span: timedelta, keys_max: int = 10_000) -> None:
        self._limit = limit
        self._span = span
        self._keys_max = keys_max
        self._tried: dict[Hashable, deque[datetime]] = {}

    def take(self, key: Hashable, now: datetime) -> bool:
        """False: too many; a refused try does not count."""
        tried = self._tried.pop(key, None) or deque()
        while tried and tried[0] <= now - self._span:
            tried.popleft()
        allowed = len(tried) < self._limit
        if allowed:
            tried.append(now)
        self._tried[key] = tried
        if len(self._tried) > self._keys_max:
            del self._tried[next(iter(self._tried))]
        return allowed
