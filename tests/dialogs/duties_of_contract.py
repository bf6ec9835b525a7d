"""What a renewal owes partners and staff: verdicts, envelopes, bills, payments and locks, told a second time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from dialogs import effects as ef
from dialogs import events as ev
from dialogs.effects import Task
from dialogs.events import Refusal, Verdict
from dialogs.states import FINAL, Milestone, State
from tests.dialogs.duties_of_talk import CHOOSING, SIGNED, stands
from tests.dialogs.duty import Duty, must
from tests.dialogs.exploring import Edge
from tests.dialogs.outside import ID
from tests.dialogs.promises_in_talk import rings, says
from tests.dialogs.units import POLICY

CLEARING = frozenset({State.CHECKING, State.GATED, State.DISPUTED})


def wished(edge: Edge, *kinds: type[ef.Effect]) -> bool:
    return any(isinstance(one, kinds) for one in edge.decision.effects)


def on_staff_offer(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.StaffOffered)
    closed = before.final or before.milestone >= Milestone.SIGNED or before.relet
    taken = after.offer is not None and (before.offer is None or after.offer.version != before.offer.version)
    yield from must(taken is (bool(event.offer.proposals) and not closed), "lawful terms of a person become the offer")
    if taken:
        yield from must(after.accepted is None and after.chosen is None, "new terms void the old yes")
    if not event.offer.proposals and not before.final and before.state not in SIGNED:
        yield from must(Task.LOOK in rings(edge), "unlawful terms are told to people")


def on_prepared(edge: Edge) -> Iterator[str]:
    """The rule speaks where nothing stands and a rule may price at all."""
    before, after = edge.before.renewal, edge.after.renewal
    waiting = before.state in (State.OPENED, State.HAND_PRICING) or (
        before.state in CHOOSING - {State.CONFIRMING} and not stands(edge)
    )
    made = waiting and not before.lease.unit.custom and before.lease.no != "L-3"
    taken = after.offer is not None and (before.offer is None or after.offer.version != before.offer.version)
    yield from must(taken is made, "the rule's offer is made where it is waited for")
    if before.state is State.OPENED and made:
        yield from must(after.state is (State.OFFERED if before.answered else State.REMINDED), "who asked is answered")


def on_verdict(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.VerdictReached)
    if before.state is not State.CHECKING:
        return
    held = before.lease.deposit_held if event.deposit_held is None else event.deposit_held
    owing = bool(event.bills) or held < before.lease.deposit_due or event.verdict is not Verdict.CLEAR
    if event.check != before.check or event.verdict in (Verdict.PENDING, Verdict.UNAVAILABLE):
        to = State.CHECKING
    elif before.waived or not owing:
        to = State.AWAITING_SIGNATURE
    else:
        to = State.DISPUTED if event.verdict is Verdict.DISPUTED else State.GATED
    yield from must(after.state is to, f"the verdict leads to {to}")
    stale = event.check != before.check
    yield from must(not (stale and edge.decision.timers), "a stale verdict moves no clock")


def on_money_news(edge: Edge) -> Iterator[str]:
    """What finance or the ledger brings leads back to a fresh check, or, before any yes, to the offers."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    if before.state in CLEARING:
        yield from must(after.state is State.CHECKING, "what moved in the ledger is checked afresh")
    elif before.state is State.MONEY_TROUBLE and before.accepted is not None:
        yield from must(after.state is State.CHECKING, "a plan for accepted terms leads to the check")
    elif before.state is State.MONEY_TROUBLE:
        to = State.MONEY_TROUBLE if isinstance(event, ev.ArrearsPaid) else State.OFFERED
        yield from must(after.state is to, f"before any yes it goes on in {to}")


def on_dispute(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    frozen = before.state in (State.CHECKING, State.GATED)
    frozen = frozen or (before.state is State.MONEY_TROUBLE and before.accepted is not None)
    yield from must((after.state is State.DISPUTED) is (frozen or before.state is State.DISPUTED), "a dispute freezes")


def on_envelope_opened(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.EnvelopeOpened)
    newest = event.key == f"E{ID}N{before.envelopes}"
    awaited = before.state is State.AWAITING_SIGNATURE and before.envelope is None and newest
    known = event.ref == before.envelope
    yield from must((after.envelope == event.ref) is (awaited or known), "the awaited envelope is adopted")
    yield from must(wished(edge, ef.WithdrawEnvelope) is not (awaited or known), "a stray envelope is asked back")


def on_party(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.PartySigned)
    ids = {party.id for party in before.lease.parties}
    early = before.envelope is None and before.envelopes == 1 and before.withdrawn is None
    ours = before.state is State.AWAITING_SIGNATURE and (event.ref == before.envelope or early)
    news = ours and event.party in ids - set(before.signed_by)
    yield from must(set(after.signed_by) - set(before.signed_by) == ({event.party} if news else set()), "who signed")
    waits = news and event.party == before.lease.tenant.id and bool(ids - set(after.signed_by))
    silent = before.owner.person is not None or before.opted_out or before.stranger
    wanted = ["sign_waiting_others"] if waits and not silent else []
    yield from must([one.message for one in says(edge)] == wanted, f"the tenant hears {wanted}")


def on_envelope_signed(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.EnvelopeSigned)
    early = before.envelope is None and before.envelopes == 1 and before.withdrawn is None
    ours = before.state is State.AWAITING_SIGNATURE and (event.ref == before.envelope or early)
    late = before.accepted is not None and event.ref == before.withdrawn and before.milestone < Milestone.SIGNED
    pivot = ours or late
    yield from must((after.milestone > before.milestone) is pivot, "what everybody signed is the contract")
    known = before.milestone >= Milestone.SIGNED and event.ref == before.envelope
    yield from must((Task.LOOK in rings(edge)) is not (pivot or known), "a signature nobody expected is for people")


def on_envelope_ended(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.EnvelopeRefused | ev.EnvelopeExpired)
    if before.state is not State.AWAITING_SIGNATURE:
        return
    early = before.envelope is None and before.envelopes == 1 and before.withdrawn is None
    again = isinstance(event, ev.EnvelopeExpired) and before.envelopes < POLICY.sign_attempts
    ended = State.CHECKING if again else State.OFFERED
    to = ended if event.ref == before.envelope or early else State.AWAITING_SIGNATURE
    yield from must(after.state is to, f"an envelope that ended leads to {to}")


def on_envelope_trouble(edge: Edge) -> Iterator[str]:
    before = edge.before.renewal
    waiting = before.state is State.AWAITING_SIGNATURE and before.envelope is None
    moved = any(one.kind == "SignatureDue" for one in edge.decision.timers)
    yield from must(moved is waiting, "a provider that is down costs the tenant no day")


def on_order(edge: Edge) -> Iterator[str]:
    """News of the order that counts is told, in words that say which order it is; of any other nothing is."""
    before, event = edge.before.renewal, edge.event
    assert isinstance(event, ev.PaymentRequested | ev.ChargeAccepted)
    ready = "pay_ready" if before.payment.tried == 1 else "pay_refused"
    message = ready if isinstance(event, ev.PaymentRequested) else "deduction_announced"
    counts = before.state is State.PAYING and event.key == before.payment.open
    silent = before.owner.person is not None or before.opted_out or before.stranger
    asked_for = isinstance(event, ev.PaymentRequested) and bool(before.payment.wanted)
    wanted = [message] if counts and not silent and not asked_for else []
    yield from must([one.message for one in says(edge)] == wanted, f"the tenant hears {wanted}")


def on_refusal(edge: Edge) -> Iterator[str]:
    before, event = edge.before.renewal, edge.event
    assert isinstance(event, ev.PaymentRefused)
    counts = before.state is State.PAYING and event.key == before.payment.open
    hopeless = event.reason in (Refusal.CONFIG, Refusal.FINAL)
    left = before.payment.refused + 1 < POLICY.charge_attempts
    elsewhere = before.payment.wanted not in ("", before.payment.way)
    again = elsewhere or (left and not hopeless)
    yield from must(wished(edge, ef.RequestPayment) is (counts and again), "another order is placed")
    finance = counts and not again
    open_there = before.state in (State.PAYING, State.ON_HOLD)
    ended = open_there and event.key == before.payment.open
    yield from must((edge.after.renewal.payment.open != before.payment.open) is ended, "what ended is no longer open")
    yield from must((Task.CHASE_PAYMENT in rings(edge)) is finance, "finance looks once no order is worth it")


def on_clause(edge: Edge) -> Iterator[str]:
    """What was confirmed of the terms that hold is noted once; of any others nothing is."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.ClauseRead)
    terms = before.accepted
    holds = before.state is State.AWAITING_SIGNATURE and terms is not None and terms.terms_hash == event.terms_hash
    news = holds and event.clause not in before.clauses_read and not before.stranger
    grown = set(after.clauses_read) - set(before.clauses_read)
    yield from must(grown == ({event.clause.value} if news else set()), "a clause is confirmed once")


def on_other_way(edge: Edge) -> Iterator[str]:
    """The open order is closed, never a second one placed; a deduction under way is left alone."""
    before, event = edge.before.renewal, edge.event
    assert isinstance(event, ev.PayWayChosen)
    payment = before.payment
    elsewhere = payment.way not in ("", event.way) and not payment.wanted and not payment.mandate
    due = before.state is State.PAYING and payment.open is not None and elsewhere and not before.stranger
    yield from must(wished(edge, ef.CloseOrder) is due, "the open order is closed before another is placed")
    yield from must(not wished(edge, ef.RequestPayment), "no order beside an open one")


def on_success(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.PaymentSucceeded)
    known = event.key == before.payment.paid or event.key in before.payment.refunding
    first = event.key in edge.after.outside.came and before.payment.paid is None
    yield from must((after.payment.paid != before.payment.paid) is first, "the first full payment counts")
    ours = isinstance(edge.before.outside.wished.get(event.key), ef.RequestPayment)
    twice = before.payment.paid is not None and ours and not known
    yield from must(wished(edge, ef.Refund) is twice, "the second payment goes back")
    yield from must((Task.LOOK in rings(edge)) is not (first or known), "people hear of money that needs a look")


def on_refund(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.RefundMade)
    awaited = {f"RF{key}" for key in before.payment.refunding} - set(before.payment.refunded)
    grown = set(after.payment.refunded) - set(before.payment.refunded)
    yield from must(grown == {event.key} & awaited, "a refund is noted once")
    yield from must(bool(grown) or not says(edge), "a refund is told once")


def on_lock(edge: Edge) -> Iterator[str]:
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    if isinstance(event, ev.AccessExtended) and before.state is State.EXTENDING and before.accepted is not None:
        enough = event.until >= before.accepted.end + timedelta(days=POLICY.access_buffer_days)
        yield from must((after.state is State.RENEWED) is enough, "the read-back that is long enough ends it")
    if isinstance(event, ev.AccessDelayed) and before.state is State.EXTENDING:
        person = before.access_delays + 1 >= POLICY.access_attempts
        yield from must((Task.OPEN_DOOR in rings(edge)) is person, "after three refusals a person goes to the door")


def on_bill(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    waited = before.state is State.BILLING or (before.state is State.ON_HOLD and before.resume is State.BILLING)
    kept = (after.bill, after.resume) == (before.bill, before.resume)
    yield from must(waited or kept, "a bill is taken where one is waited for")
    yield from must(not waited or after.bill is not None, "the bill that was waited for is taken")


def on_correction(edge: Edge) -> Iterator[str]:
    """Facts under an open offer void it; a new housekeeper does not; after the yes people look."""
    before, after, event = edge.before.renewal, edge.after.renewal, edge.event
    assert isinstance(event, ev.LeaseCorrected)
    if before.state in FINAL or before.offer is None or after.offer is None:
        return
    moved = (event.lease.rent, event.lease.unit) != (before.lease.rent, before.lease.unit)
    resting = before.state in CHOOSING | {State.NEGOTIATING, State.UNREACHABLE}
    void = after.offer.expires_at <= edge.at
    done = void if resting and moved else after.offer == before.offer
    yield from must(done, "terms on wrong facts are void, and only these")


PARTNERS: dict[type[ev.Event], tuple[Duty, ...]] = {
    ev.StaffOffered: (on_staff_offer,),
    ev.OfferPrepared: (on_prepared,),
    ev.VerdictReached: (on_verdict,),
    ev.ArrearsPaid: (on_money_news,),
    ev.WaiverGranted: (on_money_news,),
    ev.InstalmentsAgreed: (on_money_news,),
    ev.EnvelopeOpened: (on_envelope_opened,),
    ev.PartySigned: (on_party,),
    ev.EnvelopeSigned: (on_envelope_signed,),
    ev.EnvelopeRefused: (on_envelope_ended,),
    ev.EnvelopeExpired: (on_envelope_ended,),
    ev.EnvelopeDelayed: (on_envelope_trouble,),
    ev.EnvelopeFailed: (on_envelope_trouble,),
    ev.PaymentRequested: (on_order,),
    ev.ChargeAccepted: (on_order,),
    ev.PaymentRefused: (on_refusal,),
    ev.PayWayChosen: (on_other_way,),
    ev.ClauseRead: (on_clause,),
    ev.PaymentSucceeded: (on_success,),
    ev.RefundMade: (on_refund,),
    ev.AccessExtended: (on_lock,),
    ev.AccessDelayed: (on_lock,),
    ev.BillCreated: (on_bill,),
    ev.LeaseCorrected: (on_correction,),
}
WORDS: dict[type[ev.Event], tuple[Duty, ...]] = {ev.BillDisputed: (on_dispute,)}
