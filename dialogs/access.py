"""How long the door must open, and for how long it may: a lawful occupant is never locked out, nobody gets more."""

from __future__ import annotations

from datetime import date, timedelta

from .policy import Policy
from .renewal import Renewal
from .states import State

_NEARLY = timedelta(days=3)
"""A lock is extended at least three days before its end (requirements 4, door lock)."""


def full_right(renewal: Renewal, policy: Policy) -> date:
    """The new term's last day plus the buffer; terms must have been accepted."""
    assert renewal.accepted is not None, "a new term was accepted"
    return renewal.accepted.end + timedelta(days=policy.access_buffer_days)


def held_until(renewal: Renewal, policy: Policy) -> date:
    """Until when the door opens as far as we know: the last read-back, else the old term and not a day more."""
    old = renewal.lease.end
    return old if renewal.access_until is None else max(old, renewal.access_until)


def bridge_until(renewal: Renewal, policy: Policy, today: date) -> date:
    """Where a bridge over an unsettled time ends: grace beyond the term, today, or a bill that is due."""
    base = max(renewal.lease.end, today)
    if renewal.bill is not None and renewal.state is State.PAYING:
        base = max(base, renewal.bill.due)
    wait = {State.ON_HOLD: policy.hold_days, State.HOLDOVER: policy.holdover_days}.get(renewal.state, 0)
    return base + timedelta(days=policy.grace_days + wait)


def bridge_needed(renewal: Renewal, policy: Policy, today: date) -> bool:
    """Would the door fall shut soon?"""
    return held_until(renewal, policy) < max(today, renewal.lease.end) + _NEARLY


def falls_shut(renewal: Renewal, policy: Policy, today: date) -> bool:
    """Is this the last day, or the day before, on which the door opens?"""
    return held_until(renewal, policy) <= today + timedelta(days=1)


def rightful_until(renewal: Renewal, policy: Policy, today: date) -> date:
    """No extension reaches beyond this day: the new term once paid, a bridge before, what is held for who left."""
    if renewal.state in (State.EXTENDING, State.RENEWED):
        return full_right(renewal, policy)
    if renewal.state in (State.MOVED_OUT, State.MOVING_OUT):
        return held_until(renewal, policy)
    return bridge_until(renewal, policy, today)
