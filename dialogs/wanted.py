"""The last look before an effect is carried out: with the row as it is now, is it still wished, and may it be now?"""

from __future__ import annotations

from datetime import datetime

import msgspec

from . import access, effects
from .effects import AnyEffect
from .reach import PUSHES, awake
from .renewal import Renewal, Subject
from .states import State
from .workdays import day_of


class Ready(msgspec.Struct, frozen=True):
    """Carry it out."""


class Wait(msgspec.Struct, frozen=True):
    """Not before ``until`` (aware UTC)."""

    until: datetime


class Moot(msgspec.Struct, frozen=True):
    """No longer wished; settle it without acting."""

    reason: str


READY = Ready()

_UNDECIDED = frozenset({State.REMINDED, State.OFFERED, State.HESITATING, State.NEGOTIATING})
_AT_THE_GATE = frozenset({State.GATED, State.CHECKING, State.DISPUTED, State.MONEY_TROUBLE})
_SIGNING = frozenset({State.AWAITING_SIGNATURE})
_PAYING = frozenset({State.PAYING})
_DOOR = frozenset({State.EXTENDING})

SPOKEN_IN: dict[str, frozenset[State]] = {
    "remind_warm": _UNDECIDED,
    "remind_formal": _UNDECIDED,
    "remind_urgent": _UNDECIDED,
    "offers": _UNDECIDED,
    "offer_updated": _UNDECIDED,
    "offer_expiring": _UNDECIDED,
    "follow_up": _UNDECIDED,
    "counter_rejected": _UNDECIDED,
    "pay_first": _AT_THE_GATE,
    "pay_first_nudge": _AT_THE_GATE,
    "sign_ready": _SIGNING,
    "sign_nudge": _SIGNING,
    "sign_waiting_others": _SIGNING,
    "esign_delayed": _SIGNING,
    "sign_expired": _AT_THE_GATE | _SIGNING,
    "pay_ready": _PAYING,
    "pay_nudge": _PAYING,
    "pay_refused": _PAYING,
    "deduction_announced": _PAYING,
    "mandate_closed": _PAYING,
    "paid_door_pending": _DOOR,
    "access_delayed": _DOOR,
    "lapsed": frozenset({State.LAPSED}),
}
"""States in which a message we begin is still true; a message that is not here always is."""


def still_wanted(subject: Subject, effect: AnyEffect, now: datetime) -> Ready | Wait | Moot:
    """Asked with the fresh row right before the act. What people are asked, and what is written down, is never moot."""
    if isinstance(effect, effects.Say):
        return _say(subject, effect, now)
    reason = _moot(subject, effect, now)
    if reason:
        return Moot(reason)
    if effect.not_before is not None and now < effect.not_before:
        return Wait(effect.not_before)
    return READY


def _say(subject: Subject, say: effects.Say, now: datetime) -> Ready | Wait | Moot:
    reason = _unspeakable(subject.renewal, say)
    if reason:
        return Moot(reason)
    if not say.proactive:
        return READY
    at = awake(subject.policy, max(now, say.not_before or now))
    return Wait(at) if at > now else READY


def _unspeakable(renewal: Renewal, say: effects.Say) -> str:
    if renewal.owner.person is not None or renewal.owner.epoch != say.epoch:
        return "owned"
    if renewal.stranger and say.message != "wrong_person":
        return "stranger"
    if renewal.state is State.ON_HOLD:
        return "on_hold"
    return _outdated(renewal, say) if say.proactive else ""


def _outdated(renewal: Renewal, say: effects.Say) -> str:
    if renewal.opted_out:
        return "opted_out"
    if say.tier and say.tier != renewal.tier:
        return "superseded"
    if say.message in PUSHES and say.heard != renewal.heard:
        return "the tenant was heard meanwhile"
    allowed = SPOKEN_IN.get(say.message)
    return f"no longer true in {renewal.state}" if allowed is not None and renewal.state not in allowed else ""


def _moot(subject: Subject, effect: AnyEffect, now: datetime) -> str:
    renewal = subject.renewal
    if isinstance(effect, effects.PrepareOffer):
        return "the renewal is over" if renewal.final else ""
    if isinstance(effect, effects.AskVerdict):
        current = renewal.state is State.CHECKING and effect.check == renewal.check
        return "" if current else "another check counts"
    if isinstance(effect, effects.OpenEnvelope):
        return _envelope(subject, effect)
    if isinstance(effect, effects.WithdrawEnvelope):
        return "it is the signed contract" if effect.ref == renewal.envelope else ""
    if isinstance(effect, effects.RequestPayment):
        current = renewal.state is State.PAYING and effect.key == renewal.payment.open
        return "" if current else "another order counts"
    if isinstance(effect, effects.ExtendAccess):
        return _extension(subject, effect, now)
    return ""


def _extension(subject: Subject, effect: effects.ExtendAccess, now: datetime) -> str:
    """Neither beyond the right to enter nor back behind what was read back: an old wish must not shut the door."""
    renewal = subject.renewal
    if renewal.access_until is not None and effect.until < renewal.access_until:
        return "the door holds longer"
    allowed = access.rightful_until(renewal, subject.policy, day_of(now))
    return "no right to enter that long" if effect.until > allowed else ""


def _envelope(subject: Subject, effect: effects.OpenEnvelope) -> str:
    renewal = subject.renewal
    newest = effect.key == f"E{subject.id}N{renewal.envelopes}"
    wanted = renewal.state is State.AWAITING_SIGNATURE and renewal.envelope is None and newest
    return "" if wanted and effect.proposal == renewal.accepted else "no longer to be signed"
