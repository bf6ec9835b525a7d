"""The access token: kept on a shelf that all processes share, fetched by one of them (``stable_token``)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from channels.port import ChannelError, Trouble

EARLY = timedelta(minutes=4)
"""Fetched anew so long before it ends. WeChat renews five minutes early (channels sheet 2): asked before that, it gives
the same token once more, and everybody would ask."""
WAITS, WAIT = 30, 0.1
"""How often, and how many seconds each, one waits for another that is fetching."""
FETCHING = 10
"""Seconds a fetch may take; its mutex ends then, whatever became of its owner."""
FORCED_APART = 86_400 // 20
"""Seconds between two forced fetches: 20 a day are allowed, 30 s apart (channels sheet 2)."""


class Held(msgspec.Struct, frozen=True):
    token: str
    until: datetime


class TokenShelf(Protocol):
    """Where processes share a token; losing it costs a fetch, never a message."""

    async def get(self, name: str) -> tuple[str, datetime] | None: ...
    async def put(self, name: str, token: str, until: datetime) -> None: ...
    async def try_mutex(self, name: str, seconds: int) -> bool:
        """True: nobody else is fetching; ours for so long."""
        ...

    async def release(self, name: str) -> None: ...


Fetch = Callable[[bool], Awaitable[Held]]
"""Asks the provider; True = a new token although the old one still seems good."""


class Tokens:
    def __init__(self, name: str, shelf: TokenShelf, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._name = name
        self._shelf = shelf
        self._fetch = fetch
        self._now = now

    async def current(self) -> str:
        """Raises ChannelError."""
        held = await self._shelf.get(self._name)
        if held is not None and held[1] - self._now() > EARLY:
            return held[0]
        return await self._fetched(held[0] if held else None, force=False)

    async def after(self, dead: str) -> str:
        """What to use once WeChat refused ``dead``: a colleague's newer one, else one fetch. Raises ChannelError.

        The fetch is forced where the day's allowance permits; otherwise WeChat may have renewed the token by itself.
        """
        held = await self._shelf.get(self._name)
        if held is not None and held[0] != dead:
            return held[0]
        return await self._fetched(dead, force=True)

    async def _fetched(self, old: str | None, *, force: bool) -> str:
        for _ in range(WAITS):
            if await self._shelf.try_mutex(self._name, FETCHING):
                return await self._fetch_now(old, force=force)
            await asyncio.sleep(WAIT)
            held = await self._shelf.get(self._name)
            if held is not None and held[0] != old:
                return held[0]
        raise ChannelError(Trouble.TRANSIENT, "NO_TOKEN", "somebody else has been fetching it for too long")

    async def _fetch_now(self, old: str | None, *, force: bool) -> str:
        """We hold the mutex; a colleague may have finished just before."""
        try:
            held = await self._shelf.get(self._name)
            if held is not None and held[0] != old and held[1] > self._now():
                return held[0]
            fresh = await self._fetch(force and await self._shelf.try_mutex(f"{self._name}:forced", FORCED_APART))
            await self._shelf.put(self._name, fresh.token, fresh.until)
            return fresh.token
        finally:
            await self._shelf.release(self._name)
