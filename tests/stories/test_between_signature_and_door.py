"""Contract, money and lock between the signature and the door: the thirteen cases the seed skips (requirements 3.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dialogs.effects import CreateBill, ExtendAccess, Refund, RequestPayment, Task, WithdrawEnvelope
from dialogs.events import (
    AccessDelayed,
    AccessDue,
    AccessExtended,
    BillCreated,
    BillDisputed,
    BillPosted,
    ChargeAccepted,
    Confirmed,
    Declined,
    DisputeSettled,
    EnvelopeDelayed,
    EnvelopeSigned,
    MandateClosed,
    MessageDelivered,
    MindChanged,
    PartySigned,
    PaymentDue,
    PaymentRefused,
    PaymentRequested,
    PaymentSucceeded,
    PutOnHold,
    RefundMade,
    Refusal,
    Resumed,
    SignatureDue,
    SignatureNudgeDue,
    StayObserved,
    TermEnded,
    UnitRelet,
)
from dialogs.lease import Bill
from dialogs.money import yuan
from dialogs.states import LossReason, Milestone, State

from .story import (
    ENVELOPE,
    LEASE,
    SHARED,
    checking,
    clear,
    deducting,
    offered,
    owing,
    paid,
    paying,
    pays,
    read_back,
    reminded,
    signed,
    signing,
)

OWED = Bill("B0", date(2026, 9, 5), yuan(120))


def test_signed_by_the_tenant_but_not_by_the_others_nudges_then_asks_a_person() -> None:
    story = signing(SHARED).hears(PartySigned(ENVELOPE, "p1"), after=timedelta(hours=1))
    story.says("sign_waiting_others").rests_in(State.AWAITING_SIGNATURE)
    story.hears(SignatureNudgeDue(1), after=timedelta(days=1)).says("sign_waiting_others")
    story.hears(SignatureDue(), after=timedelta(days=4)).asks(Task.CHASE_SIGNATURE)


def test_all_signed_and_no_mandate_gives_a_link_a_due_day_and_a_door_with_grace() -> None:
    due = date(2026, 9, 20)
    """Three days from a Wednesday end on a Saturday; the Sunday after it is worked in exchange for a bridge."""
    story = signed(SHARED).rests_in(State.BILLING).wants(CreateBill, amount=yuan(3000), due=due)
    story.hears(BillCreated(Bill("B1", due, yuan(3000)))).wants(RequestPayment, key="R7P1A1", bill="B1")
    story.wants(ExtendAccess, until=date(2026, 10, 23)).will_ring("PaymentDue").rests_in(State.PAYING)
    story.hears(PaymentRequested("R7P1A1", "B1")).says("pay_ready", amount=yuan(3000), due="2026-09-20")


def test_a_deduction_that_was_accepted_is_not_money_yet() -> None:
    story = paying()
    assert story.renewal.payment.open is not None
    story.hears(ChargeAccepted(story.renewal.payment.open)).says("deduction_announced").rests_in(State.PAYING)
    assert story.renewal.payment.paid is None


def test_refused_payments_are_tried_again_then_finance_takes_over_and_the_door_stays_open() -> None:
    story = paying()
    for attempt in (2, 3):
        story.hears(PaymentRefused(f"R7P1A{attempt - 1}", Refusal.LIMIT), after=timedelta(days=1))
        story.wants(RequestPayment, key=f"R7P1A{attempt}").rests_in(State.PAYING)
    story.hears(PaymentRefused("R7P1A3", Refusal.LIMIT), after=timedelta(days=1))
    story.asks(Task.CHASE_PAYMENT, "finance").says("person_will_contact").rests_in(State.PAYING)
    assert story.renewal.payment.open is None


def test_a_deduction_that_fails_is_followed_by_an_order_to_confirm() -> None:
    """The one bank-limit row of the seed's funnel: contract stands, door bridged, other channel, finance on day 3."""
    story = deducting()
    story.wants(RequestPayment, key="R7P1A1", mandate="entrust:M7")
    story.hears(ChargeAccepted("R7P1A1")).says("deduction_announced")
    story.hears(PaymentRefused("R7P1A1", Refusal.LIMIT)).wants(RequestPayment, key="R7P1A2", mandate="")
    story.hears(PaymentRequested("R7P1A2", "B1")).says("pay_refused", amount=yuan(3000))
    assert story.renewal.milestone is Milestone.SIGNED
    assert story.renewal.payment.by_hand
    story.hears(PaymentDue()).asks(Task.CHASE_PAYMENT, "finance").rests_in(State.PAYING)


def test_above_the_operators_limit_the_tenant_confirms() -> None:
    deducting(limit=yuan(2999)).wants(RequestPayment, key="R7P1A1", mandate="")


def test_an_ended_mandate_takes_nothing() -> None:
    deducting(MandateClosed()).wants(RequestPayment, key="R7P1A1", mandate="")


def test_a_mandate_closed_after_the_notice_becomes_a_normal_bill() -> None:
    story = paying().hears(MandateClosed()).says("mandate_closed").asks(Task.RENEW_MANDATE, "finance")
    story.wants_no(ExtendAccess).rests_in(State.PAYING)


def test_a_dead_mandate_gets_another_way_to_pay_and_a_task_for_a_new_one() -> None:
    story = paying().hears(PaymentRefused("R7P1A1", Refusal.MANDATE_DEAD))
    story.wants(RequestPayment, key="R7P1A2").asks(Task.RENEW_MANDATE, "finance")


def test_paid_twice_is_given_back_once() -> None:
    story = paying().hears(PaymentRefused("R7P1A1", Refusal.TENANT_CAN_FIX), after=timedelta(hours=1))
    story.hears(pays(story), after=timedelta(hours=1)).rests_in(State.EXTENDING)
    late = PaymentSucceeded("R7P1A1", "B1", yuan(3000), "wechatpay")
    story.hears(late).wants(Refund, key="RFR7P1A1", payment="R7P1A1", amount=yuan(3000)).asks(Task.LOOK, "finance")
    story.hears(late).wants_no(Refund)
    story.hears(RefundMade("RFR7P1A1")).says("refund_made")


def test_money_nobody_asked_for_is_left_to_people() -> None:
    stray = PaymentSucceeded("R7P1A9", "B1", yuan(3000), "wechatpay")
    paid().hears(stray).wants_no(Refund).asks(Task.LOOK, "finance").rests_in(State.EXTENDING)


def test_the_same_payment_heard_twice_changes_nothing() -> None:
    story = paying()
    news = pays(story)
    story.hears(news)
    before = story.renewal
    story.hears(news).wants_no(Refund).wants_no(ExtendAccess)
    assert story.renewal.payment == before.payment


def test_the_esign_provider_down_moves_the_deadline_and_bridges_the_door() -> None:
    story = clear(checking()).on(date(2026, 10, 15))
    story.hears(EnvelopeDelayed()).says("esign_delayed").will_ring("SignatureDue").rests_in(State.AWAITING_SIGNATURE)
    story.wants(ExtendAccess, until=date(2026, 10, 23))


def test_a_lock_that_sleeps_is_asked_again_then_a_person_goes_to_the_door() -> None:
    story = paid().hears(AccessDelayed("-3002")).says("paid_door_pending").will_ring("AccessDue")
    story.hears(AccessDue(), after=timedelta(hours=6)).wants(ExtendAccess)
    story.hears(AccessDelayed("-3002"))
    story.hears(AccessDelayed("-3002")).asks(Task.OPEN_DOOR).rests_in(State.EXTENDING)
    story.hears(AccessExtended(date(2027, 10, 18))).says("renewed").rests_in(State.RENEWED)


def test_ends_unsigned_and_the_tenant_stays_without_a_term() -> None:
    story = reminded().hears(MessageDelivered("m1"))
    story.on(date(2026, 10, 17), 0).hears(TermEnded()).says("lapsed").asks(Task.CHECK_STAY, "legal")
    story.rests_in(State.LAPSED).wants(ExtendAccess, until=date(2026, 10, 24))
    story.on(date(2026, 10, 17)).hears(StayObserved(stays=True, actor="h1")).rests_in(State.HOLDOVER)
    story.asks(Task.HOLDOVER_NOTICE, "legal").says("holdover").wants(ExtendAccess)
    assert story.renewal.loss is LossReason.NO_ANSWER


def test_ends_unsigned_and_the_tenant_has_gone() -> None:
    story = reminded().on(date(2026, 10, 17), 0).hears(TermEnded()).on(date(2026, 10, 17))
    story.hears(StayObserved(stays=False, actor="h1")).rests_in(State.MOVED_OUT)


def test_a_lock_that_sleeps_while_the_lease_goes_on_is_opened_by_a_person() -> None:
    story = reminded().on(date(2026, 10, 17), 0).hears(TermEnded()).hears(StayObserved(stays=True, actor="h1"))
    story.hears(AccessDelayed("-3002")).asks(Task.OPEN_DOOR).rests_in(State.HOLDOVER)


def test_the_door_of_the_undecided_is_seen_to_three_days_before_the_end() -> None:
    story = reminded()
    story.on(date(2026, 10, 13)).hears(AccessDue()).wants(ExtendAccess, until=date(2026, 10, 23))


def test_gave_notice_and_changes_their_mind() -> None:
    story = offered().hears(Declined(LossReason.PRICE, via="wechat")).says("decline_ok").rests_in(State.MOVING_OUT)
    assert story.renewal.loss is LossReason.PRICE
    story.hears(MindChanged(via="wechat")).says("reopened")
    assert story.renewal.loss is None


def test_a_changed_mind_comes_too_late_once_the_flat_is_let_again() -> None:
    story = offered().hears(Declined(LossReason.PRICE, via="wechat")).hears(UnitRelet(actor="h1"))
    story.hears(MindChanged(via="wechat")).says("relet_sorry").rests_in(State.MOVING_OUT)


def test_disputed_arrears_are_frozen_until_finance_decides() -> None:
    story = owing(checking(), OWED).says("pay_first", arrears=yuan(120)).rests_in(State.GATED)
    story.hears(BillDisputed(via="page")).asks(Task.SETTLE_DISPUTE, "finance").rests_in(State.DISPUTED)
    story.hears(DisputeSettled(actor="finance")).rests_in(State.CHECKING)


def test_a_death_or_a_court_stops_the_machine_and_people_go_on() -> None:
    story = offered().hears(PutOnHold(actor="legal")).rests_in(State.ON_HOLD).will_ring("HoldDue")
    story.hears(Confirmed(via="wechat")).is_silent("on_hold").rests_in(State.ON_HOLD)
    story.on(date(2026, 10, 17), 0).hears(TermEnded()).asks(Task.LOOK, "legal").is_silent("on_hold")
    assert story.wish(ExtendAccess).until > story.now.date(), "a cohabitant is not locked out (Civil Code 732)"
    story.hears(Resumed(actor="legal")).rests_in(State.OFFERED)


def test_refusing_to_pay_never_locks_a_signed_tenant_out() -> None:
    story = paying().on(date(2026, 10, 15)).hears(PaymentDue()).asks(Task.CHASE_PAYMENT, "finance")
    until = story.wish(ExtendAccess).until
    assert until >= LEASE.end + timedelta(days=7)


def test_a_signature_that_crosses_with_a_new_bill_wins() -> None:
    story = signing().hears(BillPosted(OWED)).wants(WithdrawEnvelope, ref=ENVELOPE).rests_in(State.CHECKING)
    story.hears(EnvelopeSigned(ENVELOPE, "ab")).rests_in(State.BILLING).wants(CreateBill, amount=yuan(3000))


def test_a_signature_that_crosses_with_a_no_is_for_people() -> None:
    story = signing().hears(Declined(LossReason.JOB, via="wechat")).wants(WithdrawEnvelope, ref=ENVELOPE)
    story.hears(EnvelopeSigned(ENVELOPE, "ab")).asks(Task.LOOK, "legal").rests_in(State.MOVING_OUT)


def test_a_term_that_ends_while_a_willing_tenant_signs_leaves_the_door_open_some_days_more() -> None:
    story = signing().on(date(2026, 10, 17), 0).hears(TermEnded()).rests_in(State.AWAITING_SIGNATURE)
    story.wants(ExtendAccess, until=date(2026, 10, 24)).will_ring("TermEnded")
    story.on(date(2026, 10, 20), 0).hears(TermEnded()).rests_in(State.LAPSED).asks(Task.CHECK_STAY)


def test_an_amount_above_the_signed_ceiling_is_asked_for_another_way() -> None:
    story = paying().hears(PaymentRefused("R7P1A1", Refusal.LIMIT)).wants(RequestPayment, key="R7P1A2")
    story.hears(PaymentRequested("R7P1A2", "B1")).says("pay_refused", amount=yuan(3000)).rests_in(State.PAYING)


def test_a_charge_outside_the_hours_waits_for_the_morning() -> None:
    story = paying().on(date(2026, 9, 17), 21).hears(PaymentRefused("R7P1A1", Refusal.WINDOW))
    assert story.wish(RequestPayment).not_before == datetime(2026, 9, 18, 1, tzinfo=UTC)


def test_a_merchant_account_that_is_set_up_wrong_is_not_charged_in_vain() -> None:
    story = paying().hears(PaymentRefused("R7P1A1", Refusal.CONFIG)).wants_no(RequestPayment)
    story.asks(Task.CHASE_PAYMENT, "finance").says("person_will_contact").rests_in(State.PAYING)


def test_the_door_is_open_before_the_message_says_so() -> None:
    story = paid()
    story.hears(read_back(story)).says("renewed", new_end="2027-10-16")
