"""WeChat Pay's callbacks: signed, sealed, delivered and retried on the provider's schedule (providers sheet 2.3)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from .wechatpay_faults import Post, Troubles
from .wechatpay_seal import MerchantAccount, PlatformKey, canonical

RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
)
"""Waiting time before each next delivery: 15 more, 24 h 4 min in all."""
ACK_WITHIN = aiohttp.ClientTimeout(total=5)
LATE_BY = timedelta(hours=1)
PROBE_SIGNATURE = "WECHATPAY/SIGNTEST/RmFrZVNpZ25hdHVyZQ=="


@dataclass(eq=False)
class Letter:
    """One callback under way; ``forged``: its sender is not the provider."""

    url: str
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

    def __init__(
        self, account: MerchantAccount, clock: Callable[[], datetime], troubles: Troubles[Post], seed: int
    ) -> None:
        self._account = account
        self._clock = clock
        self._troubles = troubles
        self._random = random.Random(seed)
        self._stranger = PlatformKey("FORGED")
        self._session: aiohttp.ClientSession | None = None
        self.shuffled = False
        """Deliver what is due in a random order instead of by age."""
        self.waiting: list[Letter] = []
        self.counts = PostCounts()

    def write(self, url: str, event_type: str, resource: Mapping[str, object]) -> None:
        """Queue one callback, with whatever trouble is drawn for it."""
        now = self._clock()
        original = event_type.split(".", maxsplit=1)[0].lower()
        fields = {
            "id": str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "create_time": now.isoformat(timespec="seconds"),
            "event_type": event_type,
            "resource_type": "encrypt-resource",
            "resource": {**self._account.seal(canonical(resource), original), "original_type": original},
        }
        body = canonical(fields)
        trouble = self._troubles.draw(f"{event_type} {resource.get('out_trade_no', '')}")
        if trouble is Post.LOST:
            self.counts.lost += 1
            return
        if trouble is Post.FORGED:
            self.waiting.append(Letter(url, body, now, forged=True))
        self.waiting.append(Letter(url, body, now + LATE_BY if trouble is Post.LATE else now))
        if trouble is Post.TWICE:
            self.waiting.append(Letter(url, body, now))

    def next_due(self) -> datetime | None:
        return min((letter.due for letter in self.waiting), default=None)

    async def pump(self, key: PlatformKey) -> int:
        """Deliver each letter that is due at the clock, once; how many were tried."""
        now = self._clock()
        due = sorted((letter for letter in self.waiting if letter.due <= now), key=lambda letter: letter.due)
        if self.shuffled:
            self._random.shuffle(due)
        tried = 0
        for letter in due:
            if letter in self.waiting:  # else another pump took it while we waited for an answer
                self.waiting.remove(letter)
                await self._deliver(letter, key)
                tried += 1
        return tried

    async def probe(self, url: str, key: PlatformKey) -> int | None:
        """The provider's signature test: the status answered, which has to be 4xx or 5xx."""
        body = canonical({"probe": True})
        return await self._send(url, body, {**key.headers(body, self._clock()), "Wechatpay-Signature": PROBE_SIGNATURE})

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, letter: Letter, key: PlatformKey) -> None:
        if letter.forged:
            headers = {**self._stranger.headers(letter.body, self._clock()), "Wechatpay-Serial": key.serial}
            believed = await self._send(letter.url, letter.body, headers) in (200, 204)
            self.counts.forged_believed += believed
            self.counts.forged_refused += not believed
            return
        status = await self._send(letter.url, letter.body, key.headers(letter.body, self._clock()))
        if status in (200, 204):
            self.counts.acknowledged += 1
            return
        self.counts.failed += 1
        if letter.tries >= len(RETRIES):
            self.counts.given_up += 1
            return
        letter.due = max(letter.due, self._clock()) + RETRIES[letter.tries]
        letter.tries += 1
        self.waiting.append(letter)

    async def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
        """The status, or None when nobody answered within five seconds."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ACK_WITHIN)
        sent = {**headers, "Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
        try:
            async with self._session.post(url, data=body, headers=sent) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None
