"""Another way to pay, played through with both payers: the first order is closed before the second is placed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from backend.db.port import Stored
from backend.sandbox.wechatpay_faults import Fault
from bot.adapters import wire
from bot.tills import Tills
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.view import PageView
from dialogs.effects import CloseOrder, Refund
from dialogs.events import PaymentRefused, PaymentSucceeded, PayWayChosen, RefundMade, Refusal
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import NOW, lease, row


async def standing(shell: Shell, across: Across) -> Stored:
    """The contract is signed; an order stands at WeChat Pay."""
    stored = await shell.stage.opened(row())
    across.welcome("o-tenant-1")
    across.fit(lease())
    shell.answer_at(across.doors)
    stored = await brought(shell, across, stored, State.PAYING)
    await shell.rest(across)
    return await shell.stage.again(stored)


def link(stored: Stored) -> Link:
    return Link(stored.id, NOW, "j1", token="t1")


async def seen(shell: Shell, stored: Stored) -> PageView:
    view = await shell.page.view(link(stored))
    assert view is not None
    return view


async def asks_for(shell: Shell, stored: Stored, way: str, key: str = "k1") -> PageView:
    return await shell.page.act(link(stored), PageAction(key, PayWayChosen(via="page", way=way)))


async def pays_at_alipay(across: Across, view: PageView) -> None:
    """On Alipay's own page, with the button there."""
    async with across.session.get(view.pay_link) as page:
        assert page.status == 200
        text = await page.text()
    where = across.origins["alipay"] + text.split('action="')[1].split('"')[0]
    async with across.session.post(where, data={"outcome": "pay"}) as done:
        assert done.status == 200
        assert "付款成功" in await done.text()


async def told(shell: Shell, stored: Stored, kind: type[object]) -> list[object]:
    return [line.event for line in await shell.stage.store.log(stored.id) if isinstance(line.event, kind)]


async def test_changed_to_alipay_paid_and_renewed(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across)
    before = await seen(shell, stored)
    assert (before.way, before.other_ways, bool(before.pay_sheet)) == ("wechatpay", ("alipay",), True)
    changing = await asks_for(shell, stored, "alipay")
    assert (changing.changing_to, changing.pay_link, changing.other_ways) == ("alipay", "", ())
    await shell.rest(across)
    assert across.pay.book.orders["R1P1A1"].state(across.clock()) == "CLOSED"
    after = await seen(shell, stored)
    assert (after.way, after.other_ways, after.changing_to) == ("alipay", ("wechatpay",), "")
    assert parse_qs(urlsplit(after.pay_link).query)["return_url"][0].endswith("/r/t1")
    assert across.alipay.book.trades == {}, "the trade begins when the tenant opens the link"
    await pays_at_alipay(across, after)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.state is State.RENEWED
    [paid] = await told(shell, stored, PaymentSucceeded)
    assert isinstance(paid, PaymentSucceeded)
    assert (paid.key, paid.amount, paid.channel) == ("R1P1A2", 320000, "alipay")
    assert across.charges() == []


async def test_there_and_back_again_leaves_one_order_open(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across)
    for number, way in enumerate(("alipay", "wechatpay", "alipay"), 2):
        await asks_for(shell, stored, way, f"k{number}")
        await shell.rest(across)
        payment = (await shell.stage.again(stored)).renewal.payment
        assert (payment.way, payment.open, payment.wanted, payment.refused) == (way, f"R1P1A{number}", "", 0)
    still_open = [one for one in across.pay.book.orders.values() if one.state(across.clock()) == "NOTPAY"]
    assert still_open == []


async def test_asked_twice_closes_once(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across)
    await asks_for(shell, stored, "alipay", "k1")
    await asks_for(shell, stored, "alipay", "k2")
    await shell.rest(across)
    assert len(await shell.stage.wished(stored, CloseOrder)) == 1
    assert [one.reason for one in await told(shell, stored, PaymentRefused)] == [Refusal.REPLACED]  # type: ignore[attr-defined]


async def test_paid_before_it_could_be_closed_counts(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across)
    await across.pay.payer_pays("R1P1A1")
    await asks_for(shell, stored, "alipay")
    await shell.carry_out()
    stored = await shell.stage.again(stored)
    assert stored.renewal.payment.paid == "R1P1A1"
    await shell.rest(across)
    assert (await shell.stage.again(stored)).renewal.state is State.RENEWED
    assert await shell.stage.wished(stored, Refund) == []


@pytest.mark.parametrize("fault", [Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT])
async def test_a_closing_that_nobody_knows_of_is_asked_for(shell: Shell, across: Across, fault: Fault) -> None:
    stored = await standing(shell, across)
    await asks_for(shell, stored, "alipay")
    across.pay.faults.next(None, fault)
    for _ in range(4):
        await shell.rest(across)
        if (await shell.stage.again(stored)).renewal.payment.way == "alipay":
            break
        due = await shell.next_moment(across)
        assert due is not None
        across.clock.at = max(due, across.clock.at)
    payment = (await shell.stage.again(stored)).renewal.payment
    assert (payment.way, payment.open) == ("alipay", "R1P1A2")


async def test_paid_on_both_sides_goes_back_once(shell: Shell, across: Across) -> None:
    """An old page of Alipay stays open while the tenant pays with WeChat after all."""
    stored = await standing(shell, across)
    await asks_for(shell, stored, "alipay", "k1")
    await shell.rest(across)
    old_page = await seen(shell, stored)
    await asks_for(shell, stored, "wechatpay", "k2")
    await shell.rest(across)
    await across.pay.payer_pays("R1P1A3")
    await shell.rest(across)
    await pays_at_alipay(across, old_page)
    await shell.rest(across)
    across.clock.move(minutes=6)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert (stored.renewal.state, stored.renewal.payment.paid) == (State.RENEWED, "R1P1A3")
    assert across.alipay.truth()["returned"] == {"R1P1A2": 320000}
    assert await told(shell, stored, RefundMade) == [RefundMade("RFR1P1A2")]


async def test_a_lost_notice_is_asked_for(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across)
    await asks_for(shell, stored, "alipay")
    await shell.rest(across)
    across.alipay.post.lost = 1
    await pays_at_alipay(across, await seen(shell, stored))
    await shell.rest(across)
    await shell.partners.poll(stored.operator)
    assert (await shell.stage.again(stored)).renewal.payment.paid == "R1P1A2"


async def test_a_way_that_is_not_there_is_not_offered(shell: Shell, across: Across) -> None:
    tills = Tills(across.adapters.payments)
    assert tills.ways({}) == ("alipay",)
    assert tills.choose("wechatpay", {}) is tills.choose("tencent", {"wechat": "o"}) is None
    assert not Tills({})


async def test_each_lease_pays_the_account_it_names(shell: Shell, across: Across) -> None:
    """Two companies of one operator: nobody's rent lands at the other."""
    assert across.settings.pay is not None
    settings = msgspec.structs.replace(across.settings, pay_of={"east": across.settings.pay})
    two = Shell(shell.stage, await wire(settings, across.session, across.clock))
    tills = Tills(two.adapters.payments)
    bound = {"wechat": "o-tenant-1"}
    assert tills.ways(bound) == ("wechatpay", "alipay")
    assert tills.ways(bound, "east") == ("wechatpay.east",)
    assert tills.ways(bound, "west") == (), "an account that is not set up is not paid elsewhere"
    eastern = msgspec.structs.replace(row(), lease=msgspec.structs.replace(lease(), payee="east"))
    stored = await shell.stage.brought(await shell.stage.opened(eastern), State.PAYING)
    await two.carry_out()
    payment = (await shell.stage.again(stored)).renewal.payment
    assert payment.way == "wechatpay.east"
    assert await shell.stage.store.locate("payment:wechatpay.east", "R1P1A1") == stored.id


async def test_an_account_nobody_set_up_is_finances_business(shell: Shell, across: Across) -> None:
    lost = msgspec.structs.replace(row(), lease=msgspec.structs.replace(lease(), payee="west"))
    stored = await shell.stage.brought(await shell.stage.opened(lost), State.PAYING)
    await shell.carry_out()
    assert [one.reason for one in await told(shell, stored, PaymentRefused)] == [Refusal.CONFIG]  # type: ignore[attr-defined]
    assert across.pay.book.orders == {}
