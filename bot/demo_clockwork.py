"""Plays time: moves the clock to the next moment at which anybody has something to do, then waits until all is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.clock import set_clock

QUIET_TRIES = 4000
"""Bound on waiting for the server to come to rest at one instant."""
STEP_MIN = timedelta(seconds=1)

Pump = Callable[[], Awaitable[int]]
NextAt = Callable[[], datetime | None]


class NeverQuiet(RuntimeError):
    """The server did not come to rest: something works in circles. The text says what was still due."""


class Clockwork:
    """``pumps`` deliver what partners and people have due now; ``nexts`` say when each has something due again."""

    def __init__(
        self, path: Path, start: datetime, ready_url: str, pumps: Sequence[Pump], nexts: Sequence[NextAt]
    ) -> None:
        self.now = start
        self._path = path
        self._ready_url = ready_url
        self._pumps = pumps
        self._nexts = nexts
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        set_clock(path, start)

    async def close(self) -> None:
        await self._session.close()

    async def play(self, until: datetime, tick: Callable[[datetime], None]) -> None:
        """Run everything up to ``until``; ``tick`` is told of each instant that was played."""
        while self.now < until:
            following = await self.settle()
            moments = [one for one in (following, *(at() for at in self._nexts)) if one is not None]
            self.now = min(until, max(min(moments, default=until), self.now + STEP_MIN))
            set_clock(self._path, self.now)
            tick(self.now)
        await self.settle()

    async def settle(self) -> datetime | None:
        """Wait until nothing is due at this instant; when the server next has something due. Raises NeverQuiet."""
        state: dict[str, Any] = {}
        for _ in range(QUIET_TRIES):
            moved = sum([await pump() for pump in self._pumps])
            state = await self._ready()
            if not moved and state.get("ready") and not _busy(state):
                following = state["next_due"]
                return datetime.fromisoformat(following) if following else None
            await asyncio.sleep(0.004)
        raise NeverQuiet(f"at {self.now.isoformat()}: {state}")

    async def _ready(self) -> dict[str, Any]:
        try:
            async with self._session.get(self._ready_url) as answer:
                found: dict[str, Any] = await answer.json()
                return found
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(0.05)
            return {}


def _busy(state: dict[str, Any]) -> bool:
    return bool(state["due_effects"] or state["due_timers"] or state["in_hand"])
