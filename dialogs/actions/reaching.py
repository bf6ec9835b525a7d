"""One message under way: sent, delivered, seen; without a sign it climbs to the next rung, at last a person calls."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from .. import approvals
from ..effects import Task
from ..events import AttemptFailed, ContactCheckDue, MessageSent, RungDue
from ..policy import Policy, Tier
from ..reach import PUSHES
from ..reminders import days_left
from ..renewal import Budget, Reaching
from ..rungs import RECEIPTED, Rung
from ..states import Milestone
from ..timers import contact_looked_at
from ..workdays import day_of
from .turn import Turn

_replace = msgspec.structs.replace


def begin_watch(turn: Turn) -> None:
    """The first turn of a renewal sets the day on which a way to the tenant must be proven."""
    tomorrow = turn.now + timedelta(days=1)
    turn.set_timer(ContactCheckDue(), max(tomorrow, contact_looked_at(turn.r.lease.end, turn.policy)))


# --- what became of it ----------------------------------------------------------------------------------------------
def sent(turn: Turn) -> None:
    """The live message left: from now on a receipt is waited for, or a sign of being seen."""
    event, live = turn.event, _live(turn)
    assert isinstance(event, MessageSent)
    after = _replace(live, tried=(*live.tried, event.rung), more=event.more, sent_at=turn.now)
    turn.change(reaching=after)
    _spend(turn, event.rung)
    _wait(turn, after)
    turn.stay_silent("sent")


def sent_beside(turn: Turn) -> None:
    """An older message, or one nobody waits for any more; its custom message is spent all the same."""
    event = turn.event
    assert isinstance(event, MessageSent)
    _spend(turn, event.rung)
    turn.stay_silent("sent")


def delivered(turn: Turn) -> None:
    """On the device; whether it was seen only the page and the tenant's own words can tell.

    A receipt may overtake our own note of the sending; the waiting then begins with the note.
    """
    live = _replace(_live(turn), delivered=True)
    turn.change(reaching=live)
    turn.reach(Milestone.REACHED)
    turn.stay_silent("receipt")
    if live.sent_at is not None:
        _wait(turn, live)


def delivered_beside(turn: Turn) -> None:
    turn.reach(Milestone.REACHED)
    turn.stay_silent("receipt")


def failed(turn: Turn) -> None:
    """It did not arrive, so it does not count against the caps (news never did); the next rung is tried at once."""
    assert isinstance(turn.event, AttemptFailed)
    live, days = _live(turn), list(turn.r.sent_on)
    if live.message in PUSHES and live.day in days:
        days.remove(live.day)
    turn.change(sent_on=tuple(days))
    climb(turn)


def failed_beside(turn: Turn) -> None:
    turn.stay_silent("an older message")


def climb(turn: Turn) -> None:
    """Say it once more on the next rung; where none is left, or it must wait and days are few, a person calls."""
    live = _live(turn)
    if live.tier and live.tier != turn.r.tier:
        forget(turn)
        turn.stay_silent("superseded")
        return
    if not live.more:
        call(turn)
        return
    if not turn.say_on(live, **_now(turn, live)):
        return
    again = turn.r.reaching
    tier = _tier(turn, live)
    if again is not None and again.day > day_of(turn.now) and tier is not None and tier.tell_housekeeper:
        _ring_call(turn, again)


def call(turn: Turn) -> None:
    """After the last rung: a person, with what was tried."""
    if turn.r.owner.person is not None:
        turn.stay_silent("owned")
        return
    _ring_call(turn, _live(turn))
    turn.change(reaching=None)
    turn.drop_timers("RungDue")
    turn.stay_silent("a person calls")


def forget(turn: Turn) -> None:
    """The tenant was heard: nothing that only urges goes on climbing."""
    if turn.r.reaching is not None:
        turn.change(reaching=None)
        turn.drop_timers("RungDue")


def look_again(turn: Turn) -> None:
    """People let go: the clock of the message under way may have rung while the words were theirs."""
    live = turn.r.reaching
    if live is not None:
        _wait(turn, live)


# --- T-20 ------------------------------------------------------------------------------------------------------------
def mend_contact(turn: Turn) -> None:
    turn.ring(Task.REPAIR_CONTACT, "nothing has reached the tenant by T-20", due=_call_due(turn))
    turn.stay_silent("people look")


def contact_proven(turn: Turn) -> None:
    turn.stay_silent("a way to the tenant is proven")


# --- the page's own word ---------------------------------------------------------------------------------------------
def page_broke(turn: Turn) -> None:
    """A button that does nothing loses a tenant who wanted to stay: somebody offers help the same day."""
    turn.change(page_trouble=True)
    turn.ring(Task.LOOK, "the page's script broke on the tenant's phone: call and offer help", due=_call_due(turn))
    turn.stay_silent("people look")


def way_barred(turn: Turn) -> None:
    """Somebody of ours put the tenant there; the message itself goes on over the next rung."""
    turn.ring(Task.LOOK, "the tenant is on our WeChat account's blacklist: take them off it", due=_call_due(turn))
    turn.stay_silent("people look")


def noted(turn: Turn) -> None:
    turn.stay_silent("noted")


def _live(turn: Turn) -> Reaching:
    assert turn.r.reaching is not None, "the guard saw a message under way"
    return turn.r.reaching


def _spend(turn: Turn, rung: str) -> None:
    budget = turn.r.budget
    if rung == Rung.WINDOW:
        turn.change(budget=Budget(max(0, budget.left - 1), budget.closes_at))


def _wait(turn: Turn, live: Reaching) -> None:
    """Until the next sign is due; where none is waited for, nothing rings."""
    due = _due(turn, live)
    turn.set_timer(RungDue(), max(turn.now, due)) if due is not None else turn.drop_timers("RungDue")


def _due(turn: Turn, live: Reaching) -> datetime | None:
    if live.sent_at is None:
        return turn.now + timedelta(hours=turn.policy.sms_unopened_hours)
    if live.delivered or live.tried[-1] not in RECEIPTED:
        return _seen_due(turn, live, live.sent_at)
    return live.sent_at + timedelta(minutes=turn.policy.receipt_minutes.get(live.tried[-1], 60))


def _seen_due(turn: Turn, live: Reaching, sent_at: datetime) -> datetime | None:
    """Only what urges must be seen soon; news of the passage has deadlines of its own."""
    if live.message not in PUSHES:
        return None
    tier = _tier(turn, live)
    hours = tier.unopened_hours if tier is not None else turn.policy.sms_unopened_hours
    if live.tried[-1:] == (Rung.SMS.value,):
        hours = min(hours, turn.policy.sms_unopened_hours)
    return sent_at + timedelta(hours=hours)


def _tier(turn: Turn, live: Reaching) -> Tier | None:
    return tier_named(live.tier or turn.r.tier, turn.policy)


def tier_named(name: str, policy: Policy) -> Tier | None:
    return next((tier for tier in policy.tiers if tier.name == name), None)


def _now(turn: Turn, live: Reaching) -> dict[str, str | int]:
    """The message's parameters as they are today."""
    if "days_left" not in live.params:
        return live.params
    return {**live.params, "days_left": days_left(turn.r.lease.end, turn.now)}


def _ring_call(turn: Turn, live: Reaching) -> None:
    tried = ", ".join(live.tried) if live.tried else "nothing yet"
    turn.ring(Task.CALL, f"no sign that the tenant saw a message (tried: {tried})", due=_call_due(turn))


def _call_due(turn: Turn) -> datetime:
    return approvals.due(turn.now, turn.policy.call_hours, turn.policy)
