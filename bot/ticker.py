"""Rings the timers that are due and opens the window once a day: both set-based in the store, both safe to repeat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from backend.db.port import ClaimedTimer, StoreDown, Window
from bot.clock import shanghai_day
from bot.turn import Turns
from dialogs.policy import Policy
from dialogs.reminders import first_due
from dialogs.timers import rung

log = logging.getLogger("xuzu.ticker")

BATCH = 100
LEASE_SECONDS = 60


class Ticker:
    def __init__(self, turns: Turns, operators: Sequence[str], *, poll: float = 1.0) -> None:
        self._turns = turns
        self._operators = operators
        self._poll = poll
        self._scanned: date | None = None
        self._rounds = 0

    @property
    def busy(self) -> int:
        """A round is under way, or today's scan is still to come."""
        return self._rounds or int(self._scanned != shanghai_day(self._turns.clock.now()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._rounds += 1
            try:
                await self.scan()
                rang = await self.ring()
            except StoreDown as down:
                log.warning("ticker: the database does not answer (%s); trying again", down)
                rang = 0
            finally:
                self._rounds -= 1
            if not rang:
                await asyncio.sleep(self._poll)

    async def scan(self) -> int:
        """Open the window for every operator, once a day and at start; how many renewals were opened."""
        now = self._turns.clock.now()
        today = shanghai_day(now)
        if today == self._scanned:
            return 0
        opened = sum([await self._open(operator, today, now) for operator in self._operators])
        self._scanned = today
        return opened

    async def _open(self, operator: str, today: date, now: datetime) -> int:
        policy = self._turns.policies.current(operator)
        tier = policy.tiers[0].name if policy.tiers else ""
        window = Window(today, policy.window_days, _first_dues(policy, today), tier, policy.version)
        count = await self._turns.store.open_window(operator, window, now)
        if count:
            log.info("window of %s: %d renewals opened", operator, count)
        return count

    async def ring(self) -> int:
        """Ring one batch of due timers; how many."""
        timers = await self._turns.store.claim_timers(BATCH, self._turns.clock.now(), LEASE_SECONDS)
        await asyncio.gather(*(self._ring_one(timer) for timer in timers))
        return len(timers)

    async def _ring_one(self, timer: ClaimedTimer) -> None:
        try:
            await self._turns.deliver(timer.renewal_id, rung(timer.kind, timer.tag), timer=timer)
        except StoreDown:
            raise
        except Exception:
            log.exception(
                "timer %s of renewal %s broke; it rings again when its lease ends", timer.kind, timer.renewal_id
            )


def _first_dues(policy: Policy, today: date) -> dict[date, datetime]:
    """For each end date in the window, when its first reminder is due: one look at the calendar a day, not a lease."""
    ends = (today + timedelta(days=offset) for offset in range(policy.window_days + 1))
    return {end: first_due(end, policy, today) for end in ends}
