"""Alipay's notices: signed forms, sent again on its schedule until the answer is exactly ``success``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from .alipay_seal import Seal

RETRIES = tuple(timedelta(minutes=one) for one in (4, 10, 10, 60, 120, 360, 900))
ACK_WITHIN = aiohttp.ClientTimeout(total=5)
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass(eq=False)
class Letter:
    url: str
    body: bytes
    due: datetime
    tries: int = 0


class AlipayPost:
    """Delivers only when ``pump`` is called."""

    def __init__(self, seal: Seal, clock: Callable[[], datetime]) -> None:
        self._seal = seal
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self.waiting: list[Letter] = []
        self.lost = 0
        """So many of the next notices never arrive."""
        self.twice = False

    def write(self, url: str, fields: Mapping[str, str]) -> None:
        if self.lost or not url:
            self.lost = max(0, self.lost - 1)
            return
        letter = Letter(url, self._seal.notice(fields), self._clock())
        self.waiting.append(letter)
        if self.twice:
            self.waiting.append(Letter(letter.url, letter.body, letter.due))

    def next_due(self) -> datetime | None:
        return min((letter.due for letter in self.waiting), default=None)

    async def pump(self) -> int:
        due = [letter for letter in self.waiting if letter.due <= self._clock()]
        for letter in due:
            self.waiting.remove(letter)
            if not await self._taken(letter) and letter.tries < len(RETRIES):
                letter.due, letter.tries = self._clock() + RETRIES[letter.tries], letter.tries + 1
                self.waiting.append(letter)
        return len(due)

    async def _taken(self, letter: Letter) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ACK_WITHIN)
        try:
            async with self._session.post(letter.url, data=letter.body, headers=_FORM) as answer:
                return answer.status == 200 and await answer.read() == b"success"
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
