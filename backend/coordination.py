"""What processes share through Redis: tokens and wake-up hints. Nothing here guards correctness; losing it slows."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger("xuzu.coordination")

HINTS = "xuzu:hints"
TIMEOUT = 2.0
"""Seconds; a slow Redis is treated as an absent one."""
AGAIN = 1.0
"""Seconds before listening is tried again."""
KEPT = 86_400
"""Seconds after which Redis forgets a token or a rest of a day; whether it still holds is for its reader to say."""
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

Heard = Callable[[Sequence[str]], None]


class Shelf(Protocol):
    async def get(self, name: str) -> tuple[str, datetime] | None: ...
    async def put(self, name: str, token: str, until: datetime) -> None: ...
    async def try_mutex(self, name: str, seconds: int) -> bool: ...
    async def release(self, name: str) -> None: ...


class OwnShelf:
    """In memory: for one process, and for all while Redis is away."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, datetime]] = {}
        self._mutexes: dict[str, float] = {}
        """Name → when it ends by the machine's own clock."""

    async def get(self, name: str) -> tuple[str, datetime] | None:
        return self._held.get(name)

    async def put(self, name: str, token: str, until: datetime) -> None:
        self._held[name] = (token, until)

    async def try_mutex(self, name: str, seconds: int) -> bool:
        now = time.monotonic()
        if self._mutexes.get(name, now) > now:
            return False
        self._mutexes[name] = now + seconds
        return True

    async def release(self, name: str) -> None:
        self._mutexes.pop(name, None)


class RedisShelf:
    """A Redis that does not answer is said once, and this process goes on with a shelf of its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own = OwnShelf()
        self._marks: dict[str, str] = {}
        self._away = False

    async def get(self, name: str) -> tuple[str, datetime] | None:
        raw = await self._try(self._redis.get(f"xuzu:{name}"))
        if raw is None:
            return await self._own.get(name) if self._away else None
        return _token_in(raw)

    async def put(self, name: str, token: str, until: datetime) -> None:
        await self._own.put(name, token, until)
        body = json.dumps([token, until.timestamp()])
        await self._try(self._redis.set(f"xuzu:{name}", body, ex=KEPT))

    async def try_mutex(self, name: str, seconds: int) -> bool:
        mark = secrets.token_hex(8)
        taken = await self._try(self._redis.set(f"xuzu:{name}:mutex", mark, nx=True, px=seconds * 1000))
        if self._away:
            return await self._own.try_mutex(name, seconds)
        if taken:
            self._marks[name] = mark
        return bool(taken)

    async def release(self, name: str) -> None:
        """Only our own mutex: one that ran out may be another process's by now."""
        await self._own.release(name)
        mark = self._marks.pop(name, None)
        if mark is not None:
            await self._try(self._redis.eval(_RELEASE, 1, f"xuzu:{name}:mutex", mark))

    async def _try(self, asking: Awaitable[Any]) -> Any:
        try:
            found = await asking
        except (RedisError, OSError, TimeoutError) as fault:
            if not self._away:
                log.warning("redis does not answer (%s): going on without it", type(fault).__name__)
            self._away = True
            return None
        self._away = False
        return found


def _token_in(raw: str) -> tuple[str, datetime] | None:
    """What nobody of ours has written is nothing."""
    try:
        token, until = json.loads(raw)
        return str(token), datetime.fromtimestamp(until, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


class Together:
    """Several processes over one Redis; one process alone needs nothing of it but an OwnShelf."""

    def __init__(self, url: str) -> None:
        self._me = secrets.token_hex(8)
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, decode_responses=True
        )
        self._ears: Redis = Redis.from_url(url, socket_connect_timeout=TIMEOUT, decode_responses=True)
        self.shelf: Shelf = RedisShelf(self._redis)
        self._tasks: set[asyncio.Task[None]] = set()

    def publish(self, names: Sequence[str]) -> None:
        """Tell the other processes that these lanes were fed. Returns at once."""
        self._start(self._publish(json.dumps([self._me, *names])))

    def listen(self, heard: Heard) -> None:
        """Call ``heard`` for every hint of another process, until closed."""
        self._start(self._listen(heard))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()
        await self._ears.aclose()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, hint: str) -> None:
        try:
            await self._redis.publish(HINTS, hint)
        except (RedisError, OSError, TimeoutError) as fault:
            log.debug("a hint got lost (%s); the poll finds the work", type(fault).__name__)

    async def _listen(self, heard: Heard) -> None:
        while True:
            try:
                async with self._ears.pubsub() as ear:
                    await ear.subscribe(HINTS)
                    async for message in ear.listen():
                        self._pass_on(message, heard)
            except (RedisError, OSError, TimeoutError) as fault:
                log.debug("not listening (%s); trying again", type(fault).__name__)
            await asyncio.sleep(AGAIN)

    def _pass_on(self, message: Any, heard: Heard) -> None:
        """A hint that says nothing to us (a newer version's, perhaps) must not end the listening."""
        if message.get("type") != "message":
            return
        try:
            speaker, *names = json.loads(message["data"])
            if speaker != self._me:
                heard(names)
        except (ValueError, TypeError) as fault:
            log.debug("a hint not understood (%s)", type(fault).__name__)
