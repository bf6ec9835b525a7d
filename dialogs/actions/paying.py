"""After the pivot: the first bill, orders one after the other, money that came, and money that came twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ..effects import CloseOrder, Refund, RequestPayment, Task
from ..events import (
    BillCreated,
    ChargeAccepted,
    InstalmentsAgreed,
    MandateSigned,
    PaymentDue,
    PaymentRefused,
    PaymentRequested,
    PaymentSucceeded,
    PayWayChosen,
    RefundMade,
    Refusal,
)
from ..lease import Bill
from ..reach import awake
from ..states import Milestone, State
from ..timers import deadline
from . import door
from .turn import Turn

_replace = msgspec.structs.replace


def request(turn: Turn) -> None:
    """The bill stands: place the first order, and bridge the door until it is due."""
    _take_bill(turn)
    _order(turn, None)
    door.bridge_ahead(turn)
    turn.stay_silent("the way to pay follows")


def note_bill_on_hold(turn: Turn) -> None:
    _take_bill(turn)
    turn.change(resume=State.PAYING)
    turn.stay_silent("on_hold")


def bill_overdue(turn: Turn) -> None:
    turn.ring(Task.LOOK, "signed, but the first bill has not been made", "finance")
    door.bridge(turn)
    turn.stay_silent("the bill follows")


def ready(turn: Turn) -> None:
    _note_way(turn)
    turn.say("pay_ready", **_figures(turn))


def ready_again(turn: Turn) -> None:
    """A later order stands because an earlier one was refused: one message says both."""
    _note_way(turn)
    turn.say("pay_refused", **_figures(turn))


def ready_another_way(turn: Turn) -> None:
    _note_way(turn)
    turn.stay_silent("the page shows the other way")


def announced(turn: Turn) -> None:
    """The notice is out: the tenant knows what will be taken, and when it may be."""
    event = turn.event
    assert isinstance(event, ChargeAccepted)
    turn.change(payment=_replace(turn.r.payment, opens=event.opens, closes=event.closes))
    turn.say("deduction_announced", **_figures(turn))


def try_again(turn: Turn) -> None:
    """Refused, and worth another order: a fresh number, after the old one ended."""
    event = turn.event
    assert isinstance(event, PaymentRefused)
    deducted = bool(turn.r.payment.mandate)
    turn.change(
        payment=_replace(
            turn.r.payment,
            refused=turn.r.payment.refused + 1,
            by_hand=turn.r.payment.by_hand or deducted,
            wanted="",
        )
    )
    later = (
        awake(turn.policy, turn.now + timedelta(hours=1)) if event.reason is Refusal.WINDOW and not deducted else None
    )
    _order(turn, later)
    if event.reason is Refusal.MANDATE_DEAD:
        turn.ring(Task.RENEW_MANDATE, "the deduction mandate is dead: the tenant pays this bill by hand", "finance")
    turn.stay_silent("another way to pay follows")


def change_way(turn: Turn) -> None:
    """The tenant asks for another payer: the open order is closed first, so that two are never open."""
    event, payment = turn.event, turn.r.payment
    assert isinstance(event, PayWayChosen)
    assert payment.open is not None, "only an open order is closed"
    turn.change(payment=_replace(payment, wanted=event.way))
    turn.wish(CloseOrder(key=f"CL{payment.open}", order=payment.open, way=payment.way))
    turn.stay_silent("the page shows the other way")


def order_another_way(turn: Turn) -> None:
    _order(turn, None)
    turn.stay_silent("the page shows the other way")


def refused_on_hold(turn: Turn) -> None:
    """Another order is placed when the hold ends."""
    turn.change(payment=_replace(turn.r.payment, open=None, wanted=""))
    turn.stay_silent("on_hold")


def give_to_finance(turn: Turn) -> None:
    """Tries are used up, or only people can mend it. The contract stands, the door stays open."""
    event = turn.event
    assert isinstance(event, PaymentRefused)
    payment = _replace(turn.r.payment, refused=turn.r.payment.refused + 1, open=None, way="", wanted="")
    turn.change(payment=payment)
    turn.ring(Task.CHASE_PAYMENT, f"the first payment did not go through ({event.reason})", "finance")
    door.bridge(turn)
    turn.say("person_will_contact")


def overdue(turn: Turn) -> None:
    """Due: one nudge, a person, a way to pay, and a bridged door. Never a lock-out."""
    turn.ring(Task.CHASE_PAYMENT, "the first bill is due and not paid", "finance")
    order_again(turn)
    door.bridge(turn)
    turn.say("pay_nudge", **_figures(turn))


def order_again(turn: Turn) -> None:
    """A new round of orders, only when none is open."""
    if turn.r.payment.open is None:
        turn.change(payment=_replace(turn.r.payment, refused=0))
        _order(turn, None)


def move_due_day(turn: Turn) -> None:
    """After the pivot a plan moves the bill's due day, and the door's bridge with it."""
    event, bill = turn.event, turn.r.bill
    assert isinstance(event, InstalmentsAgreed)
    assert bill is not None, "a bill is there once it is to be paid"
    turn.change(bill=Bill(bill.no, max(bill.due, event.until), bill.amount))
    turn.drop_tasks(Task.CHASE_PAYMENT, Task.AGREE_PLAN)
    found = deadline(State.PAYING, turn.r, turn.policy, turn.now)
    assert found is not None, "what is to be paid has a due day"
    turn.set_timer(PaymentDue(), found.due_at)
    door.bridge_ahead(turn)
    order_again(turn)
    turn.say("plan_agreed", until=event.until.isoformat())


def mandate_signed(turn: Turn) -> None:
    """For later bills, and for this one only if no way to pay it is open yet."""
    event = turn.event
    assert isinstance(event, MandateSigned)
    turn.change(mandate=event.mandate)
    turn.drop_tasks(Task.RENEW_MANDATE)
    turn.stay_silent("the provider has told the tenant")


def mandate_closed(turn: Turn) -> None:
    """A normal bill instead (requirements 3.2); the door is not touched."""
    turn.change(mandate="")
    turn.ring(Task.RENEW_MANDATE, "the tenant ended the deduction mandate", "finance")
    turn.say("mandate_closed", **_figures(turn))


def mandate_closed_later(turn: Turn) -> None:
    turn.change(mandate="")
    turn.ring(Task.RENEW_MANDATE, "the tenant ended the deduction mandate", "finance")
    turn.stay_silent("concerns later bills")


# --- money came ------------------------------------------------------------------------------------------------------
def paid(turn: Turn) -> None:
    take_payment(turn)
    door.open_for_term(turn)
    turn.stay_silent("the door follows")


def paid_on_hold(turn: Turn) -> None:
    take_payment(turn)
    turn.change(resume=State.EXTENDING)
    turn.stay_silent("on_hold")


def take_payment(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, PaymentSucceeded)
    turn.change(payment=_replace(turn.r.payment, paid=event.key, open=None, wanted=""))
    turn.reach(Milestone.PAID)
    turn.drop_tasks(Task.CHASE_PAYMENT, Task.AGREE_PLAN)


def give_back(turn: Turn) -> None:
    """A second success: the later one goes back in full, under a key that exists once."""
    event, payment = turn.event, turn.r.payment
    assert isinstance(event, PaymentSucceeded)
    turn.wish(Refund(key=f"RF{event.key}", payment=event.key, amount=event.amount, channel=event.channel))
    turn.change(payment=_replace(payment, refunding=(*payment.refunding, event.key)))
    turn.ring(Task.LOOK, "paid twice: the later payment is given back", "finance")
    turn.stay_silent("the refund is told when it is made")


def look_at_payment(turn: Turn) -> None:
    """Money we cannot place: frozen where it is, people look."""
    turn.ring(Task.LOOK, "a payment that does not fit: order, bill or amount", "finance")
    turn.stay_silent("people look")


def refund_made(turn: Turn) -> None:
    event, payment = turn.event, turn.r.payment
    assert isinstance(event, RefundMade)
    turn.change(payment=_replace(payment, refunded=(*payment.refunded, event.key)))
    turn.say("refund_made", amount=turn.r.bill.amount if turn.r.bill is not None else 0)


def _take_bill(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, BillCreated)
    turn.change(bill=event.bill)


def _order(turn: Turn, not_before: datetime | None) -> None:
    """The next order under the next number; the one before has ended. Deducted only where the tenant allowed it,
    the operator's limit does, and this bill was not refused that way before."""
    bill, tried = turn.r.bill, turn.r.payment.tried + 1
    assert bill is not None, "a bill is there once it is to be paid"
    key = f"R{turn.id}P1A{tried}"
    by_hand = turn.r.payment.by_hand or bill.amount > turn.policy.deduct_limit
    mandate = "" if by_hand else turn.r.standing_mandate
    way = "" if mandate else turn.r.payment.wanted or turn.r.payment.way
    fresh = _replace(turn.r.payment, tried=tried, open=key, mandate=mandate, opens=None, closes=None, way=way)
    turn.change(payment=fresh)
    wish = RequestPayment(key=key, not_before=not_before, bill=bill.no, amount=bill.amount, mandate=mandate, way=way)
    turn.wish(wish)


def _note_way(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, PaymentRequested)
    turn.change(payment=_replace(turn.r.payment, way=event.way, wanted=""))


def _figures(turn: Turn) -> dict[str, str | int]:
    bill = turn.r.bill
    assert bill is not None, "a bill is there once it is to be paid"
    return {"amount": bill.amount, "due": bill.due.isoformat()}
