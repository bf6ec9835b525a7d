"""Carries out effects after the commit: claim a batch, ask the rules once more, call the hand, settle in one turn."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from backend.db.port import ClaimedEffect, Store, Stored, StoreDown, Words
from bot.clock import Clock
from bot.turn import Turns
from bot.wakeups import Wakeups
from dialogs.effects import Effect, Lane
from dialogs.events import AnyEvent
from dialogs.machine import Moot, Wait, still_wanted

log = logging.getLogger("xuzu.dispatcher")

BACKOFF = (2, 8, 30, 120, 600, 1800, 3600)
"""Seconds before each next try; the last one repeats."""
UNCONNECTED = 3600
"""Seconds until an effect whose provider is not configured is looked at again."""
LANE_LIMITS = {Lane.CHAT: 16, Lane.DESK: 16, Lane.LEDGER: 16, Lane.ESIGN: 8, Lane.PAY: 8, Lane.LOCK: 4}


class Job(msgspec.Struct, frozen=True):
    """What a hand gets: the claim, the row as it is now, and the instant."""

    claim: ClaimedEffect
    stored: Stored
    now: datetime


class Done(msgspec.Struct, frozen=True):
    """It happened: the event to tell the renewal (or nothing), what was said, a note for the record."""

    event: AnyEvent | None = None
    words: tuple[Words, ...] = ()
    note: str = ""


class Later(Exception):
    """Not now. ``unsure``: it may have happened. ``tell``: an event to deliver meanwhile. ``dead``: people only."""

    def __init__(
        self,
        why: str,
        *,
        unsure: bool = False,
        dead: bool = False,
        tell: AnyEvent | None = None,
        seconds: int | None = None,
    ) -> None:
        super().__init__(why)
        self.unsure = unsure
        self.dead = dead
        self.tell = tell
        self.seconds = seconds


Hand = Callable[[Job], Awaitable[Done]]


class Dispatcher:
    """One per process; any number of processes share the lanes through the store."""

    def __init__(
        self, turns: Turns, hands: Mapping[type[Effect], Hand], wakeups: Wakeups, worker: str, *, poll: float = 1.0
    ) -> None:
        self._turns = turns
        self._store: Store = turns.store
        self._clock: Clock = turns.clock
        self._hands = hands
        self._wakeups = wakeups
        self._worker = worker
        self._poll = poll
        self._lease_seconds = 60
        self.busy = 0

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for lane in Lane:
                lanes.create_task(self._run_lane(lane), name=f"lane-{lane}")

    async def _run_lane(self, lane: Lane) -> None:
        while True:
            try:
                busy = await self.run_once(lane)
            except StoreDown as down:
                log.warning("lane %s: the database does not answer (%s); trying again", lane, down)
                busy = 0
            if not busy:
                await self._wakeups.wait(lane, self._poll)

    async def run_once(self, lane: Lane) -> int:
        """Claim and carry out one batch; how many were claimed."""
        self.busy += 1
        try:
            now = self._clock.now()
            claims = await self._store.claim_effects(lane, LANE_LIMITS[lane], now, self._lease_seconds, self._worker)
            await asyncio.gather(*(self._guarded(claim) for claim in claims))
            return len(claims)
        finally:
            self.busy -= 1

    async def _guarded(self, claim: ClaimedEffect) -> None:
        try:
            await self._unless_broken(claim)
        except StoreDown:
            log.warning("effect %s: the database does not answer; its lease will run out", claim.effect.key)

    async def _unless_broken(self, claim: ClaimedEffect) -> None:
        try:
            await self.carry_out(claim)
        except StoreDown:
            raise
        except Exception as fault:
            log.exception("effect %s (renewal %s) broke", claim.effect.key, claim.renewal_id)
            await self._put_off(claim, Later(f"{type(fault).__name__}: {fault}", unsure=True))

    async def carry_out(self, claim: ClaimedEffect) -> None:
        """One effect, from the last look at the rules to its settling."""
        now = self._clock.now()
        stored = await self._store.load(claim.renewal_id)
        if stored is None:
            await self._store.settle(claim, now, note="its renewal is gone")
            return
        verdict = still_wanted(self._turns.subject(stored), claim.effect, now)
        if isinstance(verdict, Moot):
            await self._store.settle(claim, now, note=f"moot: {verdict.reason}")
        elif isinstance(verdict, Wait):
            await self._store.postpone(claim, verdict.until, "waits for its hour", unsure=claim.unsure, waits=True)
        else:
            await self._act(Job(claim, stored, now))

    async def _act(self, job: Job) -> None:
        try:
            done = await self._hand_for(job.claim.effect)(job)
        except Later as later:
            if later.tell is not None:
                await self._turns.deliver(job.stored.id, later.tell)
            await self._put_off(job.claim, later)
            return
        if done.event is None:
            await self._store.settle(job.claim, job.now, done.words, done.note)
        else:
            await self._turns.deliver(job.stored.id, done.event, effect=job.claim, words=done.words)

    def _hand_for(self, effect: Effect) -> Hand:
        hand = self._hands.get(type(effect))
        if hand is None:
            raise Later(f"no provider is connected for {type(effect).__name__}", seconds=UNCONNECTED)
        return hand

    async def _put_off(self, claim: ClaimedEffect, later: Later) -> None:
        seconds = later.seconds or BACKOFF[min(claim.attempts, len(BACKOFF)) - 1] * _jitter(claim)
        run_at = self._clock.now() + timedelta(seconds=seconds)
        level = logging.ERROR if later.dead else logging.INFO
        log.log(level, "effect %s put off: %s", claim.effect.key, later)
        await self._store.postpone(claim, run_at, str(later)[:300], unsure=later.unsure, dead=later.dead)


def _jitter(claim: ClaimedEffect) -> float:
    """Spreads retries, and is the same for the same attempt: a replayed day plays out the same."""
    return random.Random(f"{claim.effect.key}:{claim.attempts}").uniform(0.8, 1.2)
