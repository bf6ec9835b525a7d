"""The reminder ladder: one message for the newest tier that is due, and always a timer for the next."""

from __future__ import annotations

from .. import reminders
from ..effects import Task
from ..events import TierDue
from ..policy import Tier
from ..reminders import MESSAGES, days_left, newest_due
from ..states import State
from .turn import Turn

_UNDECIDED = (
    State.OPENED,
    State.HAND_PRICING,
    State.REMINDED,
    State.OFFERED,
    State.HESITATING,
    State.NEGOTIATING,
    State.UNREACHABLE,
)


def set_next(turn: Turn) -> None:
    """Only the next tier has a timer: a backlog cannot grow."""
    found = reminders.next_due(turn.r.lease.end, turn.policy, turn.now)
    if found is not None:
        tier, due = found
        turn.set_timer(TierDue(tier.name), due)


def set_anew(turn: Turn) -> None:
    """After the term moved: a tier that is due by now and was not sent rings at once, else the next one on its day."""
    tier = newest_due(turn.r.lease.end, turn.policy, turn.now)
    if tier is not None and reminders.is_newer(tier.name, turn.r.tier, turn.policy):
        turn.set_timer(TierDue(tier.name), turn.now)
    else:
        set_next(turn)


def remind(turn: Turn) -> None:
    """Send the newest due tier, ask people where the tier says so, and look ahead to the next one."""
    set_next(turn)
    tier = newest_due(turn.r.lease.end, turn.policy, turn.now)
    if tier is None or not reminders.is_newer(tier.name, turn.r.tier, turn.policy):
        turn.stay_silent("no newer tier is due")
        return
    _say_tier(turn, tier)
    _ask_people(turn, tier)


def skip(turn: Turn) -> None:
    """The tier rang where no reminder belongs; people are still told while the tenant has not decided."""
    set_next(turn)
    turn.stay_silent(f"no reminder while {turn.state.value}")
    tier = newest_due(turn.r.lease.end, turn.policy, turn.now)
    if tier is not None and turn.state in _UNDECIDED and reminders.is_newer(tier.name, turn.r.tier, turn.policy):
        turn.change(tier=tier.name)
        _ask_people(turn, tier)


def late(turn: Turn) -> None:
    set_next(turn)
    turn.stay_silent("late")


def _say_tier(turn: Turn, tier: Tier) -> None:
    """A tier counts as sent even when silence was right: it is never made up for later."""
    turn.change(tier=tier.name)
    turn.say_tier(tier.name, MESSAGES[tier.tone], days_left=days_left(turn.r.lease.end, turn.now))


def _ask_people(turn: Turn, tier: Tier) -> None:
    if tier.call_task and not turn.r.answered:
        turn.ring(Task.CALL, f"重点关注: no answer by {tier.name}")
    if tier.tell_housekeeper:
        turn.ring(Task.COUNTDOWN, f"{days_left(turn.r.lease.end, turn.now)} days left, not decided")
