"""Contracts and doors against what their partners hold: nobody is bound, shut out or let in by our row alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date

from backend.db.port import Stored
from backend.db.reconciling_port import Difference
from backend.esign.port import EnvelopeState, ESign
from backend.locks.port import Locks
from bot.clock import shanghai_day
from bot.comparing import Findings
from bot.effects.lock import end_of_day
from bot.partners import Partners
from dialogs.access import full_right
from dialogs.policy import Policy
from dialogs.states import Milestone


async def compare_contracts(recent: AsyncIterator[Stored], esign: ESign, partners: Partners) -> Findings:
    """A contract that stands with us is finished at the provider, and no finished one waits here. Raises ESignError."""
    findings = Findings()
    async for stored in recent:
        ref = stored.renewal.envelope
        if ref is None:
            continue
        state = (await esign.state(ref)).state
        signed = stored.renewal.milestone >= Milestone.SIGNED
        if signed is (state is EnvelopeState.SIGNED):
            findings.matched()
        elif signed:
            findings.differs(Difference("contracts", "signed_here_not_there", ref, "signed", state, stored.id))
        else:
            await partners.check_envelope(stored, ref)
            findings.matched("applied")
    return findings


async def compare_doors(recent: AsyncIterator[Stored], locks: Locks, policy_of: Callable[[Stored], Policy]) -> Findings:
    """Every credential opens until the day that was read back, none beyond the right to enter. Raises LockError."""
    findings = Findings()
    async for stored in recent:
        held = stored.renewal.access_until
        if held is not None:
            await _door(stored, held, (locks, policy_of(stored)), findings)
    return findings


async def _door(stored: Stored, held: date, at: tuple[Locks, Policy], findings: Findings) -> None:
    locks, policy = at
    lock = stored.renewal.lease.lock
    ends = [one.end for one in await locks.credentials(lock)]
    right = max(full_right(stored.renewal, policy), held)
    short = [one for one in ends if one is not None and one < end_of_day(held)]
    long = [one for one in ends if one is not None and one > end_of_day(right)]
    if not ends or short:
        theirs = shanghai_day(min(short)).isoformat() if short else ""
        findings.differs(Difference("doors", "opens_too_short", lock, held.isoformat(), theirs, stored.id))
    elif long:
        theirs = shanghai_day(max(long)).isoformat()
        findings.differs(Difference("doors", "opens_too_long", lock, right.isoformat(), theirs, stored.id))
    else:
        findings.matched()
