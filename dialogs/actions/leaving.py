"""Ways out: notice, a changed mind, the operator's no, a term that ends undecided, and what the tenant then does."""

from __future__ import annotations

from datetime import timedelta

from ..effects import CloseLease, Task
from ..events import Declined, TermEnded
from ..states import LossReason, Milestone, State
from ..timers import term_ends
from ..workdays import shanghai
from . import door, envelopes, ladder, offering
from .turn import Turn

_SHORT_OF_MONEY = (State.GATED, State.MONEY_TROUBLE, State.DISPUTED)


def decline(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, Declined)
    _leave(turn, event.reason)
    turn.say("decline_ok", **_figures(turn))


def decline_again(turn: Turn) -> None:
    """A reason given later is worth more than none."""
    event = turn.event
    assert isinstance(event, Declined)
    if turn.r.loss is LossReason.UNKNOWN:
        turn.change(loss=event.reason)
    turn.say("decline_ok", **_figures(turn))


def decline_by_operator(turn: Turn) -> None:
    _leave(turn, LossReason.OPERATOR)
    turn.say("operator_declined", move_out=turn.r.lease.end.isoformat())


def _leave(turn: Turn, reason: LossReason) -> None:
    """Nothing urges any more; a person prepares the hand-over."""
    envelopes.withdraw(turn, "the tenant leaves")
    turn.change(loss=reason, chosen=None, accepted=None, counter=None)
    turn.drop_timers("TierDue", "OfferExpired", "PricingDue")
    turn.drop_tasks(*_CHASING)
    due = shanghai(max(turn.r.lease.end, turn.today), turn.policy.send_at)
    turn.ring(Task.CHECK_MOVE_OUT, "the tenant leaves: hand-over and deposit", due=due)


_CHASING = (
    Task.CALL, Task.COUNTDOWN, Task.REPAIR_CONTACT, Task.PRICE_BY_HAND, Task.APPROVE_COUNTER, Task.CHASE_SIGNATURE,
    Task.CHASE_PAYMENT, Task.AGREE_PLAN, Task.CHECK_STAY,
)  # fmt: skip


def _figures(turn: Turn) -> dict[str, str | int]:
    return {"move_out": turn.r.lease.end.isoformat(), "refund_days": turn.policy.refund_days}


def sorry_relet(turn: Turn) -> None:
    turn.say("relet_sorry")


def reopen(turn: Turn) -> None:
    """Back to the offers that still stand."""
    _come_back(turn)
    if turn.say("reopened"):
        offering.mark_shown(turn)


def reopen_afresh(turn: Turn) -> None:
    _come_back(turn)
    offering.prepare(turn)
    turn.say("reopened")


def reopen_by_hand(turn: Turn) -> None:
    _come_back(turn)
    turn.ring(Task.PRICE_BY_HAND, "the tenant wants to stay after all; the rule has no price for this lease")
    turn.say("reopened")


def _come_back(turn: Turn) -> None:
    turn.change(loss=None)
    turn.drop_tasks(Task.CHECK_MOVE_OUT)
    ladder.set_next(turn)
    door.look_again(turn)


def note_relet(turn: Turn) -> None:
    turn.change(relet=True)
    turn.stay_silent("noted")


def relet_too_early(turn: Turn) -> None:
    """Somebody let a flat whose tenant has not left: people must sort that out."""
    turn.ring(Task.LOOK, "the flat was let again while its tenant has not given notice", "legal")
    turn.stay_silent("people look")


# --- the term ends ---------------------------------------------------------------------------------------------------
def too_early(turn: Turn) -> None:
    """The ledger moved the end meanwhile."""
    turn.set_timer(TermEnded(), term_ends(turn.r))
    turn.stay_silent("the term runs")


def keep_waiting(turn: Turn) -> None:
    turn.stay_silent("the term runs")


def hold_open(turn: Turn) -> None:
    """A willing tenant keeps the door and some days to finish: looked at again when these are over."""
    turn.set_timer(TermEnded(), shanghai(turn.r.lease.end + timedelta(days=turn.policy.lapse_days + 1)))
    door.bridge(turn)
    turn.stay_silent("the passage goes on")


def bridge_term(turn: Turn) -> None:
    door.bridge(turn)
    turn.stay_silent("signed: only forward")


def hold_over_term(turn: Turn) -> None:
    door.bridge(turn)
    turn.ring(Task.LOOK, "the term ended while the renewal is on hold", "legal")
    turn.stay_silent("on_hold")


def lapse(turn: Turn) -> None:
    """No choice by the term's end: people find out whether the tenant stays. The door stays open."""
    envelopes.withdraw(turn, "the term ended")
    turn.change(resume=turn.before.state, chosen=None)
    turn.drop_timers("TierDue", "OfferExpired", "PricingDue")
    turn.drop_tasks(*_CHASING)
    _ask_stay(turn, "the term ended without a choice: does the tenant stay?")
    door.bridge(turn)
    turn.say("lapsed")


def ask_stay_again(turn: Turn) -> None:
    _ask_stay(turn, "nobody has said yet whether the tenant stays: overdue")
    door.bridge(turn)
    turn.stay_silent("people find out")


def _ask_stay(turn: Turn, reason: str) -> None:
    turn.ring(Task.CHECK_STAY, reason)
    turn.ring(Task.CHECK_STAY, reason, "legal")


def hold_over(turn: Turn) -> None:
    """The lease goes on without a term (Civil Code 734): notice is legal's business, the door stays open."""
    _close(turn, holdover=True)
    turn.ring(Task.HOLDOVER_NOTICE, "the lease goes on without a term: decide on notice or new terms", "legal")
    door.bridge_ahead(turn)
    turn.say("holdover")


def move_out(turn: Turn) -> None:
    _close(turn, holdover=False)
    turn.drop_tasks(Task.CHECK_MOVE_OUT, Task.CHECK_STAY)
    turn.stay_silent("moved out")


def move_out_unseen(turn: Turn) -> None:
    """The last day passed and nobody recorded the hand-over: closed, and a person looks."""
    _close(turn, holdover=False)
    turn.ring(Task.CHECK_MOVE_OUT, "the last day has passed and no hand-over was recorded")
    turn.stay_silent("moved out")


def still_here(turn: Turn) -> None:
    """Gave notice, term over, yet stays: legal and housekeeper again, nobody is locked out."""
    turn.change(resume=turn.before.state)
    _ask_stay(turn, "the tenant gave notice but has not left")
    door.bridge(turn)
    turn.stay_silent("people find out")


def look_at_moving(turn: Turn) -> None:
    turn.ring(Task.LOOK, "moved out although a new term is signed", "legal")
    turn.stay_silent("people look")


def _close(turn: Turn, *, holdover: bool) -> None:
    """Exactly one reason for every lost lease."""
    envelopes.withdraw(turn, "the lease ended")
    turn.change(loss=turn.r.loss or _reason(turn), accepted=None, chosen=None)
    turn.wish(CloseLease(key=f"close:{turn.id}", holdover=holdover))


def _reason(turn: Turn) -> LossReason:
    """What is known of a tenant who never said why, from the furthest point on the way."""
    stopped = turn.r.resume if turn.before.state is State.LAPSED else turn.before.state
    if stopped in _SHORT_OF_MONEY:
        return LossReason.MONEY
    if turn.r.milestone >= Milestone.CLEARED:
        return LossReason.SIGNATURE_MISSING
    if turn.r.milestone < Milestone.REACHED or stopped is State.UNREACHABLE:
        return LossReason.NOT_REACHED
    return LossReason.UNDECIDED if turn.r.answered else LossReason.NO_ANSWER
