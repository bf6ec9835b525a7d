"""The ladder of reminders: when each tier is due, which one is the newest, and which comes next."""

from __future__ import annotations

from datetime import date, datetime

from .policy import Policy, Tier, Tone
from .workdays import before_holiday, day_of, shanghai

MESSAGES = {Tone.WARM: "remind_warm", Tone.FORMAL: "remind_formal", Tone.URGENT: "remind_urgent"}


def ladder(policy: Policy) -> tuple[Tier, ...]:
    """The tiers, earliest first."""
    return tuple(sorted(policy.tiers, key=lambda tier: -tier.days_before))


def due_at(tier: Tier, end: date, policy: Policy) -> datetime:
    """UTC instant of a tier: the policy's send time on its Shanghai day, moved earlier out of holidays."""
    day = before_holiday(date.fromordinal(end.toordinal() - tier.days_before), policy)
    return shanghai(day, policy.send_at)


def first_due(end: date, policy: Policy, opened: date) -> datetime:
    """UTC instant of the first ``TierDue`` of a lease ending on ``end`` (Shanghai dates).

    A first tier that is past on the day of opening is due at that day's send time: the newest due tier is sent then.
    """
    opening = shanghai(opened, policy.send_at)
    tiers = ladder(policy)
    return max(due_at(tiers[0], end, policy), opening) if tiers else opening


def newest_due(end: date, policy: Policy, now: datetime) -> Tier | None:
    """The latest tier whose instant has come; None before the first. Late after downtime, only this one is sent."""
    return next((tier for tier in reversed(ladder(policy)) if due_at(tier, end, policy) <= now), None)


def next_due(end: date, policy: Policy, now: datetime) -> tuple[Tier, datetime] | None:
    """The first tier still to come, with its UTC instant; None after the last."""
    coming = ((tier, due_at(tier, end, policy)) for tier in ladder(policy))
    return next(((tier, due) for tier, due in coming if due > now), None)


def is_newer(name: str, than: str, policy: Policy) -> bool:
    """Is tier ``name`` later on the ladder than the one sent last (empty: none)? Unknown names are never newer."""
    order = [tier.name for tier in ladder(policy)]
    if name not in order:
        return False
    return than not in order or order.index(name) > order.index(than)


def days_left(end: date, now: datetime) -> int:
    """Whole Shanghai days from today to the lease's last day; never negative."""
    return max(0, (end - day_of(now)).days)
