"""A renewal lives through whatever comes: doubled, late and lost answers, crashes, races between people and machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dialogs import effects as ef
from dialogs import events as ev
from dialogs.effects import AnyEffect
from dialogs.events import AnyEvent, Refusal, Verdict
from dialogs.lease import Bill
from dialogs.machine import Moot, Wait, opening, replay, step, still_wanted
from dialogs.money import yuan
from dialogs.policy import Policy
from dialogs.reminders import first_due
from dialogs.renewal import Subject
from dialogs.states import AFTER_PIVOT, FINAL, LossReason, State
from dialogs.timers import rung
from dialogs.workdays import SHANGHAI
from tests.dialogs.reference import Reference
from tests.stories.story import COMPS, SHARED

POLICY = Policy()
OPENED = date(2026, 9, 1)
ID = 7
WORDS = st.sampled_from(
    [
        ev.OffersAsked(via="wechat"),
        ev.Confirmed(via="wechat"),
        ev.Denied(via="wechat"),
        ev.Hesitated(via="wechat"),
        ev.Declined(LossReason.PRICE, via="wechat"),
        ev.MindChanged(via="wechat"),
        ev.HumanAsked(via="wechat"),
        ev.MoneyTroubled(via="wechat"),
        ev.OptedOut(via="wechat"),
        ev.NotUnderstood(via="wechat"),
        ev.PageOpened(via="page"),
    ]
)
STAFF = st.sampled_from(
    [
        ev.Claimed(actor="h1"),
        ev.Claimed(actor="h2"),
        ev.Released(actor="h1"),
        ev.InstalmentsAgreed(actor="finance", until=date(2026, 10, 5)),
        ev.DisputeSettled(actor="finance"),
        ev.CallEnded(actor="h1", outcome="no_answer"),
        ev.StayObserved(actor="h1", stays=True),
        ev.MoveOutDone(actor="h1"),
        ev.PutOnHold(actor="legal"),
        ev.Resumed(actor="legal"),
        ev.ArrearsPaid(),
    ]
)


class Life(RuleBasedStateMachine):
    """The store, the partners and the people around one renewal, as crude as they can be made."""

    def __init__(self) -> None:
        super().__init__()
        self.start = opening(SHARED, opened_on=OPENED)
        self.renewal = self.start
        first = first_due(SHARED.end, POLICY, OPENED)
        self.now: datetime = first
        self.timers: dict[tuple[str, str], datetime] = {("TierDue", "T-30"): first}
        self.outbox: list[AnyEffect] = []
        self.keys: set[str] = set()
        self.log: list[tuple[int, AnyEvent, datetime]] = []
        self.late: list[AnyEvent] = []
        """Answers of partners that are still on their way, or may come again."""
        self.truth = Reference()

    # --- the shell, in five lines
    def deliver(self, event: AnyEvent, *, crash: bool = False) -> None:
        decision = step(Subject(ID, self.renewal, POLICY), event, self.now)
        again = step(Subject(ID, self.renewal, POLICY), event, self.now)
        assert decision == again, "the same row, event and instant decide the same"
        if crash:
            return
        self.log.append((ID, event, self.now))
        self._judge(event, decision.renewal.accepted is not None and self.renewal.accepted is None)
        for kind, tag in list(self.timers):
            if kind in decision.drop:
                del self.timers[kind, tag]
        self.timers |= {(one.kind, one.tag): one.due_at for one in decision.timers}
        fresh = [one for one in decision.effects if one.key not in self.keys]
        self.keys |= {one.key for one in fresh}
        self.outbox += fresh
        self.renewal = decision.renewal

    def _judge(self, event: AnyEvent, accepted: bool) -> None:
        """What the event itself means to the reference, before the rules' answer is taken over."""
        live = self.renewal.state not in FINAL
        if isinstance(event, ev.Claimed) and live:
            self.truth.owner = event.actor
        if isinstance(event, ev.Released) and live and event.actor == self.truth.owner:
            self.truth.owner = None
        if isinstance(event, ev.OptedOut):
            self.truth.stopped = True
        if accepted:
            self.truth.blame(self.truth.asked_about is None, "something was accepted that nobody asked about")

    @initialize(depth=st.integers(0, 9))
    def it_has_come_some_way(self, depth: int) -> None:
        """The first steps of the main way, taken with the same hands, so that the later ones are reached as well."""
        way: list[Callable[[], None]] = [
            lambda: self.time_passes(0, 0),
            self._all_wishes,
            lambda: self.tenant_speaks(ev.OffersAsked(via="wechat"), False),
            lambda: self.tenant_picks(1),
            lambda: self.tenant_speaks(ev.Confirmed(via="wechat"), False),
            self._all_wishes,
            lambda: self.the_envelope_moves("sign"),
            self._all_wishes,
            lambda: self.somebody_pays_this_order_or_an_older_one(0),
        ]
        for act in way[:depth]:
            act()

    def _all_wishes(self) -> None:
        for _ in range(10):
            if self.outbox:
                self.a_worker_takes_the_next_wish("ok")

    # --- what may happen
    @rule(event=WORDS, crash=st.booleans())
    def tenant_speaks(self, event: AnyEvent, crash: bool) -> None:
        self.deliver(event, crash=crash)
        if crash:
            self.deliver(event)

    @rule(number=st.integers(1, 4))
    def tenant_picks(self, number: int) -> None:
        before = self.renewal.offer
        if self.renewal.owner.person is None and not self.renewal.stranger:
            self.truth.picked(before, number, self.now)
        self.deliver(ev.Chose(number=number, via="wechat"))

    @rule(event=STAFF)
    def staff_acts(self, event: AnyEvent) -> None:
        self.deliver(event)

    @rule(pick=st.integers(0, 9), late=st.sampled_from([0, 0, 1, 30, 200]))
    def time_passes(self, pick: int, late: int) -> None:
        if not self.timers:
            return
        (kind, tag), due = sorted(self.timers.items(), key=lambda one: one[1])[min(pick, len(self.timers) - 1, 1)]
        self.now = max(self.now, due) + timedelta(hours=late)
        self.timers.pop((kind, tag))
        self.deliver(rung(kind, tag))

    @precondition(lambda self: self.outbox)
    @rule(fate=st.sampled_from(["ok", "ok", "ok", "fails", "unknown", "twice", "late"]))
    def a_worker_takes_the_next_wish(self, fate: str) -> None:
        wish = self.outbox.pop(0)
        verdict = still_wanted(Subject(ID, self.renewal, POLICY), wish, self.now)
        if isinstance(verdict, Moot):
            return
        if isinstance(verdict, Wait):
            self.now = verdict.until
        if fate == "unknown":
            self.outbox.insert(0, wish)
            return
        answers = self._carried_out(wish, fails=fate == "fails")
        self.late += answers if fate in ("twice", "late") else []
        for answer in answers if fate != "late" else []:
            self.deliver(answer)

    @precondition(lambda self: self.late)
    @rule(pick=st.integers(0, 20))
    def an_answer_arrives_late_or_again(self, pick: int) -> None:
        self.deliver(self.late[pick % len(self.late)])

    @precondition(lambda self: self.renewal.envelope is not None)
    @rule(fate=st.sampled_from(["sign", "sign", "refuse", "expire", "tenant"]))
    def the_envelope_moves(self, fate: str) -> None:
        ref = self.renewal.envelope
        assert ref is not None
        if fate == "sign":
            self.truth.signed.add(ref)
            self.late.append(ev.EnvelopeSigned(ref, "ab"))
            self.deliver(ev.EnvelopeSigned(ref, "ab"))
        elif ref not in self.truth.signed:
            told = {"refuse": ev.EnvelopeRefused(ref), "expire": ev.EnvelopeExpired(ref)}
            self.deliver(told.get(fate, ev.PartySigned(ref, "p1")))

    @precondition(lambda self: self.renewal.bill is not None and self.renewal.payment.tried)
    @rule(back=st.integers(0, 2))
    def somebody_pays_this_order_or_an_older_one(self, back: int) -> None:
        bill, tried = self.renewal.bill, self.renewal.payment.tried
        assert bill is not None
        key = f"R{ID}P1A{max(1, tried - back)}"
        self.truth.charge(key)
        paid = ev.PaymentSucceeded(key, bill.no, bill.amount, "wechatpay")
        self.late.append(paid)
        self.deliver(paid)

    @precondition(lambda self: self.renewal.payment.open is not None)
    @rule(reason=st.sampled_from(list(Refusal)))
    def the_order_is_refused(self, reason: Refusal) -> None:
        key = self.renewal.payment.open
        assert key is not None
        if key not in self.truth.charged:
            self.deliver(ev.PaymentRefused(key, reason))

    def _carried_out(self, wish: AnyEffect, *, fails: bool) -> list[AnyEvent]:
        if isinstance(wish, ef.Say):
            self.truth.told(wish, self.now)
            return []
        if isinstance(wish, ef.PrepareOffer):
            return [ev.OfferPrepared(COMPS)]
        if isinstance(wish, ef.AskVerdict):
            return [self._verdict(wish, fails=fails)]
        if isinstance(wish, ef.OpenEnvelope):
            opened = ev.EnvelopeOpened(f"ref-{wish.key}", wish.key)
            return [ev.EnvelopeFailed(reason="no")] if fails else [opened]
        if isinstance(wish, ef.CreateBill):
            return [ev.BillCreated(Bill("B1", wish.due, wish.amount))]
        return self._money_and_door(wish, fails=fails)

    def _money_and_door(self, wish: AnyEffect, *, fails: bool) -> list[AnyEvent]:
        if isinstance(wish, ef.Ring):
            self.truth.shown_to_finance += wish.task is ef.Task.LOOK and wish.desk == "finance"
        if isinstance(wish, ef.RequestPayment):
            self.truth.ordered(wish.key)
            return [ev.PaymentRequested(wish.key, wish.bill)]
        if isinstance(wish, ef.Refund):
            self.truth.gave_back(wish.payment)
            return [ev.RefundMade(wish.key)]
        if isinstance(wish, ef.ExtendAccess):
            if fails:
                return [ev.AccessDelayed("-3002")]
            self.truth.opened(wish.until)
            return [ev.AccessExtended(wish.until)]
        return []

    def _verdict(self, wish: ef.AskVerdict, *, fails: bool) -> ev.VerdictReached:
        if fails:
            return ev.VerdictReached(Verdict.OWING, (Bill("B0", OPENED, yuan(90)),), yuan(3000), "e", wish.check)
        return ev.VerdictReached(Verdict.CLEAR, (), yuan(3000), "e", wish.check)

    # --- what must hold whatever happened
    @invariant()
    def no_promise_to_the_outside_is_broken(self) -> None:
        assert not self.truth.fault, self.truth.fault

    @invariant()
    def the_owner_is_who_the_desk_thinks_it_is(self) -> None:
        assert self.renewal.owner.person == self.truth.owner

    @invariant()
    def something_will_happen_or_it_is_over(self) -> None:
        assert self.renewal.state in FINAL or self.timers, self.renewal.state

    @invariant()
    def signed_means_signed_by_the_provider(self) -> None:
        if self.renewal.state in AFTER_PIVOT:
            assert self.truth.signed

    @invariant()
    def a_bill_is_kept_once_when_all_wishes_are_done(self) -> None:
        """A payment nobody can place may stay longer: then a person has been shown it."""
        if not self.outbox:
            assert self.truth.kept() <= 1 + self.truth.shown_to_finance

    @invariant()
    def lost_leases_have_one_reason_and_kept_ones_none(self) -> None:
        if self.renewal.state in FINAL:
            assert (self.renewal.loss is None) == (self.renewal.state is State.RENEWED)

    @invariant()
    def the_log_gives_the_row(self) -> None:
        if len(self.log) % 10 == 0:
            assert replay(self.start, self.log, POLICY) == self.renewal

    @invariant()
    def time_is_in_shanghai_what_it_is(self) -> None:
        assert self.now.astimezone(SHANGHAI).utcoffset() == timedelta(hours=8)


Life.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class TestLife(Life.TestCase):  # type: ignore[misc,name-defined]
    """A hundred and twenty lives of forty happenings each."""
