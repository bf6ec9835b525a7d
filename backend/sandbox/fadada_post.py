"""Fadada's callbacks: signed forms, delivered and retried after 3 min, 30 min and 8 h, then never again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import aiohttp

from .fadada_faults import Post
from .fadada_gate import seal
from .wechatpay_faults import Troubles

RETRIES = (timedelta(minutes=3), timedelta(minutes=30), timedelta(hours=8))
ACK_WITHIN = aiohttp.ClientTimeout(total=3)
LATE_BY = timedelta(hours=1)
ACK_LIMIT = 64 * 1024


@dataclass
class Letter:
    """One callback under way. A retry is the same letter: whether the provider dates it anew is undocumented."""

    url: str
    headers: dict[str, str]
    body: bytes
    due: datetime
    tries: int = 0
    forged: bool = False


@dataclass
class PostCounts:
    acknowledged: int = 0
    failed: int = 0
    given_up: int = 0
    lost: int = 0
    forged_refused: int = 0
    forged_believed: int = 0


class PostOffice:
    """Delivers only when ``pump`` is called: the clock belongs to whoever plays the provider."""

    def __init__(self, app_id: str, app_secret: str, clock: Callable[[], datetime], troubles: Troubles[Post]) -> None:
        self._app_id = app_id
        self._secret = app_secret
        self._clock = clock
        self._troubles = troubles
        self._random = random.Random(app_id)
        self._session: aiohttp.ClientSession | None = None
        self.shuffled = False
        """Deliver what is due newest first: ``finished`` before ``signed``."""
        self.waiting: list[Letter] = []
        self.counts = PostCounts()

    def write(self, url: str, event: str, biz: str) -> None:
        """Queue one callback, with whatever trouble is drawn for it. ``biz``: JSON text."""
        now, key = self._clock(), json.loads(biz).get("transReferenceId", "")
        trouble = self._troubles.draw(f"{event} {key}")
        if trouble is Post.LOST:
            self.counts.lost += 1
            return
        body = b"bizContent=" + quote_plus(biz).encode()
        letter = Letter(url, self._signed(event, biz, now), body, now)
        if trouble is Post.FORGED:
            self.waiting.append(Letter(url, _flipped(letter.headers), body, now, forged=True))
        if trouble is Post.LATE:
            letter.due = now + LATE_BY
        self.waiting.append(letter)
        if trouble is Post.TWICE:
            self.waiting.append(Letter(url, letter.headers, body, now))

    def next_due(self) -> datetime | None:
        return min((letter.due for letter in self.waiting), default=None)

    async def pump(self) -> int:
        """Deliver each letter that is due at the clock, once; how many were tried."""
        now = self._clock()
        due = sorted((letter for letter in self.waiting if letter.due <= now), key=lambda letter: letter.due)
        self.waiting = [letter for letter in self.waiting if letter.due > now]
        for letter in reversed(due) if self.shuffled else due:
            await self._deliver(letter)
        return len(due)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _signed(self, event: str, biz: str, now: datetime) -> dict[str, str]:
        headers = {
            "X-FASC-App-Id": self._app_id,
            "X-FASC-Sign-Type": "HMAC-SHA256",
            "X-FASC-Timestamp": str(round(now.timestamp() * 1000)),
            "X-FASC-Nonce": self._random.randbytes(16).hex(),
            "X-FASC-Event": event,
        }
        sign = seal(self._secret, headers["X-FASC-Timestamp"], {**headers, "bizContent": biz})
        return {**headers, "X-FASC-Sign": sign, "Content-Type": "application/x-www-form-urlencoded"}

    async def _deliver(self, letter: Letter) -> None:
        heard = await self._send(letter)
        if letter.forged:
            self.counts.forged_believed += heard
            self.counts.forged_refused += not heard
            return
        if heard:
            self.counts.acknowledged += 1
            return
        self.counts.failed += 1
        if letter.tries >= len(RETRIES):
            self.counts.given_up += 1
            return
        letter.due = max(letter.due, self._clock()) + RETRIES[letter.tries]
        letter.tries += 1
        self.waiting.append(letter)

    async def _send(self, letter: Letter) -> bool:
        """Acknowledged: HTTP 200 and ``success`` in the body, within three seconds."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ACK_WITHIN)
        try:
            async with self._session.post(letter.url, data=letter.body, headers=letter.headers) as answer:
                return answer.status == 200 and b"success" in await answer.content.read(ACK_LIMIT)
        except (aiohttp.ClientError, TimeoutError):
            return False


def _flipped(headers: dict[str, str]) -> dict[str, str]:
    sign = headers["X-FASC-Sign"]
    return {**headers, "X-FASC-Sign": ("0" if sign[0] != "0" else "1") + sign[1:]}
