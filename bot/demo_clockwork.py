"""Plays time: moves the clock to the next moment at which anybody has something to do, then waits for quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from bot.browsing import Unanswered
from bot.clock import set_clock

QUIET_TRIES = 6000
"""Bound on waiting for the server to come to rest at one instant."""
STEP_MIN = timedelta(seconds=1)
PAUSE = 0.004


class Player(Protocol):
    """Somebody in the demo who acts by the clock: tenants, staff, partners."""

    async def pump(self, now: datetime) -> int:
        """Do what is due now; how much was done. Raises Unanswered when the server is away."""
        ...

    async def look(self, now: datetime) -> None:
        """All is quiet: see what is new and plan. Raises Unanswered."""
        ...

    def next_at(self) -> datetime | None: ...


class NeverQuiet(RuntimeError):
    """The server did not come to rest: something works in circles. The text says what was still due."""


class Clockwork:
    def __init__(self, path: Path, start: datetime, ready_url: str, players: Sequence[Player]) -> None:
        self.now = start
        self.instants = 0
        self._path = path
        self._ready_url = ready_url
        self._players = players
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        self._moved = asyncio.Event()
        set_clock(path, start)

    async def reached(self, instant: int) -> None:
        """Until so many instants were played."""
        while self.instants < instant:
            await self._moved.wait()

    async def close(self) -> None:
        await self._session.close()

    async def play(self, until: datetime, tick: Callable[[datetime], Awaitable[bool]]) -> None:
        """Run everything up to ``until``, or until ``tick``, told of each instant once it is quiet, says it is over."""
        while self.now < until:
            following = await self.settle()
            self.instants += 1
            self._moved.set()
            self._moved = asyncio.Event()
            if await tick(self.now):
                return
            moments = [one for one in (following, *(player.next_at() for player in self._players)) if one is not None]
            self.now = min(until, max(min(moments, default=until), self.now + STEP_MIN))
            set_clock(self._path, self.now)

    async def following(self) -> datetime | None:
        """When the server or anybody else next has something due; None while it does not answer and nobody has."""
        said = (await self._ready()).get("next_due")
        theirs = datetime.fromisoformat(said) if said else None
        moments = (theirs, *(player.next_at() for player in self._players))
        return min((one for one in moments if one is not None), default=None)

    async def settle(self) -> datetime | None:
        """Wait until nothing is due at this instant; when the server next has something due. Raises NeverQuiet.

        The server's own work of an instant comes first, then everybody else's: the same seed plays the same.
        """
        state: dict[str, Any] = {}
        for _ in range(QUIET_TRIES):
            state = await self._ready()
            if not state.get("ready") or _busy(state):
                await asyncio.sleep(PAUSE)
            elif not await self._pump() and await self._look():
                following = state["next_due"]
                return datetime.fromisoformat(following) if following else None
        raise NeverQuiet(f"at {self.now.isoformat()}: {state}")

    async def _pump(self) -> int:
        moved = 0
        for player in self._players:
            try:
                moved += await player.pump(self.now)
            except Unanswered:
                moved += 1
                await asyncio.sleep(0.05)
        return moved

    async def _look(self) -> bool:
        try:
            for player in self._players:
                await player.look(self.now)
        except Unanswered:
            await asyncio.sleep(0.05)
            return False
        return True

    async def _ready(self) -> dict[str, Any]:
        try:
            async with self._session.get(self._ready_url) as answer:
                found: dict[str, Any] = await answer.json()
                return found
        except (aiohttp.ClientError, TimeoutError, ValueError):
            await asyncio.sleep(0.05)
            return {}


def _busy(state: dict[str, Any]) -> bool:
    return bool(state["due_effects"] or state["due_timers"] or state["in_hand"])
