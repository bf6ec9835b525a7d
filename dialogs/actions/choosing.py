"""From a look to a clear yes: pick, confirm, hesitate, name a day, ask for other terms."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from .. import approvals
from ..effects import AskVerdict, Task
from ..events import CounterOffered, DecisionDue, Deferred
from ..guards import picked
from ..offer import CounterOffer
from ..states import Milestone
from ..timers import term_ends
from ..workdays import shanghai
from .offering import mark_shown
from .turn import Turn


def ask_confirmation(turn: Turn) -> None:
    """Picked, not yet meant: repeat the terms and ask."""
    terms = picked(turn)
    assert terms is not None, "the guard saw the proposal"
    _ask(turn, terms.id, terms.number, terms.first_rent, terms.months)


def agree_and_ask(turn: Turn) -> None:
    """Inside the band the rule agrees by itself: the terms join the offer, and the tenant still has to say yes."""
    event, offer = turn.event, turn.r.offer
    assert isinstance(event, CounterOffered)
    assert offer is not None, "the guard saw an offer"
    terms = approvals.agreed(event.terms, offer, turn.r.lease)
    made = msgspec.structs.replace(offer, version=turn.r.next_offer, proposals=(*offer.proposals, terms), shown=True)
    turn.change(offer=made, next_offer=made.version + 1, counter=event.terms)
    _ask(turn, terms.id, terms.number, terms.first_rent, terms.months)


def _ask(turn: Turn, chosen: str, number: int, rent: int, months: int) -> None:
    mark_shown(turn)
    turn.change(chosen=chosen)
    turn.drop_tasks(Task.APPROVE_COUNTER)
    turn.say("confirm_choice", number=number, rent=rent, months=months)


def ask_on_page(turn: Turn) -> None:
    """A yes by SMS, where no terms can stand: the page asks, and the tenant is shown the way there."""
    terms = turn.r.offer.find(turn.r.chosen) if turn.r.offer and turn.r.chosen else None
    assert terms is not None, "whoever confirms has picked"
    turn.say("confirm_choice", number=terms.number, rent=terms.first_rent, months=terms.months)


def deny(turn: Turn) -> None:
    turn.change(chosen=None)
    turn.say("choice_denied")


def ask_again(turn: Turn) -> None:
    """No yes came: the choice is forgotten, the offers lie there as before. Silence is never consent."""
    turn.change(chosen=None)
    turn.say("follow_up")


def accept(turn: Turn) -> None:
    """The one accepted offer of this cycle; now receivables and deposit are looked at.

    An envelope that was asked back before held other terms, or the same ones for another yes: it makes no contract.
    """
    offer, chosen = turn.r.offer, turn.r.chosen
    assert offer is not None and chosen is not None, "the guard saw both"  # noqa: PT018
    turn.change(accepted=offer.find(chosen), waived=False, withdrawn=None, clauses_read=())
    turn.reach(Milestone.CHOSEN)
    turn.drop_tasks(Task.CALL, Task.COUNTDOWN, Task.APPROVE_COUNTER)
    turn.say("checking")
    ask_verdict(turn)


def ask_verdict(turn: Turn) -> None:
    """Ask the ledger once more; an older answer no longer counts."""
    turn.change(check=turn.r.check + 1)
    turn.wish(AskVerdict(key=f"verdict:{turn.id}:{turn.r.check}", check=turn.r.check))


def hesitate(turn: Turn) -> None:
    day = turn.today + timedelta(days=turn.policy.hesitate_days)
    turn.change(chosen=None, hesitations=turn.r.hesitations + 1)
    turn.set_timer(DecisionDue(), shanghai(day, turn.policy.send_at))
    if turn.r.hesitations == turn.policy.hesitations_before_person:
        turn.ring(Task.HANDOFF, "the tenant hesitates")
        turn.say("hesitate_with_person")
    else:
        turn.say("hesitate_ok", until=day.isoformat())


def defer(turn: Turn) -> None:
    """The tenant's own day, but before the term ends and never in the past."""
    event = turn.event
    assert isinstance(event, Deferred)
    latest = term_ends(turn.r) - timedelta(days=1)
    at = max(min(event.until, latest), turn.now + timedelta(hours=1))
    turn.change(chosen=None)
    turn.set_timer(DecisionDue(), at)
    turn.say("deferred_ok", until=at.isoformat())


def invite_terms(turn: Turn) -> None:
    """Too dear, but no number: they may name theirs, in the chat or on the page's form."""
    turn.change(chosen=None, invited=True)
    turn.say("counter_invited")


def negotiate(turn: Turn) -> None:
    """Outside the band a person decides, within a term of their own."""
    event = turn.event
    assert isinstance(event, CounterOffered)
    turn.change(counter=event.terms, chosen=None)
    due = approvals.due(turn.now, turn.policy.approval_hours, turn.policy)
    turn.ring(Task.APPROVE_COUNTER, "the tenant asks for other terms", approvals.desk(event.terms), due)
    turn.say("counter_received")


def approval_overdue(turn: Turn) -> None:
    counter = turn.r.counter or CounterOffer()
    turn.ring(Task.APPROVE_COUNTER, "the tenant's other terms wait: overdue", approvals.desk(counter), turn.now)
    turn.stay_silent("under approval")


def reject_counter(turn: Turn) -> None:
    turn.change(counter=None)
    turn.drop_tasks(Task.APPROVE_COUNTER)
    turn.say("counter_rejected")
