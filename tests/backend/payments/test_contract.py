"""What every payment provider promises, held against the sandbox over loopback HTTP."""

from __future__ import annotations

import pytest

from backend.payments.port import Notice, Payer, PayError, PayState, Reason
from backend.sandbox.wechatpay_book import Outcome
from backend.sandbox.wechatpay_faults import Fault
from tests.backend.payments.till import EXPIRES, Till

UNSURE = (Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT)


async def test_a_paid_order_is_heard_and_asked(till: Till) -> None:
    prepay = await till.ordered("R1P1A1")
    assert (await till.payments.state("R1P1A1")).state is PayState.PENDING
    assert await till.sandbox.payer_pays(prepay) is Outcome.PAID
    await till.sandbox.pump()
    [notice] = till.ear.heard
    assert (notice.kind, notice.key, notice.amount) == ("payment", "R1P1A1", 320000)
    paid = await till.payments.state("R1P1A1")
    assert (paid.state, paid.amount, paid.provider_ref, paid.at) == (
        PayState.PAID, 320000, notice.provider_ref, till.clock(),
    )  # fmt: skip


async def test_the_same_number_twice_is_one_order(till: Till) -> None:
    assert await till.ordered("R1P1A1") == await till.ordered("R1P1A1")
    assert len(till.sandbox.book.orders) == 1


async def test_the_same_number_with_another_amount_is_never_taken_for_a_refusal(till: Till) -> None:
    await till.ordered("R1P1A1")
    with pytest.raises(PayError) as fault:
        await till.ordered("R1P1A1", amount=1)
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "OUT_TRADE_NO_USED")
    assert till.sandbox.book.orders["R1P1A1"].total == 320000


async def test_a_paid_number_charges_once(till: Till) -> None:
    prepay = await till.ordered("R1P1A1")
    await till.sandbox.payer_pays(prepay)
    assert await till.sandbox.payer_pays(prepay) is Outcome.ALREADY_PAID
    with pytest.raises(PayError) as fault:
        await till.ordered("R1P1A1")
    assert fault.value.reason is Reason.UNKNOWN
    assert len(till.charges()) == 1


async def test_two_numbers_for_one_bill_show_in_the_truth(till: Till) -> None:
    for key in ("R1P1A1", "R1P1A2"):
        await till.sandbox.payer_pays(await till.ordered(key))
    assert till.sandbox.truth()["double_charges_kept"] == ["首期租金 B1"]
    await till.payments.refund("RFR1P1A2", "R1P1A2", 320000, 320000)
    truth = till.sandbox.truth()
    assert (truth["double_charges"], truth["double_charges_kept"]) == (["首期租金 B1"], [])


@pytest.mark.parametrize("trouble", UNSURE)
async def test_unknown_then_asked_then_repeated_is_one_order(till: Till, trouble: Fault) -> None:
    till.sandbox.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await till.ordered("R1P1A1")
    assert fault.value.reason is Reason.UNKNOWN
    assert (await till.payments.state("R1P1A1")).state is PayState.PENDING
    await till.ordered("R1P1A1")
    assert len(till.sandbox.book.orders) == 1


async def test_silence_is_unknown(till: Till) -> None:
    till.sandbox.faults.next(Fault.SILENT_AFTER)
    with pytest.raises(PayError) as fault:
        await till.another(seconds=0.3).order("R1P1A1", 320000, "首期租金 B1", Payer("oDemo1"), EXPIRES)
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "NO_ANSWER")
    assert (await till.payments.state("R1P1A1")).state is PayState.PENDING


@pytest.mark.parametrize(("trouble", "reason"), [(Fault.BUSY, Reason.UNKNOWN), (Fault.THROTTLED, Reason.THROTTLE)])
async def test_nothing_happened_and_it_may_be_repeated(till: Till, trouble: Fault, reason: Reason) -> None:
    till.sandbox.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await till.ordered("R1P1A1")
    assert fault.value.reason is reason
    assert (await till.payments.state("R1P1A1")).state is PayState.MISSING


async def test_a_number_never_heard_of_is_missing(till: Till) -> None:
    assert (await till.payments.state("R404P1A1")).state is PayState.MISSING
    assert await till.payments.refund_state("RF404", "404") is PayState.MISSING


async def test_a_failed_attempt_leaves_the_order_open_and_tells_nobody(till: Till) -> None:
    prepay = await till.ordered("R1P1A1")
    assert await till.sandbox.payer_fails(prepay) is Outcome.FAILED
    assert await till.sandbox.pump() == 0
    assert (await till.payments.state("R1P1A1")).state is PayState.PENDING
    assert await till.sandbox.payer_pays(prepay) is Outcome.PAID


async def test_a_closed_order_takes_no_late_payment(till: Till) -> None:
    prepay = await till.ordered("R1P1A1")
    await till.payments.close("R1P1A1")
    await till.payments.close("R1P1A1")
    assert await till.sandbox.payer_pays(prepay) is Outcome.CLOSED
    assert (await till.payments.state("R1P1A1")).state is PayState.CLOSED
    with pytest.raises(PayError) as fault:
        await till.ordered("R1P1A1")
    assert (fault.value.reason, fault.value.code) == (Reason.FINAL, "ORDER_CLOSED")
    assert till.charges() == []


async def test_closing_too_late_is_refused_and_the_payment_stands(till: Till) -> None:
    await till.sandbox.payer_pays(await till.ordered("R1P1A1"))
    with pytest.raises(PayError) as fault:
        await till.payments.close("R1P1A1")
    assert fault.value.reason is Reason.FINAL
    assert (await till.payments.state("R1P1A1")).state is PayState.PAID


async def test_a_refund_number_refunds_once(till: Till) -> None:
    await till.sandbox.payer_pays(await till.ordered("R1P1A1"))
    till.sandbox.faults.next(Fault.RESET_AFTER)
    with pytest.raises(PayError) as fault:
        await till.payments.refund("RFR1P1A1", "R1P1A1", 320000, 320000)
    assert fault.value.reason is Reason.UNKNOWN
    await till.payments.refund("RFR1P1A1", "R1P1A1", 320000, 320000)
    assert await till.payments.refund_state("RFR1P1A1", "R1P1A1") is PayState.PENDING
    till.clock.move(minutes=1)
    assert await till.payments.refund_state("RFR1P1A1", "R1P1A1") is PayState.REFUNDED
    assert (await till.payments.state("R1P1A1")).state is PayState.REFUNDED
    assert till.sandbox.truth()["refunded"] == 320000
    await till.sandbox.pump()
    assert till.ear.heard[-1] == Notice("refund", "RFR1P1A1", 320000, till.sandbox.book.refunds["RFR1P1A1"].refund_id)


async def test_no_more_is_refunded_than_was_paid(till: Till) -> None:
    await till.sandbox.payer_pays(await till.ordered("R1P1A1", amount=100))
    await till.payments.refund("RF1", "R1P1A1", 60, 100)
    with pytest.raises(PayError) as fault:
        await till.payments.refund("RF2", "R1P1A1", 60, 100)
    assert fault.value.reason is Reason.CONFIG
    assert till.sandbox.truth()["refunded"] == 60


@pytest.mark.parametrize(("key", "amount"), [("R1", 100), ("R1P1A1?", 100), ("R1P1A1", 0), ("R1P1A1", -5)])
async def test_what_no_provider_takes_never_leaves(till: Till, key: str, amount: int) -> None:
    with pytest.raises(PayError) as fault:
        await till.ordered(key, amount)
    assert (fault.value.reason, fault.value.code) == (Reason.CONFIG, "PARAM_ERROR")
    assert till.sandbox.book.orders == {}


async def test_nobody_at_the_other_end_is_transient(till: Till, unused_tcp_port: int) -> None:
    till.api = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(PayError) as fault:
        await till.another().state("R1P1A1")
    assert fault.value.reason is Reason.TRANSIENT
