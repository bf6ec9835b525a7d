"""The tenant's door: an authenticated inbound is one event and one turn; the same message id gets the same answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import msgspec

from backend.db.port import Found, Inbound, Store, Stored, Words, Written
from bot.reading import Offline
from bot.receipts import Receipts
from bot.several import Several
from bot.turn import Prepare, Prepared, Turns
from channels.port import Inbound as Heard
from channels.port import InboundKind, Outbound, read_choice
from dialogs.effects import AnyEffect, Route, Say
from dialogs.events import (
    AnyEvent,
    Chose,
    Confirmed,
    Denied,
    Followed,
    NotUnderstood,
    OptedOut,
    PictureSent,
    Unfollowed,
)
from dialogs.events import Heard as HeardEvent
from dialogs.renewal import Decision
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.port import Reader

log = logging.getLogger("xuzu.intake")

MENU_LIVES = timedelta(days=7)
"""A bare number by SMS answers the last SMS for so long (channels, section 3.3)."""

_FOLLOWING = {InboundKind.FOLLOW: True, InboundKind.UNFOLLOW: False}


class Speaker(Protocol):
    """Renders an answer to somebody who just wrote."""

    def answer(self, stored: Stored, say: Say) -> Outbound: ...
    def orphan(self, message: str, found: Found) -> str:
        """An answer that concerns no single renewal (``stranger``, ``several_leases``)."""
        ...


class Intake:
    """One channel's. ``passive`` puts an answer into the words of a passive reply; SMS has none."""

    def __init__(
        self,
        turns: Turns,
        speaker: Speaker,
        channel: str = "wechat",
        passive: Callable[[Outbound], str] | None = None,
        reader: Reader | None = None,
    ) -> None:
        self._turns = turns
        self._store: Store = turns.store
        self._speaker = speaker
        self._channel = channel
        self._passive = passive or _plain
        self._reader = reader or Offline()
        self._receipts = Receipts(turns, channel)
        self._several = Several(turns, speaker, channel, self._turn)

    async def hear(self, heard: Heard) -> str | None:
        """The passive answer, after the commit; None = deliberately nothing. Raises StoreDown, Contended: ask again."""
        if heard.kind is InboundKind.RECEIPT:
            await self._receipts.take(heard)
            return None
        found = await self._find(heard)
        if found.seen:
            return found.reply
        if heard.kind is InboundKind.CONSENT:
            await self._consent(heard)
            return None
        if await self._note_ways(heard, found):
            found = await self._find(heard)
        if heard.kind is InboundKind.OPT_OUT:
            await self._opt_out(heard, found)
            return None
        if not found.renewals:
            return await self._stranger(heard, found)
        if len(found.renewals) > 1:
            return await self._several.hear(heard, found)
        return await self._turn(heard, found.renewals[0])

    async def _find(self, heard: Heard) -> Found:
        now = self._turns.clock.now()
        if self._channel == "sms":
            return await self._store.find_by_phone(heard.address, heard.key, now)
        return await self._store.find(self._channel, heard.address, heard.key, now)

    async def _note_ways(self, heard: Heard, found: Found) -> bool:
        """What this tells of the ways to the tenant; True when it may have changed who it is."""
        if heard.kind is InboundKind.BIND:
            bound = await self._store.use_scene(heard.scene, heard.address, self._turns.clock.now())
            await self._store.note_follow(heard.address, True, heard.at)
            return bound is not None
        if heard.kind in _FOLLOWING and found.tenant is not None:
            await self._store.note_follow(heard.address, _FOLLOWING[heard.kind], heard.at)
        return False

    async def _consent(self, heard: Heard) -> None:
        """``ref`` is the template; refused means none is left. Noted once: the dedupe row comes first."""
        if await self._store.remember(Inbound(heard.key), self._turns.clock.now()):
            await self._store.note_consent(heard.address, heard.ref, int(heard.delivered), heard.at)

    async def _opt_out(self, heard: Heard, found: Found) -> None:
        """At once, for everybody with this number and for all their renewals; nothing is confirmed."""
        now = self._turns.clock.now()
        for stored in found.renewals:
            await self._store.suppress(stored.tenant, self._channel, heard.text or "opt-out", now)
            event = OptedOut(via=self._channel, message=heard.key)
            words = (Words(heard.key, "tenant", self._channel, heard.text),)
            await self._turns.deliver(stored.id, event, inbound=Inbound(f"{heard.key}:{stored.id}"), words=words)
        await self._store.remember(Inbound(heard.key), now)

    async def _turn(self, heard: Heard, stored: Stored, before: str = "") -> str | None:
        """``before``: words that stand in front of the answer."""
        event = await self._event(heard, stored)
        return await self._applied(heard, stored, event, before)

    async def _applied(self, heard: Heard, stored: Stored, event: AnyEvent, before: str) -> str | None:
        answers: list[str | None] = []
        if isinstance(event, OptedOut):
            await self._store.suppress(stored.tenant, self._channel, "words", self._turns.clock.now())
        turned = await self._turns.apply(stored, event, self._preparer(heard, answers, before))
        if turned.written is Written.DUPLICATE:
            return (await self._find(heard)).reply
        return answers[-1]

    async def _event(self, heard: Heard, stored: Stored) -> AnyEvent:
        if heard.kind is InboundKind.UNFOLLOW:
            return Unfollowed()
        if heard.kind in (InboundKind.FOLLOW, InboundKind.BIND):
            return Followed()
        if heard.kind is InboundKind.CHOICE:
            return await self._tapped(heard, stored)
        if heard.kind is InboundKind.TEXT:
            event = await self._understood(heard, stored)
            fits = not isinstance(event, Chose) or self._channel != "sms" or await self._answers_sms(heard, stored)
            return event if fits else NotUnderstood(via=self._channel, message=heard.key)
        if heard.kind is InboundKind.MEDIA:
            return PictureSent(via=self._channel, message=heard.key)
        return NotUnderstood(via=self._channel, message=heard.key)

    async def _understood(self, heard: Heard, stored: Stored) -> AnyEvent:
        lease = stored.renewal.lease
        private = (stored.name, lease.unit.community, lease.housekeeper, lease.no)
        understood = await self._reader.read(heard.text, context_of(stored.renewal), lying(stored.renewal), private)
        return to_event(understood, self._channel, heard.key, heard.at)

    async def _tapped(self, heard: Heard, stored: Stored) -> AnyEvent:
        """A menu stays tappable for ever: only its own renewal and offer version count, else the card is stale."""
        picked = read_choice(heard.choice)
        where = {"via": self._channel, "message": heard.key}
        if picked is not None and picked[0] == stored.id:
            _, version, pick = picked
            if pick.isascii() and pick.isdigit():
                return Chose(number=int(pick[:4]), offer=version, clicked=True, **where)
            if pick == "yes":
                return Confirmed(offer=version, clicked=True, **where)
            if pick == "no":
                return Denied(clicked=True, **where)
        event = await self._understood(heard, stored)
        if isinstance(event, Chose | Confirmed):
            return NotUnderstood(clicked=True, **where)
        return msgspec.structs.replace(event, clicked=True) if isinstance(event, HeardEvent) else event

    async def _answers_sms(self, heard: Heard, stored: Stored) -> bool:
        """Is a bare number the answer to an SMS of the last days about this very lease?"""
        last = await self._store.last_sms(stored.tenant)
        return last is not None and last[0] == stored.id and heard.at - last[1] < MENU_LIVES

    def _preparer(self, heard: Heard, answers: list[str | None], before: str) -> Prepare:
        said = (Words(heard.key, "tenant", self._channel, heard.text),) if heard.text else ()

        def prepare(stored: Stored, decision: Decision) -> Prepared:
            say = _reply(decision)
            if say is None or stored.pending:
                answers.append(before.strip() or None)
                return _queued(decision), Inbound(heard.key, answers[-1]), said
            after = msgspec.structs.replace(stored, renewal=decision.renewal)
            message = self._speaker.answer(after, say)
            message = msgspec.structs.replace(message, text=before + message.text)
            text = self._passive(message)
            answers.append(text)
            spoken = Words(say.key, "bot", self._channel, message.text, say.message)
            return _without(decision, say), Inbound(heard.key, text), (*said, spoken)

        return prepare

    async def _stranger(self, heard: Heard, found: Found) -> str | None:
        """Somebody we cannot place: no renewal moves."""
        silent = heard.kind is InboundKind.UNFOLLOW or self._channel == "sms"
        reply = None if silent else self._speaker.orphan("stranger", found)
        await self._store.remember(Inbound(heard.key, reply), self._turns.clock.now())
        return reply


def _plain(message: Outbound) -> str:
    return message.text


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
