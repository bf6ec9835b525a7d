"""Questions about the contract on its way: the gate, the envelope, the money, the door. They change nothing."""

from __future__ import annotations

from . import access, receivables
from . import events as ev
from .actions.turn import Turn
from .events import Refusal, Verdict
from .guards import event_of
from .states import Milestone, State

_WAITING = (Verdict.PENDING, Verdict.UNAVAILABLE)
_HOPELESS = (Refusal.CONFIG, Refusal.FINAL)


# --- the gate --------------------------------------------------------------------------------------------------------
def stale_verdict(turn: Turn) -> bool:
    return event_of(turn, ev.VerdictReached).check != turn.r.check


def no_verdict_yet(turn: Turn) -> bool:
    return event_of(turn, ev.VerdictReached).verdict in _WAITING


def may_sign(turn: Turn) -> bool:
    return receivables.may_sign(event_of(turn, ev.VerdictReached), turn.r.lease, turn.policy, waived=turn.r.waived)


def is_disputed(turn: Turn) -> bool:
    return event_of(turn, ev.VerdictReached).verdict is Verdict.DISPUTED


def accepted(turn: Turn) -> bool:
    """Has the tenant confirmed terms that still hold?"""
    return turn.r.accepted is not None


def reads_on(turn: Turn) -> bool:
    """Is it a clause of the very terms that were accepted, and not confirmed yet?"""
    event, terms = event_of(turn, ev.ClauseRead), turn.r.accepted
    return terms is not None and event.terms_hash == terms.terms_hash and event.clause not in turn.r.clauses_read


# --- the envelope ----------------------------------------------------------------------------------------------------
def our_envelope(turn: Turn) -> bool:
    """Is it about the envelope that is out? The very first may be heard of before the answer to its own wish."""
    ref = getattr(turn.event, "ref", None)
    first = turn.r.envelope is None and turn.r.envelopes == 1 and turn.r.withdrawn is None
    return ref == turn.r.envelope or first


def same_envelope(turn: Turn) -> bool:
    """Was this envelope adopted already?"""
    return event_of(turn, ev.EnvelopeOpened).ref == turn.r.envelope


def envelope_is_awaited(turn: Turn) -> bool:
    """Is it the answer to our newest wish?"""
    key = event_of(turn, ev.EnvelopeOpened).key
    return turn.r.envelope is None and key in ("", f"E{turn.id}N{turn.r.envelopes}")


def no_envelope_yet(turn: Turn) -> bool:
    return turn.r.envelope is None


def signed_before(turn: Turn) -> bool:
    """Is this signature noted already, or nobody's we asked for?"""
    event = event_of(turn, ev.PartySigned)
    asked = {party.id for party in turn.r.lease.parties}
    return not our_envelope(turn) or event.party not in asked - set(turn.r.signed_by)


def others_missing(turn: Turn) -> bool:
    """Has the tenant just signed while others still have to?"""
    event = event_of(turn, ev.PartySigned)
    everybody = {party.id for party in turn.r.lease.parties}
    return event.party == turn.r.lease.tenant.id and bool(everybody - {*turn.r.signed_by, event.party})


def somebody_signed(turn: Turn) -> bool:
    return bool(turn.r.signed_by)


def signed_after_all(turn: Turn) -> bool:
    """Did the envelope we asked back come back signed, on terms that are still the accepted ones?"""
    ref = event_of(turn, ev.EnvelopeSigned).ref
    return turn.r.accepted is not None and ref == turn.r.withdrawn


def known_signature(turn: Turn) -> bool:
    """Is this the signature that made the contract, heard of again?"""
    return turn.r.milestone >= Milestone.SIGNED and event_of(turn, ev.EnvelopeSigned).ref == turn.r.envelope


def out_of_tries(turn: Turn) -> bool:
    return our_envelope(turn) and not may_send_again(turn)


def may_send_again(turn: Turn) -> bool:
    return turn.r.envelopes < turn.policy.sign_attempts


def first_nudge(turn: Turn) -> bool:
    return event_of(turn, ev.SignatureNudgeDue).nudge == 1


# --- money -----------------------------------------------------------------------------------------------------------
def open_order(turn: Turn) -> bool:
    return turn.r.payment.open is not None and getattr(turn.event, "key", None) == turn.r.payment.open


def first_order(turn: Turn) -> bool:
    return open_order(turn) and turn.r.payment.tried == 1


def may_change_way(turn: Turn) -> bool:
    """Is an order open that the tenant confirms, elsewhere than asked for, and not being closed already?"""
    payment = turn.r.payment
    idle = payment.open is not None and bool(payment.way) and not payment.mandate and not payment.wanted
    return idle and event_of(turn, ev.PayWayChosen).way != payment.way


def changes_way(turn: Turn) -> bool:
    """Has the order in the old way ended while the tenant waits for the other?"""
    return open_order(turn) and turn.r.payment.wanted not in ("", turn.r.payment.way)


def wanted_order(turn: Turn) -> bool:
    """Does the order stand where the tenant asked for it?"""
    return open_order(turn) and bool(turn.r.payment.wanted)


def may_charge_again(turn: Turn) -> bool:
    """Is another order worth trying: tries are left, and the reason is not one that only people can mend?"""
    event = event_of(turn, ev.PaymentRefused)
    left = turn.r.payment.refused + 1 < turn.policy.charge_attempts
    return open_order(turn) and left and event.reason not in _HOPELESS


def our_order(turn: Turn) -> bool:
    """Did we ever place this order? A late payment of an older attempt counts as much as one of the newest."""
    event = event_of(turn, ev.PaymentSucceeded)
    return event.key in {f"R{turn.id}P1A{n}" for n in range(1, turn.r.payment.tried + 1)}


def right_amount(turn: Turn) -> bool:
    """Our order, for our bill, to the fen."""
    event, bill = event_of(turn, ev.PaymentSucceeded), turn.r.bill
    return our_order(turn) and bill is not None and event.amount == bill.amount and event.bill == bill.no


def pays_on_hold(turn: Turn) -> bool:
    """The right money, for a bill that was open when the hold began."""
    return turn.r.resume is State.PAYING and right_amount(turn)


def known_payment(turn: Turn) -> bool:
    """Is this the payment that counted, or one that is being given back already?"""
    key = event_of(turn, ev.PaymentSucceeded).key
    return key == turn.r.payment.paid or key in turn.r.payment.refunding


def paid_twice(turn: Turn) -> bool:
    """A second success on one of our orders after the bill was paid."""
    return turn.r.payment.paid is not None and our_order(turn) and not known_payment(turn)


def refund_is_news(turn: Turn) -> bool:
    key = event_of(turn, ev.RefundMade).key
    ours = {f"RF{payment}" for payment in turn.r.payment.refunding}
    return key in ours and key not in turn.r.payment.refunded


# --- the door --------------------------------------------------------------------------------------------------------
def far_enough(turn: Turn) -> bool:
    """Does the door hold until the new term's end and its buffer?"""
    return event_of(turn, ev.AccessExtended).until >= access.full_right(turn.r, turn.policy)


def lock_may_wake(turn: Turn) -> bool:
    return turn.r.access_delays + 1 < turn.policy.access_attempts
