"""The chat lane: say one rendered message on the channel that reaches this tenant now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from backend.db.port import Inbound, Store, Stored, Words
from bot.dispatcher import UNCONNECTED, Done, Hand, Job, Later
from bot.intake import parked_key, receipt_event
from channels.port import Accepted, Channel, ChannelError, Outbound, Trouble
from dialogs.effects import Effect, Route, Say
from dialogs.events import MessageFailed, Unreach
from dialogs.messages import CATALOGUE, Kind

REPEATABLE = timedelta(minutes=10)
"""WeChat sends one ``client_msg_id`` once within ten minutes: inside them an unsure notice may be sent again."""

_GONE = {
    Trouble.UNREACHABLE: Unreach.UNREACHABLE,
    Trouble.OPTED_OUT: Unreach.OPTED_OUT,
    Trouble.BAD_NUMBER: Unreach.BAD_NUMBER,
}


class Renders(Protocol):
    def outbound(self, stored: Stored, say: Say) -> Outbound: ...


def chat_hands(store: Store, channels: Mapping[str, Channel], speaker: Renders) -> dict[type[Effect], Hand]:
    async def say(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, Say)
        if not channels:
            raise Later("no channel is connected", seconds=UNCONNECTED)
        channel, address = await _reachable(store, channels, job.stored.tenant)
        if channel is None:
            return Done(MessageFailed(wish.key, Unreach.UNREACHABLE), note="no live binding on any channel")
        if not await _is_safe(store, job, channel.name, address):
            return Done(note="may have been said already; not repeated, a later step reminds")
        message = speaker.outbound(job.stored, wish)
        try:
            accepted = await _send(channel, address, message, wish)
        except ChannelError as fault:
            return _trouble(wish, fault)
        await store.note_ref("message", accepted.ref, job.stored.id)
        words = (Words(wish.key, "bot", channel.name, message.text, wish.message),)
        parked = await store.find(channel.name, address, parked_key(accepted.ref), job.now)
        if parked.seen:
            failure = None if parked.reply == "delivered" else parked.reply
            return Done(receipt_event(accepted.ref, failure), words)
        return Done(words=words)

    return {Say: say}


async def _is_safe(store: Store, job: Job, channel: str, address: str) -> bool:
    """Would saying it now be the first time, or a repeat that the platform itself withholds?"""
    wish = job.claim.effect
    if not isinstance(wish, Say) or wish.route is not Route.NOTICE:
        return not job.claim.unsure
    begun = await _begun(store, wish, (channel, address), job.now)
    return not job.claim.unsure or job.now - begun < REPEATABLE


async def _begun(store: Store, wish: Say, to: tuple[str, str], now: datetime) -> datetime:
    """When this notice was first tried: noted before it leaves, so that it is known after a crash."""
    key = f"sending:{wish.key}"
    if await store.remember(Inbound(key, now.isoformat()), now):
        return now
    noted = (await store.find(*to, key, now)).reply
    return datetime.fromisoformat(noted) if noted else now


async def _reachable(store: Store, channels: Mapping[str, Channel], tenant: str) -> tuple[Channel | None, str]:
    addresses = await store.addresses(tenant)
    for name, channel in channels.items():
        if name in addresses:
            return channel, addresses[name]
    return None, ""


async def _send(channel: Channel, address: str, message: Outbound, wish: Say) -> Accepted:
    """A custom message that came too late for its window goes out as a notice, where the catalogue allows one."""
    if wish.route is Route.NOTICE:
        return await channel.notice(address, message, wish.key)
    try:
        return await channel.say(address, message, wish.key)
    except ChannelError as fault:
        if fault.kind is not Trouble.WINDOW or CATALOGUE[wish.message].kind is not Kind.NOTICE:
            raise
        return await channel.notice(address, message, wish.key)


def _trouble(wish: Say, fault: ChannelError) -> Done:
    if fault.kind in _GONE:
        return Done(MessageFailed(wish.key, _GONE[fault.kind]), note=str(fault))
    if fault.kind is Trouble.WINDOW:
        return Done(note=f"the window is closed and this is no notice: {fault}")
    raise Later(str(fault), unsure=fault.kind is Trouble.UNKNOWN, dead=fault.kind is Trouble.CONFIG) from None
