"""Envelopes out and back: one at a time, each under its own number."""

from __future__ import annotations

from ..effects import OpenEnvelope, WithdrawEnvelope
from ..events import SignatureDue, SignatureNudgeDue
from ..timers import sign_by
from ..workdays import shanghai
from .turn import Turn


def open_next(turn: Turn) -> None:
    """Wish the next envelope on the accepted terms, and set both clocks of its signing."""
    accepted = turn.r.accepted
    assert accepted is not None, "only accepted terms are signed"
    turn.change(envelopes=turn.r.envelopes + 1, envelope=None, signed_by=())
    key = f"E{turn.id}N{turn.r.envelopes}"
    turn.wish(OpenEnvelope(key=key, proposal=accepted, expires_at=sign_by(turn.policy, turn.now)))
    set_clocks(turn)


def set_clocks(turn: Turn) -> None:
    turn.set_timer(SignatureDue(), sign_by(turn.policy, turn.now))
    set_nudge(turn, 1)


def set_nudge(turn: Turn, nudge: int) -> None:
    """The next nudge, a policy's step of days ahead at the send time."""
    day = turn.today.fromordinal(turn.today.toordinal() + turn.policy.sign_nudge_days)
    turn.set_timer(SignatureNudgeDue(nudge), shanghai(day, turn.policy.send_at))


def withdraw(turn: Turn, reason: str) -> None:
    """Ask the open envelope back, if there is one. Should it come back signed, see ``guards.signed_after_all``."""
    ref = turn.r.envelope
    if ref is not None:
        turn.wish(WithdrawEnvelope(key=f"withdraw:{turn.id}:{ref}", ref=ref, reason=reason))
        turn.change(envelope=None, withdrawn=ref, signed_by=())
