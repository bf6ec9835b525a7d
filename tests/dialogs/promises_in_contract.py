"""What may be accepted, signed, charged, given back and opened: the promises about contract, money and door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from dialogs import effects as ef
from dialogs import events as ev
from dialogs.events import Verdict
from dialogs.renewal import Renewal
from dialogs.states import Milestone, State
from tests.dialogs.exploring import Edge
from tests.dialogs.outside import ID, reference
from tests.dialogs.units import POLICY

AFTER = frozenset({State.BILLING, State.PAYING, State.EXTENDING, State.RENEWED})


def an_acceptance_counts_only_when_meant(edge: Edge) -> Iterator[str]:
    """Offered now, unexpired, seen by this tenant, terms equal, and a clear yes (design, section 4)."""
    before, taken, event = edge.before.renewal, edge.after.renewal.accepted, edge.event
    if taken is None or taken == before.accepted:
        return
    if before.accepted is not None:
        yield "a second offer was accepted in one cycle"
    if not isinstance(event, ev.Confirmed):
        yield "accepted without a yes"
        return
    offer = before.offer
    if offer is None or taken not in offer.proposals or edge.at >= offer.expires_at or not offer.shown:
        yield "accepted what is not offered now"
    elif before.chosen != taken.id or before.state is not State.CONFIRMING:
        yield "accepted what was not chosen"
    elif event.terms_hash not in (None, taken.terms_hash) or event.offer not in (None, offer.version):
        yield "accepted other terms than the tenant saw"
    elif event.proposal not in (None, taken.id):
        yield "accepted another proposal than the tenant named"
    if before.stranger or (before.owner.person is not None and event.via != "page"):
        yield "accepted by whoever is not heard"


def a_choice_is_seen_and_offered(edge: Edge) -> Iterator[str]:
    after = edge.after.renewal
    if after.chosen is None:
        return
    if after.offer is None or after.offer.find(after.chosen) is None or not after.offer.shown:
        yield "chosen what was never shown"
    if edge.before.renewal.chosen != after.chosen and not isinstance(edge.event, ev.Chose | ev.CounterOffered):
        yield "chosen by nobody"


def the_rule_prices_no_custom_unit(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    made = after.offer is not None and after.offer.version != (before.offer.version if before.offer else 0)
    if made and isinstance(edge.event, ev.OfferPrepared) and after.lease.unit.custom:
        yield "a customised unit was priced by rule"


def nobody_signs_while_something_is_owed(edge: Edge) -> Iterator[str]:
    before, event = edge.before.renewal, edge.event
    entered = edge.after.renewal.state is State.AWAITING_SIGNATURE is not before.state
    if not entered:
        return
    if not isinstance(event, ev.VerdictReached) or event.check != before.check:
        yield "to be signed without a fresh verdict"
        return
    held = before.lease.deposit_held if event.deposit_held is None else event.deposit_held
    clear = event.verdict is Verdict.CLEAR and not event.bills and held >= before.lease.deposit_due
    answered = event.verdict not in (Verdict.PENDING, Verdict.UNAVAILABLE)
    if not (clear or (before.waived and answered)):
        yield "to be signed although something is owed or unknown"


def one_envelope_is_out(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    for one in edge.decision.effects:
        if not isinstance(one, ef.OpenEnvelope):
            continue
        if one.proposal != after.accepted or after.state is not State.AWAITING_SIGNATURE:
            yield "an envelope on terms nobody accepted"
        if before.envelope is not None and after.withdrawn != before.envelope:
            yield "two envelopes are out"


def what_is_signed_is_what_was_accepted(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    if before.milestone >= Milestone.SIGNED:
        if after.accepted != before.accepted:
            yield "signed terms changed"
        if after.state not in AFTER | {State.ON_HOLD} or after.loss is not None:
            yield "went back behind the signature"
    elif after.milestone >= Milestone.SIGNED:
        if not isinstance(event, ev.EnvelopeSigned):
            yield "signed by nobody"
            return
        opened = {reference(key): one for key, one in edge.before.outside.wished.items()}.get(event.ref)
        if isinstance(opened, ef.OpenEnvelope) and opened.proposal != after.accepted:
            yield "the document that was signed holds other terms"
    if after.state in AFTER and after.milestone < Milestone.SIGNED:
        yield "past the pivot without a signature"


def no_charge_without_signature(edge: Edge) -> Iterator[str]:
    after = edge.after.renewal
    for one in edge.decision.effects:
        if isinstance(one, ef.RequestPayment | ef.CreateBill) and after.milestone < Milestone.SIGNED:
            yield "a charge before the signature"
        if isinstance(one, ef.RequestPayment):
            yield from _order(edge, one)


def _order(edge: Edge, order: ef.RequestPayment) -> Iterator[str]:
    after, outside = edge.after.renewal, edge.after.outside
    if after.bill is None or order.bill != after.bill.no or order.amount != after.bill.amount:
        yield "an order that is not the bill"
    if after.payment.paid is not None or after.state is not State.PAYING:
        yield "an order where nothing is to be paid"
    if order.mandate and not _may_be_taken(edge, order):
        yield "a deduction that nobody allowed"
    earlier = {key for key, one in edge.before.outside.wished.items() if isinstance(one, ef.RequestPayment)}
    if earlier - outside.ended:
        yield "a second order while the first may still be paid"


def _may_be_taken(edge: Edge, order: ef.RequestPayment) -> bool:
    """By the mandate that stands, within the operator's limit, and not once this bill was refused that way."""
    tried = edge.before.renewal.payment.by_hand or bool(edge.before.renewal.payment.mandate)
    return order.mandate == edge.after.renewal.standing_mandate and order.amount <= POLICY.deduct_limit and not tried


def money_that_came_twice_goes_back_once(edge: Edge) -> Iterator[str]:
    payment, came = edge.after.renewal.payment, edge.after.outside.came
    kept = {payment.paid} if payment.paid is not None else set()
    back = set(payment.refunding)
    if not kept <= came <= kept | back or kept & back:
        yield "money that is neither kept nor given back, or both"
    if len(back) != len(payment.refunding) or not back <= set(edge.after.outside.wished):
        yield "given back twice, or what was never ordered"
    refunds = [one for one in edge.decision.effects if isinstance(one, ef.Refund)]
    for one in refunds:
        if one.payment in edge.before.renewal.payment.refunding or one.payment == payment.paid:
            yield "given back twice, or what was rightly kept"


def the_door_opens_by_right(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    today = (edge.at + timedelta(hours=8)).date()
    for one in edge.decision.effects:
        if isinstance(one, ef.ExtendAccess):
            if one.until > right_to_enter(after, today):
                yield f"the door is opened until {one.until}, without right"
            if one.until < (edge.before.outside.door or date.min):
                yield "the door would be shut earlier than it is"
    if (before.access_until or date.min) > (after.access_until or date.min):
        yield "what we know of the door moved back"


def right_to_enter(renewal: Renewal, today: date) -> date:
    """The new term and its buffer once paid; else some days of grace over term, due day or today; none who has left."""
    if renewal.state in (State.MOVING_OUT, State.MOVED_OUT):
        return date.min
    if renewal.payment.paid is not None and renewal.accepted is not None:
        return renewal.accepted.end + timedelta(days=POLICY.access_buffer_days)
    due = renewal.bill.due if renewal.bill is not None else today
    more = {State.ON_HOLD: POLICY.hold_days, State.HOLDOVER: POLICY.holdover_days}.get(renewal.state, 0)
    return max(renewal.lease.end, due, today) + timedelta(days=POLICY.grace_days + more)


def renewed_means_all_of_it(edge: Edge) -> Iterator[str]:
    after = edge.after.renewal
    if after.state is not State.RENEWED or edge.before.renewal.state is State.RENEWED:
        return
    door = edge.after.outside.door
    whole = after.accepted is not None and after.payment.paid is not None and after.milestone is Milestone.SECURED
    if not whole or after.accepted is None or door is None or door < after.accepted.end:
        yield "renewed without signature, money or door"


def a_loss_has_one_reason(edge: Edge) -> Iterator[str]:
    after = edge.after.renewal
    lost = after.state in (State.MOVED_OUT, State.HOLDOVER, State.MOVING_OUT)
    may = lost or after.state in (State.LAPSED, State.ON_HOLD)
    if lost and after.loss is None:
        yield "lost, and nobody knows why"
    if after.loss is not None and not may:
        yield "a reason to leave on somebody who stays"
    if edge.before.renewal.final and after.loss != edge.before.renewal.loss:
        yield "the reason changed after the end"


def wishes_have_names_of_their_own(edge: Edge) -> Iterator[str]:
    """A key is wished once. Two kinds may be asked again: an offer not yet prepared, an envelope to be withdrawn."""
    keys = [one.key for one in edge.decision.effects]
    if len(set(keys)) < len(keys):
        yield "two wishes under one key in one turn"
    for one in edge.decision.effects:
        known = edge.before.outside.wished.get(one.key)
        if known is None:
            continue
        if not isinstance(one, ef.PrepareOffer | ef.WithdrawEnvelope) or type(known) is not type(one):
            yield f"{one.key} is wished twice"
        elif isinstance(one, ef.PrepareOffer) and one.key in edge.before.outside.answered:
            yield f"{one.key} was carried out already: nobody will do it again"
    if any(f"{ID}" not in key for key in keys):
        yield "a key that does not name its renewal"


ON_WISHES = (one_envelope_is_out, no_charge_without_signature, wishes_have_names_of_their_own)
ON_MOVES = (
    an_acceptance_counts_only_when_meant,
    a_choice_is_seen_and_offered,
    the_rule_prices_no_custom_unit,
    nobody_signs_while_something_is_owed,
    what_is_signed_is_what_was_accepted,
    money_that_came_twice_goes_back_once,
    the_door_opens_by_right,
    renewed_means_all_of_it,
    a_loss_has_one_reason,
)
