"""Wake-up hints: after a commit the lanes it fed look at once instead of at their next poll. Never more than a hint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from dialogs.effects import Lane


class Wakeups:
    """One asyncio event a lane; ``also`` passes the hint on to other processes (Redis publish)."""

    def __init__(self, also: Callable[[Iterable[Lane]], None] | None = None) -> None:
        self._bells = {lane: asyncio.Event() for lane in Lane}
        self._also = also

    def wake(self, lanes: set[Lane]) -> None:
        self.ring(lanes)
        if self._also is not None and lanes:
            self._also(lanes)

    def ring(self, lanes: Iterable[Lane]) -> None:
        """Wake this process only (a hint that came from another one)."""
        for lane in lanes:
            self._bells[lane].set()

    async def wait(self, lane: Lane, seconds: float) -> None:
        """Until the lane is woken, or ``seconds`` have passed."""
        bell = self._bells[lane]
        try:
            await asyncio.wait_for(bell.wait(), seconds)
        except TimeoutError:
            return
        finally:
            bell.clear()
