"""What every payer promises, on each of them: one number charges once, unknown is asked, a refund is made once.

A new provider adds a class that plays its tenant, and one line in ``PAYERS``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import pytest

from backend.payments.port import Payer, PayError, Payments, PayState, Reason
from backend.sandbox.wechatpay_faults import Fault, Troubles
from tests.backend.payments.alipay_till import AlipayTill, alipay_till
from tests.backend.payments.till import Ear, StillClock, Till

RENT = 320000
UNSURE = (Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT)


class Counter(Protocol):
    """A payer with a tenant before it."""

    payments: Payments
    clock: StillClock
    ear: Ear
    faults: Troubles[Fault]

    async def entered(self, key: str, amount: int = RENT) -> None:
        """The tenant stands before the order, and has not paid yet."""
        ...

    async def pays(self, key: str, amount: int = RENT) -> None: ...
    async def pump(self) -> None: ...
    def charged(self) -> int: ...
    def returned(self) -> int: ...


class AtWeChat:
    def __init__(self, till: Till) -> None:
        self._till = till
        self.payments, self.clock, self.ear = till.payments, till.clock, till.ear
        self.faults = till.sandbox.faults

    async def entered(self, key: str, amount: int = RENT) -> None:
        await self._till.ordered(key, amount)

    async def pays(self, key: str, amount: int = RENT) -> None:
        await self._till.sandbox.payer_pays(await self._till.ordered(key, amount))

    async def pump(self) -> None:
        await self._till.sandbox.pump()

    def charged(self) -> int:
        return sum(int(str(one["amount"])) for one in self._till.charges())

    def returned(self) -> int:
        return int(str(self._till.sandbox.truth()["refunded"]))


class AtAlipay:
    def __init__(self, till: AlipayTill) -> None:
        self._till = till
        self.payments, self.clock, self.ear = till.payments, till.clock, till.ear
        self.faults = till.sandbox.faults

    async def entered(self, key: str, amount: int = RENT) -> None:
        await self._till.ordered(key, amount)

    async def pays(self, key: str, amount: int = RENT) -> None:
        await self._till.paid(key, amount)

    async def pump(self) -> None:
        await self._till.sandbox.pump()

    def charged(self) -> int:
        return int(str(self._till.sandbox.truth()["charged"]))

    def returned(self) -> int:
        returned = self._till.sandbox.truth()["returned"]
        assert isinstance(returned, dict)
        return sum(returned.values())


PAYERS = ("wechatpay", "alipay")


@pytest.fixture(params=PAYERS)
async def counter(request: pytest.FixtureRequest, till: Till, merchant_key: tuple[str, str]) -> AsyncIterator[Counter]:
    if request.param == "wechatpay":
        yield AtWeChat(till)
        return
    async with alipay_till(merchant_key) as one:
        yield AtAlipay(one)


async def test_entered_is_pending_paid_is_paid_to_the_fen(counter: Counter) -> None:
    await counter.entered("R1P1A1")
    assert (await counter.payments.state("R1P1A1")).state is PayState.PENDING
    await counter.pays("R1P1A1")
    found = await counter.payments.state("R1P1A1")
    assert (found.state, found.amount, found.at) == (PayState.PAID, RENT, counter.clock())
    await counter.pump()
    [notice] = counter.ear.heard
    assert (notice.kind, notice.key, notice.amount, notice.provider_ref) == (
        "payment", "R1P1A1", RENT, found.provider_ref,
    )  # fmt: skip


async def test_a_number_never_heard_of_is_missing(counter: Counter) -> None:
    assert (await counter.payments.state("R404P1A1")).state is PayState.MISSING
    assert await counter.payments.refund_state("RFR404P1A1", "R404P1A1") is PayState.MISSING


async def test_closed_takes_no_money_and_closes_again_harmlessly(counter: Counter) -> None:
    await counter.entered("R1P1A1")
    await counter.payments.close("R1P1A1")
    await counter.payments.close("R1P1A1")
    assert (await counter.payments.state("R1P1A1")).state is PayState.CLOSED
    with pytest.raises((AssertionError, PayError)):
        await counter.pays("R1P1A1")
    assert counter.charged() == 0


async def test_closing_too_late_is_refused_and_the_payment_stands(counter: Counter) -> None:
    await counter.pays("R1P1A1")
    with pytest.raises(PayError):
        await counter.payments.close("R1P1A1")
    assert (await counter.payments.state("R1P1A1")).state is PayState.PAID


async def test_a_refund_number_gives_back_once(counter: Counter) -> None:
    await counter.pays("R1P1A1")
    for _ in range(2):
        await counter.payments.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    counter.clock.at += timedelta(minutes=1)
    assert await counter.payments.refund_state("RFR1P1A1", "R1P1A1") is PayState.REFUNDED
    assert (await counter.payments.state("R1P1A1")).state is PayState.REFUNDED
    assert (counter.charged(), counter.returned()) == (RENT, RENT)


async def test_a_refund_number_with_another_amount_is_refused(counter: Counter) -> None:
    await counter.pays("R1P1A1")
    await counter.payments.refund("RFR1P1A1", "R1P1A1", 100, RENT)
    counter.clock.at += timedelta(minutes=1)
    with pytest.raises(PayError):
        await counter.payments.refund("RFR1P1A1", "R1P1A1", 200, RENT)
    assert counter.returned() == 100


async def test_part_of_it_given_back_is_still_paid(counter: Counter) -> None:
    """Trap 8: nobody may take it for a payment that failed."""
    await counter.pays("R1P1A1")
    await counter.payments.refund("RFR1P1A1", "R1P1A1", 100, RENT)
    found = await counter.payments.state("R1P1A1")
    assert found.state in (PayState.PAID, PayState.REFUNDED)
    assert found.amount == RENT


@pytest.mark.parametrize("trouble", UNSURE)
async def test_a_refund_nobody_knows_of_is_unknown_and_repeated_it_is_one(counter: Counter, trouble: Fault) -> None:
    await counter.pays("R1P1A1")
    counter.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await counter.payments.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    assert fault.value.reason is Reason.UNKNOWN
    await counter.payments.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    assert counter.returned() == RENT


@pytest.mark.parametrize("trouble", UNSURE)
async def test_a_question_without_an_answer_is_unknown_never_missing(counter: Counter, trouble: Fault) -> None:
    await counter.pays("R1P1A1")
    """A question may also be asked again on a fresh connection: it changes nothing."""
    counter.faults.next(trouble)
    with suppress(PayError):
        assert (await counter.payments.state("R1P1A1")).state is PayState.PAID
    assert (await counter.payments.state("R1P1A1")).state is PayState.PAID


@pytest.mark.parametrize(("trouble", "reason"), [(Fault.BUSY, Reason.UNKNOWN), (Fault.THROTTLED, Reason.THROTTLE)])
async def test_a_refusal_of_the_gateway_changes_nothing(counter: Counter, trouble: Fault, reason: Reason) -> None:
    await counter.pays("R1P1A1")
    counter.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await counter.payments.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    assert (fault.value.reason, counter.returned()) == (reason, 0)


async def test_yesterdays_bill_says_what_was_paid_and_given_back(counter: Counter) -> None:
    await counter.pays("R1P1A1")
    await counter.pays("R2P1A1", 100)
    await counter.payments.refund("RFR2P1A1", "R2P1A1", 100, 100)
    day = (counter.clock() + timedelta(hours=8)).date()
    counter.clock.at += timedelta(days=1, hours=12)
    found = await counter.payments.bill(day)
    assert {(one.key, one.amount, one.refund_key) for one in found} == {
        ("R1P1A1", RENT, ""), ("R2P1A1", 100, ""), ("R2P1A1", 100, "RFR2P1A1"),
    }  # fmt: skip
    assert await counter.payments.bill(day - timedelta(days=1)) == ()


async def test_a_bill_that_is_not_made_yet_comes_later(counter: Counter) -> None:
    today = (counter.clock() + timedelta(hours=8)).date()
    with pytest.raises(PayError) as fault:
        await counter.payments.bill(today)
    assert fault.value.reason in (Reason.TRANSIENT, Reason.CONFIG)


async def test_a_payer_that_asks_for_nothing_takes_anybody(counter: Counter) -> None:
    order = await counter.payments.order("R1P1A1", RENT, "首期租金 B-1", Payer("oDemo1"))
    assert bool(order.link) is not bool(order.prepay)
    assert bool(counter.payments.sheet(order, counter.clock())) is bool(order.prepay)
