"""The one turn: read the renewal, let the rules decide, write everything or nothing; somebody quicker means again."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from backend.db.port import ClaimedEffect, ClaimedTimer, Inbound, Store, Stored, Words, Write, Written
from bot.clock import Clock
from bot.policies import Policies
from dialogs.effects import LANES, AnyEffect, Lane
from dialogs.events import AnyEvent
from dialogs.machine import step
from dialogs.renewal import Decision, Subject

TRIES = 40
"""Bound on re-reading a row that others keep moving; reaching it means something is badly wrong."""


class UnknownRenewal(LookupError):
    """No such renewal: a forged or stale reference."""


class Contended(RuntimeError):
    """The row moved on every try."""


class Turned(msgspec.Struct, frozen=True):
    """What came of an event: the row as it stands, and the decision written (None: known already, or lost)."""

    stored: Stored
    decision: Decision | None
    written: Written


Prepared = tuple[Decision, Inbound | None, tuple[Words, ...]]
Prepare = Callable[[Stored, Decision], Prepared]
"""Lets an inbound door turn the answer into its own reply before the turn is written."""


class Turns:
    """The only way a renewal changes."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, wake: Callable[[set[Lane]], None]) -> None:
        self.store = store
        self.policies = policies
        self.clock = clock
        self._wake = wake

    def subject(self, stored: Stored) -> Subject:
        return Subject(stored.id, stored.renewal, self.policies.get(stored.operator, stored.renewal.policy_version))

    async def deliver(
        self,
        renewal_id: int,
        event: AnyEvent,
        *,
        effect: ClaimedEffect | None = None,
        timer: ClaimedTimer | None = None,
        words: tuple[Words, ...] = (),
        inbound: Inbound | None = None,
    ) -> Turned:
        """Apply one event. Raises UnknownRenewal, Contended, StoreDown."""

        def plain(_: Stored, decision: Decision) -> Prepared:
            return decision, inbound, words

        stored = await self._load(renewal_id)
        return await self.apply(stored, event, plain, effect=effect, timer=timer)

    async def apply(
        self,
        stored: Stored,
        event: AnyEvent,
        prepare: Prepare,
        *,
        effect: ClaimedEffect | None = None,
        timer: ClaimedTimer | None = None,
    ) -> Turned:
        """The turn on a row already read; reads again only when the row moved meanwhile."""
        for _ in range(TRIES):
            now = self.clock.now()
            decision, inbound, words = prepare(stored, step(self.subject(stored), event, now))
            write = Write(stored.id, stored.version, event, decision, now, inbound, words, effect, timer)
            (written,) = await self.store.commit([write])
            if written is Written.SAVED:
                self._wake({_lane(one) for one in decision.effects})
                return Turned(_moved(stored, decision), decision, written)
            if written is not Written.STALE:
                return Turned(stored, None, written)
            stored = await self._load(stored.id)
        raise Contended(f"renewal {stored.id} moved {TRIES} times while {type(event).__name__} was applied")

    async def _load(self, renewal_id: int) -> Stored:
        stored = await self.store.load(renewal_id)
        if stored is None:
            raise UnknownRenewal(f"no renewal {renewal_id}")
        return stored


def _lane(effect: AnyEffect) -> Lane:
    return LANES[type(effect)]


def _moved(stored: Stored, decision: Decision) -> Stored:
    return msgspec.structs.replace(stored, version=stored.version + 1, renewal=decision.renewal)
