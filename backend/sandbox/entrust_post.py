"""The v2 notices: signed XML, retried on the provider's schedule until the XML ack (providers sheet 2.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from .entrust_seal import Seal, read

RETRIES = tuple(timedelta(seconds=one) for one in (0, 15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600))
ACK_WITHIN = aiohttp.ClientTimeout(total=5)


@dataclass(eq=False)
class Letter:
    url: str
    body: bytes
    due: datetime
    tries: int = 0


class V2Post:
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
        if self.lost:
            self.lost -= 1
            return
        letter = Letter(url, self._seal.write(fields, "HMAC-SHA256"), self._clock())
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
            async with self._session.post(letter.url, data=letter.body, headers={"Content-Type": "text/xml"}) as answer:
                return answer.status == 200 and read(await answer.read()).get("return_code") == "SUCCESS"
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
