"""The tenant's door: an authenticated inbound is one event and one turn; the same message id gets the same answer."""

from __future__ import annotations

import logging
from typing import Protocol

import msgspec

from backend.db.port import Found, Inbound, Store, Stored, Words, Written
from bot.turn import Prepare, Prepared, Turns
from channels.port import Inbound as Heard
from channels.port import InboundKind
from dialogs.effects import AnyEffect, Route, Say
from dialogs.events import (
    AnyEvent,
    Followed,
    MessageDelivered,
    MessageFailed,
    NotUnderstood,
    Unfollowed,
    Unreach,
)
from dialogs.renewal import Decision
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.recognise import understand

log = logging.getLogger("xuzu.intake")

_FAILURES = {
    "opted_out": Unreach.OPTED_OUT,
    "unreachable": Unreach.UNREACHABLE,
    "bad_number": Unreach.BAD_NUMBER,
}


class Speaker(Protocol):
    """Renders an answer to somebody who just wrote."""

    def answer(self, stored: Stored, say: Say) -> str: ...
    def orphan(self, message: str, found: Found) -> str:
        """An answer that concerns no single renewal (``stranger``, ``several_leases``)."""
        ...


class Intake:
    def __init__(self, turns: Turns, speaker: Speaker, channel: str = "wechat") -> None:
        self._turns = turns
        self._store: Store = turns.store
        self._speaker = speaker
        self._channel = channel

    async def hear(self, heard: Heard) -> str | None:
        """The passive answer, after the commit; None = deliberately nothing. Raises StoreDown, Contended: ask again."""
        if heard.kind is InboundKind.RECEIPT:
            await self._receipt(heard)
            return None
        found = await self._store.find(self._channel, heard.address, heard.key, self._turns.clock.now())
        if found.seen:
            return found.reply
        if len(found.renewals) != 1:
            return await self._orphan(heard, found)
        return await self._turn(heard, found.renewals[0])

    async def _turn(self, heard: Heard, stored: Stored) -> str | None:
        answers: list[str | None] = []
        turned = await self._turns.apply(stored, self._event(heard, stored), self._preparer(heard, answers))
        if turned.written is Written.DUPLICATE:
            return (await self._store.find(self._channel, heard.address, heard.key, self._turns.clock.now())).reply
        return answers[-1]

    def _event(self, heard: Heard, stored: Stored) -> AnyEvent:
        if heard.kind is InboundKind.UNFOLLOW:
            return Unfollowed()
        if heard.kind in (InboundKind.FOLLOW, InboundKind.BIND):
            return Followed()
        if heard.kind in (InboundKind.TEXT, InboundKind.CHOICE):
            understood = understand(heard.text, context_of(stored.renewal), lying(stored.renewal))
            return to_event(understood, self._channel, heard.key, heard.at)
        return NotUnderstood(via=self._channel, message=heard.key)

    def _preparer(self, heard: Heard, answers: list[str | None]) -> Prepare:
        said = (Words(heard.key, "tenant", self._channel, heard.text),) if heard.text else ()

        def prepare(stored: Stored, decision: Decision) -> Prepared:
            say = _reply(decision)
            if say is None or stored.pending:
                answers.append(None)
                return _queued(decision), Inbound(heard.key), said
            after = msgspec.structs.replace(stored, renewal=decision.renewal)
            text = self._speaker.answer(after, say)
            answers.append(text)
            spoken = Words(say.key, "bot", self._channel, text, say.message)
            return _without(decision, say), Inbound(heard.key, text), (*said, spoken)

        return prepare

    async def _orphan(self, heard: Heard, found: Found) -> str | None:
        """A stranger, or several leases on one phone: asked about, never guessed; no renewal moves."""
        if heard.kind is InboundKind.UNFOLLOW:
            reply = None
        else:
            reply = self._speaker.orphan("several_leases" if found.renewals else "stranger", found)
        await self._store.remember(Inbound(heard.key, reply), self._turns.clock.now())
        return reply

    async def _receipt(self, heard: Heard) -> None:
        """A receipt speaks of a message by the provider's id; one that overtakes our own note is parked for it."""
        found = await self._store.find(self._channel, heard.address, heard.key, self._turns.clock.now())
        if found.seen:
            return
        failure = None if heard.delivered else _FAILURES.get(heard.failure, Unreach.UNREACHABLE)
        renewal_id = await self._store.locate("message", heard.ref)
        if renewal_id is None:
            await self._store.remember(Inbound(parked_key(heard.ref), failure or "delivered"), self._turns.clock.now())
            return
        event = receipt_event(heard.ref, failure)
        await self._turns.deliver(renewal_id, event, inbound=Inbound(heard.key))


def parked_key(ref: str) -> str:
    """Dedupe key under which a receipt waits for the note of its own message."""
    return f"receipt:{ref}"


def receipt_event(ref: str, failure: str | None) -> AnyEvent:
    return MessageDelivered(ref) if failure is None else MessageFailed(ref, Unreach(failure))


def _reply(decision: Decision) -> Say | None:
    return next((one for one in decision.effects if isinstance(one, Say) and one.route is Route.REPLY), None)


def _without(decision: Decision, say: Say) -> Decision:
    rest: tuple[AnyEffect, ...] = tuple(one for one in decision.effects if one is not say)
    return msgspec.structs.replace(decision, effects=rest)


def _queued(decision: Decision) -> Decision:
    """Earlier words to this tenant still wait in the outbox: the answer queues behind them as a custom message."""
    effects = tuple(
        msgspec.structs.replace(one, route=Route.CUSTOM) if isinstance(one, Say) and one.route is Route.REPLY else one
        for one in decision.effects
    )
    return msgspec.structs.replace(decision, effects=effects)
