"""Receipts: what a provider says later of a message it took becomes an event of the message's own renewal."""

from __future__ import annotations

from backend.db.port import Inbound, Stored
from backend.db.reach_port import Attempt, NumberWord
from bot.turn import Contended, Turns
from channels.port import Inbound as Heard
from dialogs.events import AnyEvent, AttemptFailed, MessageDelivered, Unreach
from dialogs.rungs import Rung

_KINDS = {"opted_out": Unreach.OPTED_OUT, "bad_number": Unreach.BAD_NUMBER}
_WORDS = {"": NumberWord.GOOD, "bad_number": NumberWord.HARD}


class Receipts:
    def __init__(self, turns: Turns, channel: str) -> None:
        self._turns = turns
        self._store = turns.store
        self._channel = channel

    async def take(self, heard: Heard) -> None:
        """Raises StoreDown, Contended: the provider is asked to come again."""
        now = self._turns.clock.now()
        if (await self._store.find(self._channel, heard.address, heard.key, now)).seen:
            return
        if self._channel == "sms":
            await self._store.note_number(heard.address, _WORDS.get(_failure(heard), NumberWord.SOFT), heard.code, now)
        attempt = await self._matched(heard)
        if attempt is None:
            word = f"{_failure(heard)}|{heard.code}"
            await self._store.remember(Inbound(parked_key(heard.ref), word), now)
            return
        if attempt.failure == "opted_out":
            await self._store.suppress(attempt.tenant, self._channel, heard.code or "receipt", now)
        await self._tell(attempt, heard)

    async def _matched(self, heard: Heard) -> Attempt | None:
        """By the provider's reference; a message of which we had no answer by the key it hands back."""
        now = self._turns.clock.now()
        found = await self._store.receipt(self._channel, heard.ref, _failure(heard), heard.code, now)
        if found is not None or not heard.hint:
            return found
        renewal_id = await self._renewal_of(heard.hint)
        mine = await self._store.attempts(renewal_id) if renewal_id is not None else []
        for one in mine:
            if one.key == heard.hint and one.rung == Rung.SMS and one.status == "begun":
                taken = Attempt(
                    one.key, one.rung, one.renewal_id, one.tenant, one.message, one.begun_at, "accepted",
                    one.channel, one.via, heard.ref,
                )  # fmt: skip
                await self._store.note_attempt(taken)
                return await self._store.receipt(self._channel, heard.ref, _failure(heard), heard.code, now)
        return None

    async def _renewal_of(self, hint: str) -> int | None:
        """Our keys are ``say:<renewal>:<n>``; anything else is not ours."""
        parts = hint.split(":")
        if len(parts) != 3 or parts[0] != "say" or not (parts[1].isascii() and parts[1].isdigit()):
            return None
        return int(parts[1]) if len(parts[1]) < 19 else None

    async def _tell(self, attempt: Attempt, heard: Heard) -> None:
        stored = await self._store.load(attempt.renewal_id)
        if stored is None:
            return
        event = receipt_event(attempt)
        if isinstance(event, AttemptFailed) and _is_leaving(stored, attempt.key):
            raise Contended("the receipt overtook the note of its own message")
        await self._turns.deliver(attempt.renewal_id, event, inbound=Inbound(heard.key))


def _is_leaving(stored: Stored, key: str) -> bool:
    live = stored.renewal.reaching
    return live is not None and live.key == key and live.sent_at is None


def _failure(heard: Heard) -> str:
    return "" if heard.delivered else heard.failure or "system"


def receipt_event(attempt: Attempt) -> AnyEvent:
    if attempt.status == "delivered":
        return MessageDelivered(attempt.key)
    return AttemptFailed(attempt.key, _KINDS.get(attempt.failure, Unreach.UNREACHABLE))


def parked_key(ref: str) -> str:
    """Dedupe key under which a receipt waits for the note of its own message."""
    return f"receipt:{ref}"


def parked_word(reply: str | None) -> tuple[str, str]:
    """(failure, code) of a parked receipt; an empty failure means delivered."""
    failure, _, code = (reply or "").partition("|")
    return failure, code
