"""Alipay's deductions against the sandbox: signed on its page, taken in the agreed days, never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from backend.payments.alipay_cycle import AlipayCycle
from backend.payments.deduction import Mandate, MandateState
from backend.payments.port import PayError, PayState, Reason
from backend.sandbox.wechatpay_faults import Fault
from tests.backend.payments.alipay_till import WISH, AlipayTill, alipay_till

RENT = 320000
DUE = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
async def till(merchant_key: tuple[str, str]) -> AsyncIterator[AlipayTill]:
    async with alipay_till(merchant_key) as one:
        yield one


async def ready(till: AlipayTill) -> Mandate:
    """Signed, and the day of the bill has come."""
    mandate = await till.signed()
    window = await till.cycle.announce(mandate, RENT, DUE)
    till.clock.at = window.opens
    return mandate


async def test_signed_on_alipays_page_and_known_by_its_number(till: AlipayTill) -> None:
    assert (await till.cycle.mandate("M1")).state is MandateState.MISSING, "only the notice tells its number"
    mandate = await till.signed()
    [notice] = till.ear.heard
    assert (notice.kind, notice.key) == ("mandate", f"M1@{mandate.ref}")
    assert (mandate.state, mandate.single_limit, mandate.until) == (MandateState.ACTIVE, 500_000, None)


async def test_a_day_beyond_the_28th_is_agreed_for_the_28th(till: AlipayTill) -> None:
    mandate = await till.signed(wish=msgspec.structs.replace(WISH, first_due=date(2026, 8, 31)))
    assert till.sandbox.pacts.all[mandate.ref].next == date(2026, 8, 28)


async def test_the_window_is_the_days_before_the_agreed_day(till: AlipayTill) -> None:
    window = await till.cycle.announce(await till.signed(), RENT, DUE)
    opens, closes = datetime(2026, 9, 20, 16, tzinfo=UTC), datetime(2026, 9, 24, 16, tzinfo=UTC)
    assert (window.opens, window.closes) == (max(opens, till.clock()), closes)


async def test_a_bill_due_on_another_day_moves_the_agreed_day_first(till: AlipayTill) -> None:
    mandate = await till.signed()
    later = DUE + timedelta(days=6)
    window = await till.cycle.announce(mandate, RENT, later)
    assert till.sandbox.pacts.all[mandate.ref].next == date(2026, 9, 30)
    till.clock.at = window.closes - timedelta(minutes=1)
    await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert (await till.cycle.state("R1P1A1")).state is PayState.PAID


async def test_too_early_is_the_windows_refusal_and_takes_nothing(till: AlipayTill) -> None:
    mandate = await till.signed()
    till.clock.at = DUE - timedelta(days=5)
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.WINDOW
    assert (await till.cycle.state("R1P1A1")).state is PayState.MISSING


async def test_taken_once_whatever_is_repeated(till: AlipayTill) -> None:
    mandate = await ready(till)
    await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.UNKNOWN, "paid already: the state is asked"
    found = await till.cycle.state("R1P1A1")
    assert (found.state, found.amount) == (PayState.PAID, RENT)
    assert till.sandbox.truth()["charged"] == RENT
    await till.sandbox.pump()
    assert (till.ear.heard[-1].kind, till.ear.heard[-1].key) == ("deduction", "R1P1A1")


@pytest.mark.parametrize("trouble", [Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT])
async def test_taken_and_nobody_heard_is_unknown_then_paid(till: AlipayTill, trouble: Fault) -> None:
    mandate = await ready(till)
    till.sandbox.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.UNKNOWN
    assert (await till.cycle.state("R1P1A1")).state is PayState.PAID
    assert till.sandbox.truth()["charged"] == RENT


async def test_slow_is_pending_until_it_is_settled(till: AlipayTill) -> None:
    mandate = await ready(till)
    till.sandbox.api.slow = True
    await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert (await till.cycle.state("R1P1A1")).state is PayState.PENDING
    await till.sandbox.pump()
    assert (await till.cycle.state("R1P1A1")).state is PayState.PAID


async def test_an_empty_purse_is_the_tenants_to_mend(till: AlipayTill) -> None:
    mandate = await ready(till)
    till.sandbox.pacts.all[mandate.ref].fate = "ACQ.BUYER_BALANCE_NOT_ENOUGH"
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.TENANT_CAN_FIX
    found = await till.cycle.state("R1P1A1")
    assert (found.state, found.why) == (PayState.FAILED, Reason.TENANT_CAN_FIX)


async def test_more_than_was_signed_for_is_the_limit(till: AlipayTill) -> None:
    mandate = await ready(till)
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, 500_001, "首期租金 B-1")
    assert fault.value.reason is Reason.LIMIT


async def test_one_success_a_period(till: AlipayTill) -> None:
    mandate = await ready(till)
    await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A2", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.WINDOW
    assert till.sandbox.truth()["charged"] == RENT


async def test_ended_by_us_or_by_the_tenant_takes_nothing(till: AlipayTill) -> None:
    mandate = await ready(till)
    await till.cycle.end(mandate.key, "续租已结束")
    await till.cycle.end(mandate.key, "续租已结束")
    assert (await till.cycle.mandate(mandate.key)).state is MandateState.ENDED
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.MANDATE_DEAD
    other = await till.signed("M2")
    till.sandbox.tenant_ends(other.ref)
    await till.sandbox.pump()
    assert till.ear.heard[-1].key == f"M2@{other.ref}", "told to the application's own address"
    assert (await till.cycle.mandate(other.key)).state is MandateState.ENDED


async def test_an_unsigned_refusal_decides_nothing(till: AlipayTill) -> None:
    mandate = await till.signed()
    till.sandbox.unsigned_refusals = True
    with pytest.raises(PayError) as fault:
        await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    assert fault.value.reason is Reason.UNKNOWN


async def test_given_back_once(till: AlipayTill) -> None:
    mandate = await ready(till)
    await till.cycle.charge("R1P1A1", mandate, RENT, "首期租金 B-1")
    await till.cycle.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    till.clock.move(minutes=1)
    assert await till.cycle.refund_state("RFR1P1A1", "R1P1A1") is PayState.REFUNDED
    assert (await till.cycle.state("R1P1A1")).state is PayState.REFUNDED


async def test_an_agreement_of_somebody_else_is_not_believed(till: AlipayTill) -> None:
    mandate = await till.signed()
    with pytest.raises(PayError) as fault:
        await till.cycle.mandate(f"M9@{mandate.ref}")
    assert fault.value.code == "UNREADABLE"
    assert (await till.cycle.mandate("M1@404")).state is MandateState.MISSING


def test_without_a_scene_there_are_no_deductions(till: AlipayTill) -> None:
    till.calls.shop = msgspec.structs.replace(till.calls.shop, sign_scene="")
    with pytest.raises(ValueError, match="sign_scene"):
        AlipayCycle(till.calls, "https://xuzu.example/callbacks/alipaycycle")
