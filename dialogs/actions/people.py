"""People step in: handoff, claim and release, hold, lost contact, opt-out."""

from __future__ import annotations

from datetime import timedelta

from .. import approvals
from ..effects import Task
from ..events import CallEnded, Claimed, Released, TermEnded
from ..reach import awake, spare
from ..renewal import Budget, Owner
from ..states import Milestone, State
from ..timers import term_ends, term_over
from ..workdays import day_of
from . import door, envelopes, ladder, offering, paying, reaching
from .choosing import ask_verdict
from .turn import Turn

_UNSIGNED_GOES_BACK_TO = State.CHECKING


# --- handoff ---------------------------------------------------------------------------------------------------------
def hand_off(turn: Turn) -> None:
    _withdraw_question(turn)
    turn.ring(Task.HANDOFF, f"{type(turn.event).__name__} while {turn.before.state.value}")
    turn.say("handoff")


def hand_off_misunderstood(turn: Turn) -> None:
    _withdraw_question(turn)
    turn.change(misunderstood=0)
    turn.ring(Task.HANDOFF, "not understood several times in a row")
    turn.say("handoff")


def tech_trouble(turn: Turn) -> None:
    _withdraw_question(turn)
    turn.ring(Task.HANDOFF, "something technical fails for the tenant")
    turn.say("tech_help")


def change_asked(turn: Turn) -> None:
    _withdraw_question(turn)
    turn.ring(Task.HANDOFF, "the tenant asks for what no offer holds")
    turn.say("change_noted")


def complaint(turn: Turn) -> None:
    _withdraw_question(turn)
    turn.ring(Task.HANDOFF, "a complaint")
    turn.say("complaint_noted")


def repair(turn: Turn) -> None:
    """A work order with a day, and the tenant is told the day."""
    _withdraw_question(turn)
    due = approvals.due(turn.now, 24 * turn.policy.repair_days, turn.policy)
    turn.ring(Task.WORK_ORDER, "the tenant reports a repair", due=due)
    turn.say("repair_noted", by=day_of(due).isoformat())


def _withdraw_question(turn: Turn) -> None:
    """Whatever waited for a yes waits no more: a later 好的 would be about something else."""
    if turn.before.state is State.CONFIRMING:
        turn.change(chosen=None)


# --- who owns the thread ---------------------------------------------------------------------------------------------
def claim(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, Claimed)
    turn.change(owner=Owner(event.actor, turn.r.owner.epoch + 1))
    turn.stay_silent("owned")


def not_theirs(turn: Turn) -> None:
    """A colleague took the thread over meanwhile: it stays with them. Let go twice, it is free already."""
    turn.stay_silent("duplicate" if turn.r.owner.person is None else "owned")


def release(turn: Turn) -> None:
    _release(turn)
    if turn.state in (State.MOVING_OUT, State.LAPSED):
        turn.stay_silent("nothing goes on by itself")
    elif turn.before.state is State.OFFERED:
        _announce(turn)
    else:
        turn.say("released")


def release_to_offers(turn: Turn) -> None:
    _release(turn)
    turn.change(chosen=None, counter=None)
    _announce(turn)


def _announce(turn: Turn) -> None:
    """The options anew: in the chat while its window is open, else a notice leads to them."""
    offer = turn.r.offer
    if offer is not None and turn.now < offer.expires_at and spare(turn.r.budget, awake(turn.policy, turn.now)):
        turn.say("offers_again")
        offering.mark_shown(turn)
    else:
        turn.say("released")


def _release(turn: Turn) -> None:
    assert isinstance(turn.event, Released)
    turn.change(owner=Owner(None, turn.r.owner.epoch + 1))
    reaching.look_again(turn)
    turn.drop_tasks(Task.HANDOFF)


# --- contact ---------------------------------------------------------------------------------------------------------
def lose_contact(turn: Turn) -> None:
    turn.change(reachable=False, chosen=None)
    reaching.forget(turn)
    turn.ring(Task.REPAIR_CONTACT, "no message reaches the tenant")
    turn.stay_silent("unreachable")


def contact_failed(turn: Turn) -> None:
    turn.change(reachable=False)
    reaching.forget(turn)
    turn.ring(Task.REPAIR_CONTACT, "a message did not reach the tenant")
    turn.stay_silent("unreachable")


def still_lost(turn: Turn) -> None:
    turn.stay_silent("known to be unreachable")


def contact_overdue(turn: Turn) -> None:
    turn.ring(Task.REPAIR_CONTACT, "still no way to reach the tenant: overdue", due=turn.now)
    turn.stay_silent("unreachable")


def back_in_touch(turn: Turn) -> None:
    """Whoever speaks can be reached; their own words are answered right after."""
    turn.change(reachable=True)
    turn.drop_tasks(Task.REPAIR_CONTACT)


def back_by_follow(turn: Turn) -> None:
    back_in_touch(turn)
    turn.say("welcome")


def back_by_hand(turn: Turn) -> None:
    """A person mended the contact: the tenant hears what was missed, the newest tier only."""
    turn.change(reachable=True, stranger=False)
    turn.drop_tasks(Task.REPAIR_CONTACT, Task.CALL)
    ladder.remind(turn)
    if turn.r.said == turn.before.said:
        turn.say("follow_up")


def repaired(turn: Turn) -> None:
    """Reachable again; a hold that interrupted the search goes on where a tenant is found."""
    turn.change(reachable=True, stranger=False)
    if turn.state is State.ON_HOLD and turn.r.resume is State.UNREACHABLE:
        turn.change(resume=State.REMINDED)
    turn.drop_tasks(Task.REPAIR_CONTACT)
    turn.stay_silent("noted")


def wrong_person(turn: Turn) -> None:
    """Somebody else holds this number: nothing more goes there, and a person finds the tenant."""
    turn.say("wrong_person")
    turn.change(stranger=True, reachable=False, chosen=None)
    turn.ring(Task.REPAIR_CONTACT, "whoever answers is not the tenant")


def welcome(turn: Turn) -> None:
    turn.say("welcome")


def unfollowed(turn: Turn) -> None:
    turn.change(budget=Budget())
    turn.stay_silent("unfollowed")


def call_reached(turn: Turn) -> None:
    turn.change(answered=True)
    reaching.forget(turn)
    turn.reach(Milestone.REACHED)
    turn.drop_tasks(Task.CALL)
    turn.stay_silent("a person spoke with the tenant")


def back_by_call(turn: Turn) -> None:
    turn.change(reachable=True)
    turn.drop_tasks(Task.REPAIR_CONTACT)
    call_reached(turn)


def call_failed(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, CallEnded)
    turn.stay_silent(f"call: {event.outcome}")


def opt_out(turn: Turn) -> None:
    """Not one more message by itself; a person takes over."""
    turn.ring(Task.HANDOFF, "the tenant wants no automatic messages")
    turn.say("opted_out_ok")
    turn.change(opted_out=True)


def opt_out_again(turn: Turn) -> None:
    turn.say("opted_out_ok")


def refused_by_receipt(turn: Turn) -> None:
    """The channel says the tenant refuses our messages: as good as their own word."""
    turn.change(opted_out=True)
    turn.ring(Task.HANDOFF, "the tenant refuses messages on this channel")
    turn.stay_silent("opted_out")


# --- hold ------------------------------------------------------------------------------------------------------------
def hold(turn: Turn) -> None:
    """People only. Nobody signs meanwhile: an open envelope comes back."""
    before = turn.before.state
    envelopes.withdraw(turn, "on hold") if before is State.AWAITING_SIGNATURE else None
    turn.change(resume=_UNSIGNED_GOES_BACK_TO if before is State.AWAITING_SIGNATURE else before)
    door.look_again(turn)
    if term_over(turn.r, turn.now):
        door.bridge(turn)
    turn.stay_silent("on_hold")


def hold_overdue(turn: Turn) -> None:
    turn.ring(Task.LOOK, "on hold for long: does it go on?", "legal")
    if term_over(turn.r, turn.now):
        door.bridge(turn)
    turn.stay_silent("on_hold")


def resume(turn: Turn) -> None:
    """Go on where the hold began, with what that place needs."""
    turn.change(resume=None)
    reaching.look_again(turn)
    ladder.set_next(turn)
    later = turn.now + timedelta(days=turn.policy.lapse_days)
    turn.set_timer(TermEnded(), later if term_over(turn.r, turn.now) else term_ends(turn.r))
    turn.stay_silent("goes on")


def resume_checking(turn: Turn) -> None:
    resume(turn)
    ask_verdict(turn)


def resume_paying(turn: Turn) -> None:
    resume(turn)
    paying.order_again(turn)
    door.bridge_ahead(turn)


def resume_extending(turn: Turn) -> None:
    resume(turn)
    door.open_for_term(turn)


def resume_opened(turn: Turn) -> None:
    resume(turn)
    offering.prepare(turn)
