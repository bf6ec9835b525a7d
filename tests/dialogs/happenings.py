"""What may happen next to an explored renewal: every class of event, doubled, late, forged and out of turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from dialogs import effects as ef
from dialogs import events as ev
from dialogs.events import AnyEvent, Refusal, Unreach, Verdict
from dialogs.lease import Bill, Comps
from dialogs.money import Fen, yuan
from dialogs.offer import CounterOffer, Offer, Proposal
from dialogs.paper import KeyClause
from dialogs.renewal import Renewal
from dialogs.states import LossReason, State
from dialogs.timers import rung
from tests.dialogs.outside import ID, Outside, envelope_keys, orders, reference
from tests.dialogs.units import COMPS, hand_made

BILL = "B-1"
OTHER = "somebody-elses"


class Happening(NamedTuple):
    """One event and the aware UTC instant at which it comes in."""

    event: AnyEvent
    at: datetime


def possible(renewal: Renewal, outside: Outside, now: datetime) -> Iterator[Happening]:
    """Timers ring on their day or, when that is past, late; everything else may happen now."""
    for (kind, tag), due in outside.timers.items():
        yield Happening(rung(kind, tag), max(now, due))
    for event in (*ALWAYS, *_of_renewal(renewal, now), *_of_partners(renewal, outside)):
        yield Happening(event, now)


def _of_renewal(renewal: Renewal, now: datetime) -> Iterator[AnyEvent]:
    yield from _choices(renewal)
    yield from _counters(renewal)
    yield from _verdicts(renewal)
    yield from _corrections(renewal)
    yield from _of_message(renewal)
    yield ev.StaffOffered(actor="s1", offer=hand_made(renewal.lease, now))
    yield ev.StaffOffered(actor="s1", offer=replace(hand_made(renewal.lease, now), proposals=()))
    for until in (now - timedelta(days=1), now + timedelta(days=2), now + timedelta(days=400)):
        yield ev.Deferred(until=until)


def _of_message(renewal: Renewal) -> Iterator[AnyEvent]:
    """What may come of the message under way, in any order and more than once."""
    if renewal.reaching is None:
        return
    key = renewal.reaching.key
    yield ev.MessageSent(key, "template", more=True)
    yield ev.MessageSent(key, "sms")
    yield ev.MessageDelivered(key)
    yield ev.AttemptFailed(key, Unreach.OPTED_OUT)
    yield ev.MessageFailed(key, Unreach.UNREACHABLE)
    if renewal.budget.left > 1:
        yield ev.MessageSent(key, "window", more=True)


def _choices(renewal: Renewal) -> Iterator[AnyEvent]:
    offer = renewal.offer
    if offer is None:
        return
    first, last = offer.proposals[0], offer.proposals[-1]
    yield _on_page(ev.Chose, offer, first)
    yield _on_page(ev.Chose, offer, last)
    yield replace(_on_page(ev.Chose, offer, first), terms_hash="0" * 16)
    yield replace(_on_page(ev.Chose, offer, first), offer=offer.version - 1)
    yield replace(_on_page(ev.Chose, offer, first), proposal="no-such")
    yield replace(_on_page(ev.Chose, offer, first), via="wechat", offer=offer.version - 1)
    yield ev.Confirmed(via="page", proposal=first.id, offer=offer.version, terms_hash=first.terms_hash)
    yield ev.Confirmed(via="page", proposal=last.id, offer=offer.version, terms_hash=last.terms_hash)
    yield ev.Confirmed(via="page", proposal=first.id, offer=offer.version, terms_hash="0" * 16)
    yield ev.OfferExpired(offer.version)


def _on_page(kind: type[ev.Chose], offer: Offer, terms: Proposal) -> ev.Chose:
    return kind(via="page", proposal=terms.id, offer=offer.version, terms_hash=terms.terms_hash)


def _counters(renewal: Renewal) -> Iterator[AnyEvent]:
    rent = renewal.lease.rent if renewal.offer is None else min(one.first_rent for one in renewal.offer.proposals)
    yield ev.CounterOffered()
    yield ev.CounterOffered(terms=CounterOffer(rent=rent))
    yield ev.CounterOffered(terms=CounterOffer(rent=rent), via="sms")
    yield ev.CounterOffered(terms=CounterOffer(rent=Fen(rent - 1)))


def _verdicts(renewal: Renewal) -> Iterator[AnyEvent]:
    debt = Bill("A-1", date(2026, 8, 1), yuan(1200))
    for verdict in Verdict:
        yield ev.VerdictReached(verdict=verdict, check=renewal.check)
    yield ev.VerdictReached(verdict=Verdict.CLEAR, check=renewal.check - 1)
    yield ev.VerdictReached(verdict=Verdict.OWING, bills=(debt,), check=renewal.check)
    yield ev.VerdictReached(verdict=Verdict.CLEAR, deposit_held=yuan(1), check=renewal.check)


def _corrections(renewal: Renewal) -> Iterator[AnyEvent]:
    lease = renewal.lease
    yield ev.LeaseCorrected(lease=replace(lease, housekeeper="h2"))
    yield ev.LeaseCorrected(lease=replace(lease, rent=yuan(3100)))
    yield ev.LeaseCorrected(lease=replace(lease, unit=replace(lease.unit, custom=True)))


def _of_partners(renewal: Renewal, outside: Outside) -> Iterator[AnyEvent]:
    for key in (*envelope_keys(outside)[-2:], OTHER):
        yield from _of_envelope(reference(key), key)
    if renewal.accepted is not None:
        yield ev.ClauseRead(via="page", clause=KeyClause.TERM, terms_hash=renewal.accepted.terms_hash)
    if renewal.envelopes:
        yield from (ev.PartySigned(reference(f"E{ID}N{renewal.envelopes}"), party) for party in ("p1", "p2", "p9"))
    for order in orders(outside)[-2:]:
        yield from _of_order(order.key, order.bill, order.amount, order.way or "wechatpay")
    if renewal.bill is not None:
        yield from _of_order("R9P1A1", renewal.bill.no, renewal.bill.amount)
    for key in renewal.payment.refunding:
        yield ev.RefundMade(f"RF{key}")
    for wish in outside.wished.values():
        if isinstance(wish, ef.ExtendAccess):
            yield ev.AccessExtended(wish.until)
        elif isinstance(wish, ef.CreateBill):
            yield ev.BillCreated(Bill(BILL, wish.due, wish.amount))


def _of_envelope(ref: str, key: str) -> Iterator[AnyEvent]:
    yield ev.EnvelopeOpened(ref, key)
    yield ev.EnvelopeSigned(ref)
    yield ev.EnvelopeRefused(ref)
    yield ev.EnvelopeExpired(ref)


def _of_order(key: str, bill: str, amount: Fen, way: str = "") -> Iterator[AnyEvent]:
    yield ev.PaymentRequested(key, bill, way)
    yield ev.ChargeAccepted(key)
    yield ev.PaymentSucceeded(key, bill, amount, "wechat")
    yield ev.PaymentSucceeded(key, bill, Fen(amount - 1), "wechat")
    for reason in (Refusal.TENANT_CAN_FIX, Refusal.MANDATE_DEAD, Refusal.WINDOW, Refusal.FINAL):
        yield ev.PaymentRefused(key, reason)


ALWAYS: tuple[AnyEvent, ...] = (
    # timers out of turn: doubled by the ticker, or of a row that was dropped a moment ago
    ev.TierDue("T-30"), ev.TierDue("T-15"), ev.TierDue("T-7"), ev.TierDue("T-99"), ev.OfferExpired(99),
    ev.ConfirmationDue(), ev.DecisionDue(), ev.ApprovalDue(), ev.VerdictDue(), ev.GateDue(), ev.DisputeDue(),
    ev.MoneyPlanDue(), ev.SignatureNudgeDue(1), ev.SignatureNudgeDue(2), ev.SignatureDue(), ev.BillDue(),
    ev.PaymentDue(), ev.AccessDue(), ev.RungDue(), ev.ContactCheckDue(), ev.ContactDue(),
    ev.PricingDue(), ev.HoldDue(), ev.TermEnded(), ev.HoldoverDue(),
    ev.MoveOutDue(),
    # the tenant
    ev.PageOpened(via="page"), ev.OffersAsked(), ev.OffersAsked(via="page"), ev.Chose(number=1), ev.Chose(number=2),
    ev.Chose(number=9), ev.Chose(), ev.Confirmed(), ev.Denied(), ev.Hesitated(), ev.Declined(),
    ev.Declined(reason=LossReason.JOB, via="page"), ev.MindChanged(), ev.HumanAsked(), ev.HumanAsked(via="sms"),
    ev.MoneyTroubled(), ev.BillDisputed(), ev.OptedOut(), ev.OptedOut(via="sms"), ev.RepairReported(), ev.Complained(),
    ev.TechTrouble(), ev.ChangeAsked(via="sms"), ev.PictureSent(), ev.Acknowledged(), ev.Acknowledged(via="sms"),
    ev.PayWayChosen(way="alipay", via="page"),
    ev.ClauseRead(via="page", clause=KeyClause.TERM, terms_hash="other"),
    ev.Asked(topic="lock"), ev.Asked(topic="weather"), ev.Greeted(), ev.Thanked(), ev.WrongPerson(via="sms"),
    ev.NotUnderstood(), ev.Chose(number=1, via="sms"), ev.Confirmed(via="sms"), ev.OffersAsked(via="sms"),
    # channels
    ev.MessageSent("say:none", "sms"), ev.AttemptFailed("say:none", Unreach.UNREACHABLE),
    ev.PageNoted("touched", option="keep"), ev.PageNoted("script_error", agent="old"), ev.WayBarred(),
    ev.MessageDelivered("say:1:1"), ev.MessageFailed("say:1:1", Unreach.UNREACHABLE),
    ev.MessageFailed("say:1:1", Unreach.OPTED_OUT), ev.Followed(), ev.Unfollowed(),
    # the ledger
    ev.OfferPrepared(comps=COMPS), ev.OfferPrepared(comps=Comps()), ev.ArrearsPaid(),
    ev.BillPosted(Bill("A-2", date(2026, 9, 1), yuan(80))),
    # people
    ev.Claimed(actor="s1"), ev.Claimed(actor="s2"), ev.Released(actor="s1"), ev.Released(actor="s2"),
    ev.Released(actor="s1", resume=State.OFFERED), ev.Released(actor="s1", resume=State.HESITATING),
    ev.CounterRejected(actor="s1"), ev.WaiverGranted(actor="s1"),
    ev.InstalmentsAgreed(actor="s1", until=date(2026, 11, 15)), ev.DisputeSettled(actor="s1"),
    ev.ContactRepaired(actor="s1"), *(ev.CallEnded(actor="s1", outcome=one) for one in
                                      ("reached", "no_answer", "wrong_number", "refused")),
    ev.PutOnHold(actor="s1"), ev.Resumed(actor="s1"), ev.StayObserved(actor="s1", stays=True),
    ev.StayObserved(actor="s1", stays=False), ev.MoveOutDone(actor="s1"), ev.UnitRelet(actor="s1"),
    ev.DeclinedByOperator(actor="s1"),
    # partners out of turn
    ev.EnvelopeFailed("refused"), ev.EnvelopeDelayed(), ev.MandateClosed(),
    ev.MandateSigned("entrust:M7"), ev.RefundMade("RF-none"),
    ev.PaymentSucceeded("R9P1A1", "B-9", yuan(1), "wechat"),
    ev.AccessExtended(date(2026, 10, 1)), ev.AccessDelayed("asleep"),
)  # fmt: skip
"""Happens anywhere, whatever was wished before."""
