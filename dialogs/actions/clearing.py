"""The gate before the signature: verdicts, debts, disputes, plans and waivers."""

from __future__ import annotations

from datetime import timedelta

from .. import approvals, receivables
from ..effects import Task
from ..events import InstalmentsAgreed, MoneyTroubled, VerdictDue, VerdictReached
from ..states import Milestone
from . import envelopes
from .choosing import ask_verdict
from .offering import correct_with_people
from .turn import Turn

OFTEN = 3
"""After so many unanswered checks a person looks at the ledger's connection."""


def clear(turn: Turn) -> None:
    """Nothing stands in the way: the envelope goes out, with the finding attached."""
    _note(turn)
    turn.reach(Milestone.CLEARED)
    turn.drop_tasks(Task.CHASE_PAYMENT, Task.SETTLE_DISPUTE, Task.AGREE_PLAN)
    turn.stay_silent("the signing link follows")
    envelopes.open_next(turn)


def gate(turn: Turn) -> None:
    """Something is owed: say what, once as news, later as a nudge."""
    first = turn.r.deposit_held is None and not turn.r.bills
    _note(turn)
    debts = receivables.owed(turn.r.bills)
    short = receivables.deposit_short(turn.r.lease, turn.r.deposit_held)
    turn.say("pay_first" if first else "pay_first_nudge", arrears=debts, deposit_short=short)


def wait_for_verdict(turn: Turn) -> None:
    """Unknown is not clear: asked again when the timer rings."""
    turn.set_timer(VerdictDue(), turn.now + timedelta(hours=turn.policy.ledger_hours))
    turn.stay_silent("no verdict yet")


def freeze(turn: Turn) -> None:
    """The ledger itself says that a bill is disputed."""
    _note(turn)
    _ask_finance(turn, "the ledger holds a disputed bill")
    turn.stay_silent("finance decides")


def ask_again(turn: Turn) -> None:
    ask_verdict(turn)
    if turn.r.check % OFTEN == 0:
        turn.ring(Task.LOOK, f"{OFTEN} checks of the receivables without an answer", "finance")
    turn.stay_silent("checking again")


def recheck(turn: Turn) -> None:
    """Something moved in the ledger: only a fresh verdict counts."""
    ask_verdict(turn)
    turn.stay_silent("checking again")


def recheck_after_correction(turn: Turn) -> None:
    """A deposit that was topped up shows in the lease: ask afresh."""
    correct_with_people(turn)
    ask_verdict(turn)


def recheck_after_gate(turn: Turn) -> None:
    turn.ring(Task.CHASE_PAYMENT, "the tenant wants to renew but still owes", "finance")
    recheck(turn)


def reopen_check(turn: Turn) -> None:
    """A new bill before the last signature: the envelope comes back, a waiver covered older debts only."""
    envelopes.withdraw(turn, "a new bill was posted")
    turn.change(waived=False)
    turn.say("sign_withdrawn")
    ask_verdict(turn)


def recheck_after_bill(turn: Turn) -> None:
    turn.change(waived=False)
    recheck(turn)


def waive(turn: Turn) -> None:
    turn.change(waived=True)
    turn.drop_tasks(Task.CHASE_PAYMENT, Task.SETTLE_DISPUTE, Task.AGREE_PLAN)
    recheck(turn)


def agree_plan(turn: Turn) -> None:
    """Instalments stand: what is owed no longer holds up the signature."""
    turn.change(waived=True)
    turn.drop_tasks(Task.CHASE_PAYMENT, Task.AGREE_PLAN)
    ask_verdict(turn)
    _say_plan(turn)


def agree_plan_before_choice(turn: Turn) -> None:
    turn.drop_tasks(Task.AGREE_PLAN)
    _say_plan(turn)


def _say_plan(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, InstalmentsAgreed)
    turn.say("plan_agreed", until=event.until.isoformat())


def go_on_without_plan(turn: Turn) -> None:
    turn.drop_tasks(Task.AGREE_PLAN)
    turn.stay_silent("finance lets it go on")


def dispute(turn: Turn) -> None:
    _ask_finance(turn, "the tenant disputes a bill")
    turn.say("dispute_noted")


def dispute_overdue(turn: Turn) -> None:
    turn.ring(Task.SETTLE_DISPUTE, "a disputed bill waits: overdue", "finance", turn.now)
    turn.stay_silent("finance decides")


def settle_dispute(turn: Turn) -> None:
    turn.drop_tasks(Task.SETTLE_DISPUTE)
    ask_verdict(turn)
    turn.say("dispute_settled")


def plan(turn: Turn) -> None:
    """Short of cash before anything is signed: a person agrees a plan, an open envelope comes back."""
    envelopes.withdraw(turn, "a payment plan is being agreed")
    turn.change(chosen=None)
    ask_for_plan(turn)


def ask_for_plan(turn: Turn) -> None:
    """Says what policy allows: so many parts, so many days later. Finance agrees the plan itself."""
    event = turn.event
    assert isinstance(event, MoneyTroubled)
    turn.ring(Task.AGREE_PLAN, "the tenant is short of cash and asks for a plan", "finance")
    if event.instalments:
        turn.ring(Task.AGREE_PLAN, f"the tenant asks for {event.instalments} instalments", "finance")
    latest = turn.today + timedelta(days=turn.policy.plan_later_days)
    turn.say("plan_noted", parts=turn.policy.plan_parts, until=latest.isoformat())


def plan_overdue(turn: Turn) -> None:
    turn.ring(Task.AGREE_PLAN, "a payment plan is still to be agreed: overdue", "finance", turn.now)
    turn.stay_silent("a plan is being agreed")


def _note(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, VerdictReached)
    held = turn.r.lease.deposit_held if event.deposit_held is None else event.deposit_held
    turn.change(bills=event.bills, deposit_held=held)


def _ask_finance(turn: Turn, reason: str) -> None:
    due = approvals.due(turn.now, 24 * turn.policy.dispute_days, turn.policy)
    turn.ring(Task.SETTLE_DISPUTE, reason, "finance", due)
