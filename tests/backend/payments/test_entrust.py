"""Entrusted deduction against the sandbox: what every Deductions promises, and what this provider wants besides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from backend.payments.deduction import MandateState, SignWish
from backend.payments.port import PayError, PayState, Reason
from backend.sandbox.wechatpay_faults import Fault
from bot.clock import SHANGHAI
from tests.backend.payments.entrust_till import DUE, Deductor, deductor

RENT = 320000
UNSURE = (Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT)


@pytest.fixture
async def payer(merchant_key: tuple[str, str]) -> AsyncIterator[Deductor]:
    async with deductor(merchant_key) as one:
        yield one


WISH = SignWish("林*", "https://xuzu.example", 500_000, 1, date(2026, 9, 24))


async def test_a_mandate_is_signed_on_the_providers_page(payer: Deductor) -> None:
    assert (await payer.payer.mandate("M1")).state is MandateState.MISSING
    url = await payer.payer.sign_url("M1", WISH)
    assert payer.session is not None
    async with payer.session.get(url) as page:
        assert page.status == 200
        assert "林*" in await page.text()
    async with payer.session.post(f"{payer.api}/papay/entrustweb/sign", data={"code": "M1"}) as done:
        assert done.status == 200
    await payer.sandbox.pump()
    assert [(one.kind, one.key) for one in payer.ear.heard] == [("mandate", "M1")]
    assert (await payer.payer.mandate("M1")).state is MandateState.ACTIVE


async def test_a_link_with_one_sign_changed_opens_no_page(payer: Deductor) -> None:
    url = await payer.payer.sign_url("M1", WISH)
    assert payer.session is not None
    for name, value in parse_qsl(urlsplit(url).query):
        bent = url.replace(f"{name}={value[:1]}", f"{name}={'9' if value[:1] != '9' else '8'}", 1)
        if bent == url:
            continue
        async with payer.session.get(bent) as page:
            assert page.status == 400, name


async def test_announced_then_charged_in_its_window(payer: Deductor) -> None:
    mandate = await payer.signed()
    window = await payer.payer.announce(mandate, RENT, DUE)
    assert (window.opens - payer.clock()) > timedelta(days=1)
    assert (window.closes - window.opens) == timedelta(days=6, hours=15)
    with pytest.raises(PayError) as early:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert early.value.reason is Reason.WINDOW
    payer.clock.at = window.opens
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert (await payer.payer.state("R1P1A1")).state is PayState.PENDING
    assert payer.money() == 0, "accepted is not paid"
    await payer.settled()
    paid = await payer.payer.state("R1P1A1")
    assert (paid.state, paid.amount, payer.money()) == (PayState.PAID, RENT, RENT)
    assert payer.ear.heard[-1].kind == "deduction"


async def test_without_a_notice_nothing_is_taken(payer: Deductor) -> None:
    mandate = await payer.signed()
    with pytest.raises(PayError) as fault:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert fault.value.reason is Reason.WINDOW
    assert (await payer.payer.state("R1P1A1")).state is PayState.MISSING


async def test_no_more_than_was_announced(payer: Deductor) -> None:
    mandate = await payer.ready(amount=RENT - 1)
    with pytest.raises(PayError):
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    assert payer.money() == 0


@pytest.mark.parametrize(("hour", "minute"), [(22, 0), (6, 59)])
async def test_at_night_neither_notice_nor_charge(payer: Deductor, hour: int, minute: int) -> None:
    mandate = await payer.ready()
    payer.clock.at = payer.clock.at.astimezone(SHANGHAI).replace(hour=hour, minute=minute)
    with pytest.raises(PayError) as notice:
        await payer.payer.announce(mandate, RENT, DUE)
    with pytest.raises(PayError) as charge:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert (notice.value.reason, charge.value.reason) == (Reason.WINDOW, Reason.WINDOW)


async def test_one_success_ends_the_cycle(payer: Deductor) -> None:
    mandate = await payer.ready()
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    with pytest.raises(PayError):
        await payer.payer.charge("R1P1A2", mandate, RENT, "首期租金 B1")
    await payer.settled()
    assert payer.money() == RENT


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("NOTENOUGH", Reason.TENANT_CAN_FIX),
        ("BANKERROR", Reason.TENANT_CAN_FIX),
        ("USER_ACCOUNT_ABNORMAL", Reason.MANDATE_DEAD),
        ("SOMETHING_NEW", Reason.UNKNOWN),
    ],
)
async def test_what_the_bank_declines_is_failed_and_its_number_spent(payer: Deductor, code: str, why: Reason) -> None:
    mandate = await payer.ready()
    payer.sandbox.bank_says("M1", code)
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    failed = await payer.payer.state("R1P1A1")
    assert (failed.state, failed.why) == (PayState.FAILED, why)
    assert payer.ear.heard[-1].key == "R1P1A1", "a failure is told, too"
    with pytest.raises(PayError) as spent:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert spent.value.reason is Reason.UNKNOWN
    assert payer.money() == 0


async def test_above_the_banks_limit_is_a_limit(payer: Deductor) -> None:
    mandate = await payer.ready(amount=1_000_001)
    with pytest.raises(PayError) as fault:
        await payer.payer.charge("R1P1A1", mandate, 1_000_001, "首期租金 B1")
    assert (fault.value.reason, fault.value.code) == (Reason.LIMIT, "RULELIMIT")


@pytest.mark.parametrize("trouble", UNSURE)
async def test_unknown_then_asked_then_repeated_is_one_charge(payer: Deductor, trouble: Fault) -> None:
    mandate = await payer.ready()
    payer.sandbox.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert fault.value.reason is Reason.UNKNOWN
    assert (await payer.payer.state("R1P1A1")).state is PayState.PENDING
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    assert payer.money() == RENT


async def test_accepted_but_not_found_is_sent_again_under_the_same_number(payer: Deductor) -> None:
    mandate = await payer.ready()
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    payer.sandbox.hides = 1
    assert (await payer.payer.state("R1P1A1")).state is PayState.MISSING
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    assert payer.money() == RENT


@pytest.mark.parametrize(("trouble", "reason"), [(Fault.BUSY, Reason.UNKNOWN), (Fault.THROTTLED, Reason.THROTTLE)])
async def test_nothing_happened_and_it_may_be_repeated(payer: Deductor, trouble: Fault, reason: Reason) -> None:
    mandate = await payer.ready()
    payer.sandbox.faults.next(trouble)
    with pytest.raises(PayError) as fault:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert fault.value.reason is reason
    assert (await payer.payer.state("R1P1A1")).state is PayState.MISSING


async def test_ended_by_the_tenant_takes_nothing_and_is_told(payer: Deductor) -> None:
    mandate = await payer.ready()
    payer.sandbox.tenant_ends("M1")
    await payer.sandbox.pump()
    assert [(one.kind, one.key) for one in payer.ear.heard] == [("mandate", "M1"), ("mandate", "M1")]
    assert (await payer.payer.mandate("M1")).state is MandateState.ENDED
    with pytest.raises(PayError) as fault:
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    assert fault.value.reason is Reason.MANDATE_DEAD


async def test_ended_between_acceptance_and_charge(payer: Deductor) -> None:
    mandate = await payer.ready()
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    payer.sandbox.tenant_ends("M1")
    await payer.settled()
    failed = await payer.payer.state("R1P1A1")
    assert (failed.state, failed.why, payer.money()) == (PayState.FAILED, Reason.MANDATE_DEAD, 0)


async def test_ending_twice_is_harmless(payer: Deductor) -> None:
    await payer.payer.end("M404", "退租")
    await payer.signed()
    await payer.payer.end("M1", "退租")
    await payer.payer.end("M1", "退租")
    assert (await payer.payer.mandate("M1")).state is MandateState.ENDED


async def test_what_was_taken_is_given_back_once(payer: Deductor) -> None:
    mandate = await payer.ready()
    await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
    await payer.settled()
    await payer.payer.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    await payer.payer.refund("RFR1P1A1", "R1P1A1", RENT, RENT)
    payer.clock.move(minutes=1)
    assert await payer.payer.refund_state("RFR1P1A1", "R1P1A1") is PayState.REFUNDED
    assert payer.sandbox.wechatpay.truth()["refunded"] == RENT
    assert (await payer.payer.state("R1P1A1")).state is PayState.REFUNDED


async def test_the_other_plan_waits_a_day_and_needs_no_notice(merchant_key: tuple[str, str]) -> None:
    async with deductor(merchant_key, "day") as payer:
        mandate = await payer.signed()
        assert (await payer.payer.announce(mandate, RENT, DUE)).opens == payer.clock()
        await payer.payer.charge("R1P1A1", mandate, RENT, "首期租金 B1")
        await payer.settled()
        assert (await payer.payer.state("R1P1A1")).state is PayState.PENDING
        payer.clock.move(hours=24)
        await payer.sandbox.pump()
        assert (await payer.payer.state("R1P1A1")).state is PayState.PAID


async def test_a_notice_that_nobody_hears_comes_again(payer: Deductor) -> None:
    payer.ear.deaf.append(PayError(Reason.TRANSIENT, "AWAY"))
    await payer.signed()
    assert payer.ear.heard == []
    payer.clock.move(seconds=1)
    await payer.sandbox.pump()
    assert [one.kind for one in payer.ear.heard] == ["mandate"]
    payer.clock.move(hours=1)
    assert await payer.sandbox.pump() == 0, "acknowledged"
