"""Somebody with more than one lease writes: which home they mean is asked, kept for a while, and never guessed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from backend.db.port import Found, Inbound, Stored
from backend.db.reach_port import Focus
from bot.turn import Turns
from bot.which import LIVES, MOST, STORM, in_order, picked, wants_other
from channels.port import Inbound as Heard
from channels.port import InboundKind, Outbound, read_choice
from dialogs.effects import Say
from dialogs.events import HumanAsked
from dialogs.understanding.hear import SURE, context_of, lying
from dialogs.understanding.recognise import RULED, understand

Go = Callable[[Heard, Stored, str], Awaitable[str | None]]
"""Applies what was heard to one renewal; the words stand before its answer."""

PICTURE = "\ufffc"
"""Stands for a picture among the words that wait (U+FFFC: an object in the text)."""
_WORDLESS = (InboundKind.MEDIA, InboundKind.OTHER)


class Voice(Protocol):
    def answer(self, stored: Stored, say: Say) -> Outbound: ...
    def orphan(self, message: str, found: Found) -> str: ...


class Several:
    """One channel's. A tap names its own lease; words go to the lease in focus; without one we ask."""

    def __init__(self, turns: Turns, voice: Voice, channel: str, go: Go) -> None:
        self._turns = turns
        self._store = turns.store
        self._voice = voice
        self._channel = channel
        self._go = go

    async def hear(self, heard: Heard, found: Found) -> str | None:
        """The answer. Raises what applying a turn raises."""
        if heard.kind in (InboundKind.UNFOLLOW, InboundKind.FOLLOW, InboundKind.BIND):
            return await self._go(heard, in_order(found.renewals)[0], "")
        if heard.kind is InboundKind.TEXT and _concerns_all(heard.text, found):
            return await self._everywhere(heard, found)
        tapped = _tapped(heard, found)
        if tapped is not None:
            return await self._about(heard, tapped)
        if self._channel == "sms" or len(found.renewals) > MOST:
            return await self._to_a_person(heard, found)
        focus = await self._store.focus(self._channel, heard.address)
        stored = _in_focus(focus, found, heard)
        if stored is not None and not (heard.text and wants_other(heard.text)):
            return await self._about(heard, stored)
        return await self._ask_or_take(heard, found, focus)

    async def _everywhere(self, heard: Heard, found: Found) -> str | None:
        """Who wants no messages, or is not the tenant, is that for every lease: nobody asks which."""
        answers = []
        for stored in in_order(found.renewals):
            own = msgspec.structs.replace(heard, key=f"{heard.key}:{stored.id}")
            answers.append(await self._go(own, stored, ""))
        await self._store.remember(Inbound(heard.key, answers[0]), self._turns.clock.now())
        return answers[0]

    async def _about(self, heard: Heard, stored: Stored) -> str | None:
        await self._store.put_focus(self._channel, heard.address, Focus(stored.id, heard.at))
        return await self._go(heard, stored, "")

    async def _ask_or_take(self, heard: Heard, found: Found, focus: Focus | None) -> str | None:
        waiting = focus if focus is not None and focus.renewal_id is None and heard.at - focus.at < LIVES else None
        answers = waiting is not None and heard.kind is InboundKind.TEXT
        stored = picked(heard.text, found.renewals) if answers else None
        if stored is None:
            return await self._ask(heard, found, waiting)
        assert waiting is not None
        again = await self._seen(heard)
        if again.seen:
            return again.reply
        answer = await self._answered(heard, stored, waiting.asked)
        await self._store.put_focus(self._channel, heard.address, Focus(stored.id, heard.at))
        return answer

    async def _answered(self, heard: Heard, stored: Stored, asked: str) -> str | None:
        """What made us ask is heard now, but no act in it: that has to be said again, of a home that is clear."""
        spoken_of = self._words("lease_in_focus", heard, stored)
        if asked == PICTURE or (asked and not _names_an_act(asked, stored)):
            return await self._go(_first(heard, asked), stored, f"{spoken_of}\n")
        answer = f"{spoken_of}\n{self._words('where_we_stand', heard, stored)}"
        if not await self._store.remember(Inbound(heard.key, answer), self._turns.clock.now()):
            return (await self._seen(heard)).reply
        return answer

    def _words(self, message: str, heard: Heard, stored: Stored) -> str:
        return self._voice.answer(stored, Say(key=f"focus:{heard.key}", message=message, epoch=0)).text

    async def _seen(self, heard: Heard) -> Found:
        """Looked up anew: a copy of this message may have been answered while this one was on its way."""
        return await self._store.find(self._channel, heard.address, heard.key, self._turns.clock.now())

    async def _ask(self, heard: Heard, found: Found, waiting: Focus | None) -> str | None:
        """The question; a storm of pictures hears it once. The first words wait for its answer."""
        stormy = heard.kind in _WORDLESS and waiting is not None and heard.at - waiting.at < STORM
        reply = None if stormy else self._voice.orphan("several_leases", found)
        first = waiting.asked if waiting is not None and waiting.asked else ""
        if await self._store.remember(Inbound(heard.key, reply), self._turns.clock.now()):
            await self._store.put_focus(self._channel, heard.address, Focus(None, heard.at, first or _kept(heard)))
        return reply

    async def _to_a_person(self, heard: Heard, found: Found) -> str | None:
        """No home can stand in an SMS: a person writes or calls."""
        stored = in_order(found.renewals)[0]
        event = HumanAsked(via=self._channel, message=heard.key)
        await self._turns.deliver(stored.id, event, inbound=Inbound(heard.key))
        return None


def _kept(heard: Heard) -> str:
    """What waits for the answer to our question: words, or that there was a picture for a person to look at."""
    if heard.kind is InboundKind.MEDIA:
        return PICTURE
    return "" if wants_other(heard.text) else heard.text


def _first(heard: Heard, asked: str) -> Heard:
    """What waited, under the key of the message that named the home."""
    if asked == PICTURE:
        return msgspec.structs.replace(heard, text="", kind=InboundKind.MEDIA)
    return msgspec.structs.replace(heard, text=asked, kind=InboundKind.TEXT)


def _concerns_all(text: str, found: Found) -> bool:
    renewal = in_order(found.renewals)[0].renewal
    said = understand(text, context_of(renewal), lying(renewal))
    return said.intent == "opt_out" or (said.intent == "wrong_person" and said.confidence >= SURE)


def _names_an_act(text: str, stored: Stored) -> bool:
    renewal = stored.renewal
    return understand(text, context_of(renewal), lying(renewal)).intent in RULED


def _tapped(heard: Heard, found: Found) -> Stored | None:
    """A menu item names its renewal."""
    chosen = read_choice(heard.choice) if heard.kind is InboundKind.CHOICE else None
    return next((one for one in found.renewals if chosen is not None and one.id == chosen[0]), None)


def _in_focus(focus: Focus | None, found: Found, heard: Heard) -> Stored | None:
    if focus is None or heard.at - focus.at >= LIVES:
        return None
    return next((one for one in found.renewals if one.id == focus.renewal_id), None)
