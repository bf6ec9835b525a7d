"""How words may reach the tenant now: as the answer, in the window, as a notice, later, or deliberately not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from .effects import Route
from .events import Event, Followed, Heard, OptedOut
from .messages import CATALOGUE, Kind
from .policy import Policy
from .renewal import Budget, Renewal, Silence
from .states import State
from .workdays import SHANGHAI, day_of, shanghai

PUSHES = frozenset({
    "remind_warm", "remind_formal", "remind_urgent", "offer_updated", "offer_expiring", "follow_up", "pay_first_nudge",
    "sign_nudge", "pay_nudge", "move_out_reminder",
})  # fmt: skip
"""Messages that only urge: the caps (1 a day, 3 a week, seed S13) count these, not the news of the passage itself."""

LAST_WORDS = frozenset({"handoff", "person_will_contact"})
"""May take the last unit of the budget."""

WINDOW = timedelta(hours=48)
WINDOW_UNITS = 5
"""Custom messages after a tenant's words: 5 in 48 hours (channels, section 1)."""
CLICK_WINDOW = timedelta(minutes=1)
CLICK_UNITS = 3
"""… and after a menu click or a new follow: 3 in one minute."""

_DAYS_AHEAD = 15


class Way(msgspec.Struct, frozen=True):
    """How one message goes out, and what that leaves of budget and caps."""

    route: Route
    proactive: bool
    not_before: datetime | None
    budget: Budget
    sent_on: tuple[date, ...]


def refilled(event: Event, budget: Budget, now: datetime) -> Budget:
    """The budget after what the tenant just did on WeChat."""
    if not isinstance(event, Followed) and not (isinstance(event, Heard) and event.via == "wechat"):
        return budget
    if isinstance(event, Heard) and not event.clicked:
        return Budget(WINDOW_UNITS, now + WINDOW)
    return budget if is_open(budget, now) else Budget(CLICK_UNITS, now + CLICK_WINDOW)


def spare(budget: Budget, at: datetime) -> int:
    """Custom messages that may be spent at ``at``: the last one is kept for "a person will contact you"."""
    return max(0, budget.left - 1) if is_open(budget, at) else 0


def is_open(budget: Budget, at: datetime) -> bool:
    return budget.closes_at is not None and at < budget.closes_at


def is_quiet(policy: Policy, at: datetime) -> bool:
    """Inside the quiet hours (Shanghai wall clock, from evening over midnight into the morning)?"""
    clock = at.astimezone(SHANGHAI).time()
    if policy.quiet_from <= policy.quiet_until:
        return policy.quiet_from <= clock < policy.quiet_until
    return clock >= policy.quiet_from or clock < policy.quiet_until


def awake(policy: Policy, at: datetime) -> datetime:
    """``at`` itself, or the end of the quiet hours it falls into (aware UTC)."""
    if not is_quiet(policy, at):
        return at
    morning = shanghai(day_of(at), policy.quiet_until)
    return morning if morning > at else shanghai(day_of(at) + timedelta(days=1), policy.quiet_until)


def slot(sent_on: tuple[date, ...], policy: Policy, now: datetime) -> datetime | None:
    """The earliest instant at which one more push keeps quiet hours and caps; None when no day within reach does."""
    at = awake(policy, now)
    for _ in range(_DAYS_AHEAD):
        if _within_caps(sent_on, day_of(at), policy):
            return at
        at = shanghai(day_of(at) + timedelta(days=1), policy.send_at)
    return None


def way(renewal: Renewal, policy: Policy, event: Event, message: str, now: datetime) -> Way | Silence:
    """How ``message`` may go out as a consequence of ``event``; the first answer to whoever just wrote is free."""
    silent = _must_not_speak(renewal, event, message)
    if silent is not None:
        return silent
    if isinstance(event, Heard | Followed):
        by_sms = isinstance(event, Heard) and event.via == "sms"
        return Way(Route.ANSWER if by_sms else Route.REPLY, False, None, renewal.budget, renewal.sent_on)
    if renewal.opted_out:
        return Silence("opted_out")
    return _push(renewal, policy, message, now) if message in PUSHES else _news(renewal, policy, message, now)


def _must_not_speak(renewal: Renewal, event: Event, message: str) -> Silence | None:
    if renewal.owner.person is not None:
        return Silence("owned")
    if renewal.state is State.ON_HOLD:
        return Silence("on_hold")
    if renewal.stranger and message != "wrong_person":
        return Silence("stranger")
    if isinstance(event, Heard) and event.via == "page":
        return Silence("page answers")
    if isinstance(event, OptedOut) and event.via == "sms":
        return Silence("who refuses SMS gets none about it")
    return None


def _push(renewal: Renewal, policy: Policy, message: str, now: datetime) -> Way | Silence:
    at = slot(renewal.sent_on, policy, now)
    if at is None:
        return Silence("caps")
    recent = tuple(day for day in renewal.sent_on if (day_of(now) - day).days < 7)
    found = _news(renewal, policy, message, at)
    if isinstance(found, Silence):
        return found
    later = at if at > now else None
    return msgspec.structs.replace(found, not_before=later, sent_on=(*recent, day_of(at)))


def _news(renewal: Renewal, policy: Policy, message: str, now: datetime) -> Way | Silence:
    at = awake(policy, now)
    later = at if at > now else None
    if CATALOGUE[message].kind is Kind.NOTICE:
        return Way(Route.NOTICE, True, later, renewal.budget, renewal.sent_on)
    budget = renewal.budget
    kept = 0 if message in LAST_WORDS else 1
    if not is_open(budget, at) or budget.left <= kept:
        return Silence("window closed")
    spent = Budget(budget.left - 1, budget.closes_at)
    return Way(Route.CUSTOM, True, later, spent, renewal.sent_on)


def _within_caps(sent_on: tuple[date, ...], day: date, policy: Policy) -> bool:
    """Any seven days in a row: what is planned for later counts as much as what was sent."""
    near = [sent for sent in sent_on if abs((sent - day).days) < 7]
    return near.count(day) < policy.automatic_per_day and len(near) < policy.automatic_per_week
