"""The chat lane: bring one rendered message over the first rung that takes it; what became of it is an event."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Protocol

import msgspec

from backend.db.port import Stored, Words
from backend.db.reach_port import Attempt, Ways
from bot.clock import SHANGHAI, shanghai_day
from bot.dispatcher import UNCONNECTED, Done, Hand, Job, Later
from bot.effects.refusals import IN_OUR_BLACKLIST, note_refusal
from bot.receipts import parked_key, parked_word
from bot.speaker import link_end
from bot.turn import Turns
from channels.page.codes import new_code
from channels.port import Accepted, Channel, ChannelError, Outbound, Trouble
from dialogs import reach
from dialogs.effects import Effect, Route, Say
from dialogs.events import MessageDelivered, MessageFailed, MessageSent, Unreach, WayBarred
from dialogs.messages import CATALOGUE, Kind
from dialogs.policy import Policy
from dialogs.rungs import Contact, Rung, is_open, open_rungs

log = logging.getLogger("xuzu.chat")

REPEATABLE = timedelta(minutes=10)
"""WeChat sends one ``client_msg_id`` once within ten minutes: inside them an unsure notice may be sent again."""
TRIES = 3
"""Tries on one rung while its provider is busy; then the next rung is taken (channels, section 4)."""
HELD = 3600
"""Seconds for which a quota or a mistake of ours holds a message that has no other way."""

_GONE = {
    Trouble.UNREACHABLE: Unreach.UNREACHABLE,
    Trouble.OPTED_OUT: Unreach.OPTED_OUT,
    Trouble.BAD_NUMBER: Unreach.BAD_NUMBER,
}


class Renders(Protocol):
    def outbound(self, stored: Stored, say: Say, code: str = "") -> Outbound: ...


class Mouth(msgspec.Struct, frozen=True):
    """What the lane speaks with. ``template``: the subscription notice whose consents count, or empty."""

    turns: Turns
    channels: Mapping[str, Channel]
    speaker: Renders
    template: str = ""

    def on(self, rung: Rung) -> Channel | None:
        return next((one for one in self.channels.values() if rung in one.rungs), None)


class _Next(Exception):
    """This rung does not bring it: try the next one."""


def chat_hands(mouth: Mouth) -> dict[type[Effect], Hand]:
    async def say(job: Job) -> Done:
        if not mouth.channels:
            raise Later("no channel is connected", seconds=UNCONNECTED)
        return await _Saying(mouth, job).run()

    return {Say: say}


class _Saying:
    """One message on its way over the rungs."""

    def __init__(self, mouth: Mouth, job: Job) -> None:
        assert isinstance(job.claim.effect, Say)
        self._mouth = mouth
        self._job = job
        self._wish = job.claim.effect
        self._store = mouth.turns.store
        self._policy = mouth.turns.subject(job.stored).policy
        self._gone: Unreach | None = None
        """Why the rung tried last is closed."""

    async def run(self) -> Done:
        """Raises Later."""
        ways = await self._store.ways(self._job.stored.tenant, self._mouth.template, self._job.now)
        rungs = self._rungs(ways.contact)
        before = await self._before()
        for place, rung in enumerate(rungs):
            try:
                return await self._over(rung, ways, more=place + 1 < len(rungs), before=before.get(rung.value))
            except _Next:
                continue
        return await self._nobody(ways.contact)

    def _rungs(self, contact: Contact) -> Sequence[Rung]:
        """Raises Later when only SMS is left and the number had its share of today."""
        wish, policy = self._wish, self._policy
        tired = contact.sms_today >= policy.sms_per_day
        if wish.route is Route.ANSWER:
            return () if tired or not is_open(Rung.SMS, contact, 0) else (Rung.SMS,)
        if wish.route in (Route.CUSTOM, Route.REPLY):
            begun: tuple[Rung, ...] = (Rung.WINDOW,) if contact.wechat else ()
            return (*begun, *self._begins(contact, spare=0)) if _is_notice(wish) else begun
        found = self._begins(contact, reach.spare(self._job.stored.renewal.budget, self._job.now))
        if found == (Rung.SMS,) and tired:
            raise Later("the number had its SMS for today", seconds=_until_morning(self._job.now, policy))
        return [one for one in found if one is not Rung.SMS or not tired]

    def _begins(self, contact: Contact, spare: int) -> tuple[Rung, ...]:
        connected = [rung for rung in self._policy.rungs if self._mouth.on(rung) is not None]
        return open_rungs(connected, contact, self._wish.tried, spare)

    async def _before(self) -> dict[str, Attempt]:
        """What earlier tries of this very wish came to; a first try has none."""
        if self._job.claim.attempts <= 1:
            return {}
        found = await self._store.attempts(self._job.stored.id)
        return {one.rung: one for one in found if one.key == self._wish.key}

    async def _over(self, rung: Rung, ways: Ways, *, more: bool, before: Attempt | None) -> Done:
        """Raises Later, _Next."""
        channel = self._mouth.on(rung)
        if channel is None or (before is not None and before.status == "failed"):
            raise _Next
        message = await self._rendered(rung)
        attempt = self._attempt(rung, channel)
        if before is not None and not await self._is_safe(attempt, before):
            return self._sent(rung, message, more, "may have been sent already; not repeated")
        await self._store.begin_attempt(attempt)
        address = ways.phone if rung is Rung.SMS else ways.openid
        try:
            accepted = await channel.send(rung, address, message, self._wish.key)
        except ChannelError as fault:
            return await self._refused(fault, attempt, ways, (message, more))
        return await self._accepted(accepted, attempt, ways, (message, more))

    async def _rendered(self, rung: Rung) -> Outbound:
        """An SMS carries a few characters that stand for the link."""
        stored = self._job.stored
        if rung is not Rung.SMS:
            return self._mouth.speaker.outbound(stored, self._wish)
        code = await self._store.short_code(stored.id, new_code(), link_end(stored.renewal.lease), self._job.now)
        return self._mouth.speaker.outbound(stored, self._wish, code)

    async def _is_safe(self, attempt: Attempt, before: Attempt) -> bool:
        """Would sending it now be the first time, or a repeat that the platform itself withholds?"""
        if before.status != "begun":
            return False
        if not self._job.claim.unsure:
            return True
        return attempt.rung == Rung.TEMPLATE and self._job.now - before.begun_at < REPEATABLE

    async def _accepted(self, accepted: Accepted, attempt: Attempt, ways: Ways, said: tuple[Outbound, bool]) -> Done:
        message, more = said
        after = msgspec.structs.replace(
            attempt, status="accepted", ref=accepted.ref, via=accepted.via, segments=accepted.segments,
            price=accepted.price,
        )  # fmt: skip
        await self._store.note_attempt(after)
        if attempt.rung == Rung.SUBSCRIBED:
            await self._store.note_consent(ways.openid, self._mouth.template, -1, self._job.now)
        await self._overtaken(after)
        return self._sent(Rung(attempt.rung), message, more)

    async def _overtaken(self, attempt: Attempt) -> None:
        """A receipt may have come before our own note of the message: it waits under its reference. Raises _Next."""
        parked = await self._store.find(attempt.channel, "", parked_key(attempt.ref), self._job.now)
        if not parked.seen:
            return
        failure, code = parked_word(parked.reply)
        await self._store.receipt(attempt.channel, attempt.ref, failure, code, self._job.now)
        if failure:
            raise _Next
        await self._mouth.turns.deliver(self._job.stored.id, MessageDelivered(attempt.key))

    async def _refused(self, fault: ChannelError, attempt: Attempt, ways: Ways, said: tuple[Outbound, bool]) -> Done:
        message, more = said
        if fault.kind in _GONE:
            await note_refusal(self._store, fault, attempt, ways, self._mouth.template)
            if fault.code == IN_OUR_BLACKLIST:
                await self._mouth.turns.deliver(self._job.stored.id, WayBarred())
            self._gone = _GONE[fault.kind]
            raise _Next from None
        if fault.kind is Trouble.UNKNOWN and attempt.rung != Rung.TEMPLATE:
            return self._sent(Rung(attempt.rung), message, more, f"nobody knows whether it left: {fault}")
        if fault.kind is Trouble.WINDOW or (more and self._may_go_on(fault.kind)):
            log.info("%s over %s: %s; the next rung", self._wish.key, attempt.rung, fault)
            raise _Next from None
        held = HELD if fault.kind is Trouble.QUOTA else None
        unsure, dead = fault.kind is Trouble.UNKNOWN, fault.kind is Trouble.CONFIG
        raise Later(str(fault), unsure=unsure, dead=dead, seconds=held) from None

    def _may_go_on(self, kind: Trouble) -> bool:
        """A quota holds what can wait; a mistake of ours sends this one another way; a busy provider gets three tries.

        What hurries is the operator's last tier and everything that is no mere reminder.
        """
        if kind is Trouble.QUOTA:
            tier = next((one for one in self._policy.tiers if one.name == self._wish.tier), None)
            return self._wish.message not in reach.PUSHES or (tier is not None and tier.tell_housekeeper)
        if kind is Trouble.TRANSIENT:
            return self._job.claim.attempts >= TRIES
        return kind is Trouble.CONFIG

    def _sent(self, rung: Rung, message: Outbound, more: bool, note: str = "") -> Done:
        channel = self._mouth.on(rung)
        assert channel is not None, "it went over this rung"
        words = (Words(self._wish.key, "bot", channel.name, channel.shown(rung, message), self._wish.message),)
        if self._wish.route is not Route.NOTICE:
            return Done(words=words, note=note)
        return Done(MessageSent(self._wish.key, rung.value, more), words, note)

    async def _nobody(self, contact: Contact) -> Done:
        """No rung took it: the page still shows what we wanted to say, and people hear of it."""
        if not self._wish.proactive or not _is_notice(self._wish):
            return Done(note="no way is open for an answer")
        message = self._mouth.speaker.outbound(self._job.stored, self._wish)
        words = (Words(self._wish.key, "bot", "page", message.text, self._wish.message),)
        return Done(MessageFailed(self._wish.key, self._gone or _why(contact)), words, note="no rung is open")

    def _attempt(self, rung: Rung, channel: Channel) -> Attempt:
        stored = self._job.stored
        return Attempt(
            self._wish.key, rung.value, stored.id, stored.tenant, self._wish.message, self._job.now,
            channel=channel.name,
        )  # fmt: skip


def _is_notice(wish: Say) -> bool:
    return CATALOGUE[wish.message].kind is Kind.NOTICE


def _why(contact: Contact) -> Unreach:
    if contact.phone and contact.phone_dead:
        return Unreach.BAD_NUMBER
    refused = (contact.wechat and contact.refuses_wechat) or (contact.phone and contact.refuses_sms)
    return Unreach.OPTED_OUT if refused else Unreach.UNREACHABLE


def _until_morning(now: datetime, policy: Policy) -> int:
    tomorrow = datetime.combine(shanghai_day(now) + timedelta(days=1), time.min, SHANGHAI)
    morning = tomorrow.replace(hour=policy.send_at.hour, minute=policy.send_at.minute)
    return int((morning - now).total_seconds())
