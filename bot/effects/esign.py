"""The e-sign lane: open and withdraw envelopes, and turn what the provider says now into events."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from backend.db.port import Store, Stored
from backend.esign.port import Envelope, EnvelopeState, ESign, ESignError, Signer
from bot.dispatcher import Done, Hand, Job, Later
from dialogs.effects import Effect, OpenEnvelope, WithdrawEnvelope
from dialogs.events import (
    AnyEvent,
    EnvelopeDelayed,
    EnvelopeExpired,
    EnvelopeFailed,
    EnvelopeOpened,
    EnvelopeRefused,
    EnvelopeSigned,
    PartySigned,
)

DELAYED_AFTER = 3
"""Tries without an answer before the tenant is told that the deadline moves."""

Document = Callable[[Stored, OpenEnvelope, tuple[Signer, ...]], bytes]


def esign_hands(store: Store, esign: ESign, document: Document) -> dict[type[Effect], Hand]:
    async def open_envelope(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, OpenEnvelope)
        signers = await _signers(store, job.stored)
        subject = f"续租协议 {job.stored.renewal.lease.no}"
        try:
            paper = await asyncio.to_thread(document, job.stored, wish, signers)
            envelope = await esign.open(wish.key, subject, paper, signers, wish.expires_at)
        except ESignError as fault:
            if fault.final:
                return Done(EnvelopeFailed(reason=str(fault)[:200]))
            tell = EnvelopeDelayed() if job.claim.attempts == DELAYED_AFTER else None
            raise Later(str(fault), unsure=fault.unknown, tell=tell) from None
        await store.note_ref("envelope", envelope.ref, job.stored.id)
        return Done(EnvelopeOpened(envelope.ref, wish.key))

    async def withdraw(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, WithdrawEnvelope)
        try:
            envelope = await esign.withdraw(wish.ref, wish.reason)
        except ESignError as fault:
            raise Later(str(fault), unsure=fault.unknown, dead=fault.final) from None
        return Done(note=f"envelope is {envelope.state}")

    return {OpenEnvelope: open_envelope, WithdrawEnvelope: withdraw}


async def _signers(store: Store, stored: Stored) -> tuple[Signer, ...]:
    signers = []
    for party in stored.renewal.lease.parties:
        person = await store.person(party.id)
        if person is None:
            raise Later(f"party {party.id} has no row of personal data", dead=True)
        signers.append(Signer(party.id, person.name, person.phone, person.id_number))
    return tuple(signers)


async def envelope_news(esign: ESign, stored: Stored, ref: str) -> list[AnyEvent]:
    """What the provider says of this envelope, as events the renewal has not heard yet. Raises ESignError."""
    envelope = await esign.state(ref)
    news: list[AnyEvent] = [
        PartySigned(ref, party.id)
        for party in stored.renewal.lease.parties
        if party.id in envelope.signed_by and party.id not in stored.renewal.signed_by
    ]
    final = await _final(esign, envelope)
    return [*news, final] if final is not None else news


async def _final(esign: ESign, envelope: Envelope) -> AnyEvent | None:
    if envelope.state is EnvelopeState.SIGNED:
        signed = await esign.fetch_signed(envelope.ref)
        return EnvelopeSigned(envelope.ref, hashlib.sha256(signed).hexdigest())
    if envelope.state is EnvelopeState.REFUSED:
        return EnvelopeRefused(envelope.ref)
    if envelope.state is EnvelopeState.EXPIRED:
        return EnvelopeExpired(envelope.ref)
    return None
