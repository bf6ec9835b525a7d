"""Questions with yes or no, asked of one turn; each stands beside a row of the table and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from typing import TypeVar

from . import access, approvals, proposals, receivables, reminders, timers
from . import events as ev
from .actions.turn import Turn
from .events import Event, Refusal, Verdict
from .offer import Proposal
from .states import LossReason, State

_E = TypeVar("_E", bound=Event)

_WAITING = (Verdict.PENDING, Verdict.UNAVAILABLE)
_HOPELESS = (Refusal.CONFIG, Refusal.FINAL)


# --- pricing and the ladder ------------------------------------------------------------------------------------------
def needs_a_person(turn: Turn) -> bool:
    """Has the rule no price for this lease (customised unit, head lease ends too soon)?"""
    return not proposals.price(turn.r.lease, turn.policy)


def made_by_hand(turn: Turn) -> bool:
    """Did a person make the current terms, so that the rule must not replace them?"""
    return needs_a_person(turn) or any(one.id == "special" for one in _proposals(turn))


def tier_is_past(turn: Turn) -> bool:
    """Is the tier that rang no newer than the one sent last?"""
    event = _is(turn, ev.TierDue)
    return not reminders.is_newer(event.tier, turn.r.tier, turn.policy)


def answered(turn: Turn) -> bool:
    return turn.r.answered


def is_only_for_the_silent(turn: Turn) -> bool:
    """Has the tenant reacted, and is the newest tier the one that chases people who have not (seed S25)?"""
    tier = reminders.newest_due(turn.r.lease.end, turn.policy, turn.now)
    return turn.r.answered and tier is not None and tier.call_task


def offer_is_awaited(turn: Turn) -> bool:
    """Has the current offer run out, so that a new one is on its way?"""
    return not offer_stands(turn)


def another_offer(turn: Turn) -> bool:
    """Does the timer speak of an offer that has been replaced?"""
    return turn.r.offer is None or _is(turn, ev.OfferExpired).offer != turn.r.offer.version


# --- the tenant's choice ---------------------------------------------------------------------------------------------
def offer_stands(turn: Turn) -> bool:
    return turn.r.offer is not None and turn.now < turn.r.offer.expires_at


def never_shown(turn: Turn) -> bool:
    """Does an offer stand that this tenant has not seen, nor proves to have seen by its hash?"""
    return offer_stands(turn) and not _seen(turn, _is(turn, ev.Chose))


def valid_choice(turn: Turn) -> bool:
    """A proposal of the current offer, unexpired, before this tenant's eyes, on the terms they saw."""
    event = _is(turn, ev.Chose)
    return offer_stands(turn) and _seen(turn, event) and _same_terms(turn, event, picked(turn))


def unknown_option(turn: Turn) -> bool:
    """The current offer is meant, but it has no such proposal."""
    event = _is(turn, ev.Chose)
    return offer_stands(turn) and _seen(turn, event) and _same_version(turn, event) and picked(turn) is None


def valid_confirmation(turn: Turn) -> bool:
    """A yes to the proposal that was picked, still on the table and on the same terms."""
    event = _is(turn, ev.Confirmed)
    chosen = _chosen(turn)
    named = event.proposal in (None, turn.r.chosen)
    return offer_stands(turn) and named and _same_terms(turn, event, chosen)


def wants_another(turn: Turn) -> bool:
    """After the choice was confirmed, does the tenant now name other terms?"""
    event = _is(turn, ev.Chose)
    accepted = turn.r.accepted
    if accepted is None:
        return False
    by_name = event.proposal not in (None, accepted.id)
    return by_name or event.number not in (None, accepted.number)


def picked(turn: Turn) -> Proposal | None:
    """The proposal a ``Chose`` names, by id or by number."""
    event = _is(turn, ev.Chose)
    if turn.r.offer is None:
        return None
    if event.proposal is not None:
        return turn.r.offer.find(event.proposal)
    return None if event.number is None else turn.r.offer.numbered(event.number)


def within_band(turn: Turn) -> bool:
    """May the rule agree to this counter-offer by itself?"""
    offer = turn.r.offer
    if offer is None or not offer_stands(turn) or made_by_hand(turn):
        return False
    return approvals.within_band(_is(turn, ev.CounterOffered).terms, offer, turn.policy)


def unlawful_offer(turn: Turn) -> bool:
    """Terms no member of staff may make."""
    offered = _is(turn, ev.StaffOffered).offer
    return not approvals.lawful(offered, turn.r.lease, turn.policy, turn.today)


# --- the gate --------------------------------------------------------------------------------------------------------
def stale_verdict(turn: Turn) -> bool:
    return _is(turn, ev.VerdictReached).check != turn.r.check


def no_verdict_yet(turn: Turn) -> bool:
    return _is(turn, ev.VerdictReached).verdict in _WAITING


def may_sign(turn: Turn) -> bool:
    return receivables.may_sign(_is(turn, ev.VerdictReached), turn.r.lease, turn.policy, waived=turn.r.waived)


def is_disputed(turn: Turn) -> bool:
    return _is(turn, ev.VerdictReached).verdict is Verdict.DISPUTED


def accepted(turn: Turn) -> bool:
    """Has the tenant confirmed terms that still hold?"""
    return turn.r.accepted is not None


# --- the envelope ----------------------------------------------------------------------------------------------------
def our_envelope(turn: Turn) -> bool:
    """Is it about the envelope that is out? The very first may be heard of before the answer to its own wish."""
    ref = getattr(turn.event, "ref", None)
    first = turn.r.envelope is None and turn.r.envelopes == 1 and turn.r.withdrawn is None
    return ref == turn.r.envelope or first


def same_envelope(turn: Turn) -> bool:
    """Was this envelope adopted already?"""
    return _is(turn, ev.EnvelopeOpened).ref == turn.r.envelope


def envelope_is_awaited(turn: Turn) -> bool:
    """Is it the answer to our newest wish?"""
    key = _is(turn, ev.EnvelopeOpened).key
    return turn.r.envelope is None and key in ("", f"E{turn.id}N{turn.r.envelopes}")


def no_envelope_yet(turn: Turn) -> bool:
    return turn.r.envelope is None


def signed_before(turn: Turn) -> bool:
    """Is this signature noted already, or nobody's we asked for?"""
    event = _is(turn, ev.PartySigned)
    asked = {party.id for party in turn.r.lease.parties}
    return not our_envelope(turn) or event.party not in asked - set(turn.r.signed_by)


def others_missing(turn: Turn) -> bool:
    """Has the tenant just signed while others still have to?"""
    event = _is(turn, ev.PartySigned)
    everybody = {party.id for party in turn.r.lease.parties}
    return event.party == turn.r.lease.tenant.id and bool(everybody - {*turn.r.signed_by, event.party})


def somebody_signed(turn: Turn) -> bool:
    return bool(turn.r.signed_by)


def signed_after_all(turn: Turn) -> bool:
    """Did the envelope we asked back come back signed, on terms that are still the accepted ones?"""
    ref = _is(turn, ev.EnvelopeSigned).ref
    return turn.r.accepted is not None and ref == turn.r.withdrawn


def may_send_again(turn: Turn) -> bool:
    return turn.r.envelopes < turn.policy.sign_attempts


def first_nudge(turn: Turn) -> bool:
    return _is(turn, ev.SignatureNudgeDue).nudge == 1


# --- money -----------------------------------------------------------------------------------------------------------
def open_order(turn: Turn) -> bool:
    return turn.r.payment.open is not None and getattr(turn.event, "key", None) == turn.r.payment.open


def first_order(turn: Turn) -> bool:
    return open_order(turn) and turn.r.payment.tried == 1


def may_charge_again(turn: Turn) -> bool:
    """Is another order worth trying: tries are left, and the reason is not one that only people can mend?"""
    event = _is(turn, ev.PaymentRefused)
    left = turn.r.payment.refused + 1 < turn.policy.charge_attempts
    return open_order(turn) and left and event.reason not in _HOPELESS


def our_order(turn: Turn) -> bool:
    """Did we ever place this order? A late payment of an older attempt counts as much as one of the newest."""
    event = _is(turn, ev.PaymentSucceeded)
    return event.key in {f"R{turn.id}P1A{n}" for n in range(1, turn.r.payment.tried + 1)}


def right_amount(turn: Turn) -> bool:
    """Our order, for our bill, to the fen."""
    event, bill = _is(turn, ev.PaymentSucceeded), turn.r.bill
    return our_order(turn) and bill is not None and event.amount == bill.amount and event.bill == bill.no


def known_payment(turn: Turn) -> bool:
    """Is this the payment that counted, or one that is being given back already?"""
    key = _is(turn, ev.PaymentSucceeded).key
    return key == turn.r.payment.paid or key in turn.r.payment.refunding


def paid_twice(turn: Turn) -> bool:
    """A second success on one of our orders after the bill was paid."""
    return turn.r.payment.paid is not None and our_order(turn) and not known_payment(turn)


def refund_is_news(turn: Turn) -> bool:
    key = _is(turn, ev.RefundMade).key
    ours = {f"RF{payment}" for payment in turn.r.payment.refunding}
    return key in ours and key not in turn.r.payment.refunded


# --- the door --------------------------------------------------------------------------------------------------------
def far_enough(turn: Turn) -> bool:
    """Does the door hold until the new term's end and its buffer?"""
    return _is(turn, ev.AccessExtended).until >= access.full_right(turn.r, turn.policy)


def lock_may_wake(turn: Turn) -> bool:
    return turn.r.access_delays + 1 < turn.policy.access_attempts


# --- leaving, time and people ----------------------------------------------------------------------------------------
def term_runs(turn: Turn) -> bool:
    return not timers.term_over(turn.r, turn.now)


def term_is_over(turn: Turn) -> bool:
    return timers.term_over(turn.r, turn.now)


def within_grace(turn: Turn) -> bool:
    """Is a willing tenant's passage still in the days the policy gives it beyond the term?"""
    return (turn.today - turn.r.lease.end).days <= turn.policy.lapse_days


def relet(turn: Turn) -> bool:
    return turn.r.relet


def operator_ended(turn: Turn) -> bool:
    return turn.r.loss is LossReason.OPERATOR


def stays(turn: Turn) -> bool:
    return _is(turn, ev.StayObserved).stays


def understood_too_little(turn: Turn) -> bool:
    return turn.r.misunderstood + 1 >= turn.policy.misunderstood_limit


def nobody_owns(turn: Turn) -> bool:
    return turn.r.owner.person is None


def owned_by_actor(turn: Turn) -> bool:
    return turn.r.owner.person == _is(turn, ev.Claimed).actor


def goes_on_with_offers(turn: Turn) -> bool:
    return turn.r.owner.person is not None and _is(turn, ev.Released).resume is State.OFFERED


def goes_on_hesitating(turn: Turn) -> bool:
    return turn.r.owner.person is not None and _is(turn, ev.Released).resume is State.HESITATING


def came_from(state: State) -> Callable[[Turn], bool]:
    """The question whether the hold interrupted just this state."""

    def asked(turn: Turn) -> bool:
        return turn.r.resume is state

    asked.__name__ = f"came_from_{state.value}"
    return asked


def already_out(turn: Turn) -> bool:
    return turn.r.opted_out


def hard_failure(turn: Turn) -> bool:
    """Can nothing arrive (no binding, bad number), as against a refusal of our messages?"""
    return _is(turn, ev.MessageFailed).kind is not ev.Unreach.OPTED_OUT


def reached_by_call(turn: Turn) -> bool:
    return _is(turn, ev.CallEnded).outcome == "reached"


def wrong_number(turn: Turn) -> bool:
    return _is(turn, ev.CallEnded).outcome == "wrong_number"


def about_price(turn: Turn) -> bool:
    """Does the corrected lease differ in a fact that the offer or its documents rest on?"""
    old, new = turn.r.lease, _is(turn, ev.LeaseCorrected).lease
    facts = ("unit", "parties", "end", "rent", "deposit_due", "pay_cycle_months", "head_lease_end")
    return any(getattr(old, fact) != getattr(new, fact) for fact in facts)


def _is(turn: Turn, kind: type[_E]) -> _E:
    """The turn's event as the kind its row promises."""
    assert isinstance(turn.event, kind), f"{type(turn.event).__name__} stands in a row of {kind.__name__}"
    return turn.event


def _proposals(turn: Turn) -> tuple[Proposal, ...]:
    return turn.r.offer.proposals if turn.r.offer is not None else ()


def _chosen(turn: Turn) -> Proposal | None:
    offer, chosen = turn.r.offer, turn.r.chosen
    return None if offer is None or chosen is None else offer.find(chosen)


def _seen(turn: Turn, event: ev.Chose) -> bool:
    """Shown before, or the page itself carries the hash of what it showed."""
    offer = turn.r.offer
    return offer is not None and (offer.shown or (event.via == "page" and event.terms_hash is not None))


def _same_version(turn: Turn, event: ev.Chose | ev.Confirmed) -> bool:
    return turn.r.offer is not None and event.offer in (None, turn.r.offer.version)


def _same_terms(turn: Turn, event: ev.Chose | ev.Confirmed, terms: Proposal | None) -> bool:
    if terms is None or not _same_version(turn, event):
        return False
    return event.terms_hash is None or compare_digest(event.terms_hash.encode(), terms.terms_hash.encode())
