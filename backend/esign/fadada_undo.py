"""Undoing by state: only made, it is deleted; running, cancelled; signed, it is voided by all who signed it."""

from __future__ import annotations

from dataclasses import dataclass

from .fadada_look import Look, envelope_of
from .fadada_shapes import NOT_CANCELLABLE, VOIDABLE, Detail, Voiding
from .fadada_voiding import check_voiding, voiding_fields
from .port import Envelope, EnvelopeState, ESignError

_OPEN = (EnvelopeState.DRAFT, EnvelopeState.SIGNING)
_MADE = "task_created"


@dataclass(frozen=True)
class Undo:
    """``callback_url``: where news of a voiding is sent, if the provider takes it there."""

    look: Look
    callback_url: str = ""

    async def delete(self, ref: str) -> None:
        await self.look.calls.tell("/sign-task/delete", {"signTaskId": ref})

    async def withdraw(self, ref: str, reason: str) -> Envelope:
        envelope = await self.look.state(ref)
        if envelope.raw == _MADE:
            await self.delete(ref)
            return Envelope(ref, EnvelopeState.WITHDRAWN, "deleted")
        if envelope.state not in _OPEN:
            return envelope
        try:
            await self.look.calls.tell("/sign-task/cancel", {"signTaskId": ref, "terminationNote": reason[:250]})
        except ESignError as fault:
            if fault.code != NOT_CANCELLABLE:
                raise
        after = await self.look.state(ref)
        if after.state in _OPEN:
            raise ESignError(f"still {after.raw}", unknown=False, code=NOT_CANCELLABLE, retry=True)
        return after

    async def abolish(self, ref: str, key: str, reason: str) -> Envelope:
        """A refused voiding is asked for anew, unless the provider takes our key and it is this very one."""
        original = await self.look.detail(ref)
        check_voiding(original.trans_reference_id or "", key, reason)
        known = await self._known(original, key)
        if known is not None:
            return await self.started(known)
        if original.sign_task_status not in VOIDABLE:
            said = f"only a finished task is voided, not {original.sign_task_status[:40]!r}"
            raise ESignError(said, unknown=False, code="PARAM")
        fields = voiding_fields(self.look.calls.account, ref, key, reason, self.callback_url)
        made = await self.look.calls.ask("/sign-task/abolish", fields, Voiding)
        return Envelope(made.abolished_sign_task_id, EnvelopeState.SIGNING, "created")

    async def started(self, envelope: Envelope) -> Envelope:
        """What was made and never started is started now: an answer may have been lost in between."""
        if envelope.raw != _MADE:
            return envelope
        await self.look.calls.tell("/sign-task/start", {"signTaskId": envelope.ref})
        return await self.look.state(envelope.ref)

    async def _known(self, original: Detail, key: str) -> Envelope | None:
        """The voiding under ``key``, or whichever of the original is under way or done."""
        if {"businessCode", "transReferenceId"} <= self.look.calls.account.voiding_takes:
            found = await self.look.find(key)
            if found is not None:
                return found
        if not original.abolished_sign_task_id:
            if original.sign_task_status == "abolishing":
                raise ESignError("a voiding under way has no name", unknown=True, code="UNREADABLE")
            return None
        voiding = envelope_of(original.abolished_sign_task_id, await self.look.detail(original.abolished_sign_task_id))
        return voiding if voiding.state in (*_OPEN, EnvelopeState.SIGNED) else None
