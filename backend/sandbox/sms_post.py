"""A vendor's pushes to us, by the clock: retried after 1, 5 and 10 minutes until one is answered as it must be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=10))
"""Aliyun's; taken for both. Another page of the same vendor says up to ten tries: confirm with the provider."""
ACK_WITHIN = aiohttp.ClientTimeout(total=5)
AWAY_SECONDS = 0.5
"""Real seconds between looks at a server that is starting; the try is not counted."""


@dataclass(eq=False)
class Letter:
    url: str
    body: object
    due: datetime
    tries: int = 0


class PostRoom:
    """Delivers only when ``deliver_pending`` is called: the clock belongs to whoever plays the vendor."""

    def __init__(self, clock: Callable[[], datetime], acknowledged: Callable[[object], bool]) -> None:
        self._clock = clock
        self._acknowledged = acknowledged
        self._waiting: list[Letter] = []
        self._session: aiohttp.ClientSession | None = None
        self.given_up = 0

    def write(self, url: str, body: object, due: datetime) -> None:
        self._waiting.append(Letter(url, body, due))

    def next_due(self) -> datetime | None:
        return min((one.due for one in self._waiting), default=None)

    async def deliver_pending(self) -> int:
        """Each letter that is due, once; how many were tried."""
        now = self._clock()
        due = sorted((one for one in self._waiting if one.due <= now), key=lambda one: one.due)
        self._waiting = [one for one in self._waiting if one.due > now]
        for letter in due:
            await self._deliver(letter)
        return len(due)

    async def say(self, url: str, body: object) -> bool:
        """One push now, tried again at once a few times: was it acknowledged?"""
        for _ in range(len(RETRIES) + 1):
            if await self._send(url, body):
                return True
        return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, letter: Letter) -> None:
        if await self._send(letter.url, letter.body):
            return
        if letter.tries == len(RETRIES):
            self.given_up += 1
            return
        letter.due = self._clock() + RETRIES[letter.tries]
        letter.tries += 1
        self._waiting.append(letter)

    async def _send(self, url: str, body: object) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ACK_WITHIN)
        raw = json.dumps(body, ensure_ascii=False).encode()
        try:
            async with self._session.post(url, data=raw, headers={"Content-Type": "application/json"}) as answer:
                return answer.status == 200 and self._acknowledged(await answer.json())
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(AWAY_SECONDS)
            return False
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
