"""Asks the partners about open envelopes and orders now and then: a lost callback costs minutes, never a renewal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from backend.db.port import StoreDown
from bot.clock import Clock
from bot.partners import Partners

log = logging.getLogger("xuzu.poller")

EVERY = timedelta(minutes=20)


class Poller:
    def __init__(self, partners: Partners, operators: Sequence[str], clock: Clock, *, poll: float = 1.0) -> None:
        self._partners = partners
        self._operators = operators
        self._clock = clock
        self._poll = poll
        self._last = datetime.min.replace(tzinfo=UTC)
        self._rounds = 0

    @property
    def busy(self) -> int:
        """A round is due or under way."""
        return self._rounds or int(self._is_due())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._is_due():
                await self.round()
            await asyncio.sleep(self._poll)

    async def round(self) -> None:
        self._rounds += 1
        self._last = self._clock.now()
        try:
            for operator in self._operators:
                await self._partners.poll(operator)
        except StoreDown as down:
            log.warning("poller: the database does not answer (%s)", down)
        finally:
            self._rounds -= 1

    def _is_due(self) -> bool:
        return self._clock.now() - self._last >= EVERY
