"""Signed, and then the money: another way to pay on the phone, and a deduction that the bank declines."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from backend.db.port import Stored
from bot.clock import SHANGHAI
from bot.effects.deduct import mandate_number
from dialogs.effects import Ring, Task
from dialogs.events import PaymentRefused, Refusal
from dialogs.states import Milestone, State
from tests.journeys.browser import Tab, tab
from tests.journeys.conftest import Sms
from tests.journeys.town import Town

pytestmark = pytest.mark.browser
DIGITS = "0001"
MOMENTS = 400


async def chosen(town: Town, phone: Tab, sms: Sms) -> Stored:
    """The tenant has proven who they are, chosen and confirmed; the contract waits."""
    stored = await town.reminded()
    await phone.goto(town.link(stored))
    await sms.proves(phone, DIGITS)
    await phone.tap(".card form[action$=choose] button")
    await phone.tap("form[action$=confirm] button")
    assert await town.rests(stored) is State.AWAITING_SIGNATURE
    return stored


async def signs(town: Town, phone: Tab, stored: Stored) -> State:
    await phone.goto(town.link(stored))
    await town.reads(phone)
    await phone.tap("a.main")
    await phone.tap("button.sign")
    return await town.rests(stored)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_changed_to_alipay_paid_and_back_on_the_page(town: Town, sms: Sms, scripts: bool) -> None:
    async with tab(360, scripts=scripts) as phone:
        stored = await chosen(town, phone, sms)
        assert await signs(town, phone, stored) is State.PAYING
        await phone.goto(town.link(stored))
        assert "用微信支付付款" in await phone.text()
        await phone.tap("form[action$=way] button")
        assert "正在换成支付宝" in await phone.text()
        assert await phone.wide() == await phone.small() == []
        assert await town.rests(stored) is State.PAYING
        await phone.tap("a.main")
        assert "用支付宝付款" in await phone.text()
        assert "改用微信支付付" in await phone.text()
        assert await phone.wide() == await phone.small() == []
        await phone.tap("a.main")
        await phone.tap("button.pay")
        assert "付款成功" in await phone.text()
        assert await town.rests(stored) is State.RENEWED
        await phone.tap("a.back")
        assert "续租办好了" in await phone.text()
    assert town.across.charges() == []
    assert town.across.alipay.truth()["charged"] == stored.renewal.lease.rent


async def test_the_bank_declines_the_deduction_and_the_tenant_pays_another_way(town: Town, sms: Sms) -> None:
    """The one bank-limit row of the seed's funnel: the contract stands, the door stays open, finance hears of it."""
    async with tab(360) as phone:
        stored = await chosen(town, phone, sms)
        await phone.goto(town.link(stored))
        await phone.tap("a.plain")
        await phone.tap("button")
        town.across.entrust.bank_says(mandate_number(stored.id), "NOTENOUGH")
        assert await signs(town, phone, stored) is State.PAYING
        await phone.goto(town.link(stored))
        assert "按您开通的自动扣款支付" in await phone.text()
        assert "button" not in await phone.look("document.querySelector('.card').innerHTML")
        stored = await lived(town, stored, lambda one: one.renewal.payment.by_hand)
        assert await told(town, stored) == [PaymentRefused("R1P1A1", Refusal.TENANT_CAN_FIX)]
        assert stored.renewal.milestone is Milestone.SIGNED
        bill = stored.renewal.bill
        assert bill is not None
        overdue = datetime.combine(bill.due + timedelta(days=3), time(12), SHANGHAI).astimezone(UTC)
        stored = await lived(town, stored, lambda _: town.across.clock.at >= overdue)
        rung = [one for one in await town.shell.stage.wished(stored, Ring) if one.task is Task.CHASE_PAYMENT]
        assert {one.desk for one in rung} == {"finance"}, "by the third day a person has it"
        assert shut_doors(town, stored) == [], "nobody is locked out over a bill"
        await phone.goto(town.link(stored))
        assert "用微信支付付款" in await phone.text()
        await phone.tap("form[action$=way] button")
        await town.rests(stored)
        await phone.tap("a.main")
        await phone.tap("a.main")
        await phone.tap("button.pay")
        assert await town.rests(stored) is State.RENEWED
    assert town.across.alipay.truth()["charged"] == bill.amount
    assert town.across.charges() == []


async def lived(town: Town, stored: Stored, enough) -> Stored:  # type: ignore[no-untyped-def]
    """Moment after moment, until it is enough."""
    for _ in range(MOMENTS):
        await town.shell.rest(town.across)
        stored = await town.shell.stage.again(stored)
        if enough(stored):
            return stored
        due = await town.shell.next_moment(town.across)
        hour = town.across.clock.at + timedelta(hours=6)
        town.across.clock.at = hour if due is None else max(min(due, hour), town.across.clock.at + timedelta(seconds=1))
    raise AssertionError(f"it stays in {stored.renewal.state}: {stored.renewal.payment}")


async def told(town: Town, stored: Stored) -> list[object]:
    log = await town.shell.stage.store.log(stored.id)
    return [line.event for line in log if isinstance(line.event, PaymentRefused)]


def shut_doors(town: Town, stored: Stored) -> list[object]:
    """Credentials of this door that have ended by now."""
    ends = town.across.locks.ends()[int(stored.renewal.lease.lock)]
    return [end for end in ends.values() if end is not None and end <= town.across.clock.at]
