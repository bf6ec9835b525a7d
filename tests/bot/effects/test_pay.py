"""The pay hand: one order for one bill, money given back once, unknown asked again and never paid again."""

from __future__ import annotations

import msgspec
import pytest

from backend.db.port import Stored
from backend.payments.port import Payer
from backend.sandbox.wechatpay_book import Outcome
from backend.sandbox.wechatpay_faults import Fault
from bot.adapters import wire
from bot.effects.pay import payment_news, place_order
from dialogs.effects import Lane, Refund, RequestPayment
from dialogs.events import PaymentRefused, PaymentRequested, PaymentSucceeded, RefundMade, Refusal
from dialogs.money import yuan
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import OPENID, OPERATOR, row

RENT = yuan(3200)
TRIES = 12


async def paying(shell: Shell, number: int = 1) -> tuple[Stored, RequestPayment]:
    """A renewal whose first order is wished and not yet placed."""
    if not await shell.stage.store.renewals(OPERATOR):
        await shell.stage.opened(*(row(one) for one in range(1, 5)))
    stored = (await shell.stage.store.renewals(OPERATOR))[number - 1]
    stored = await shell.stage.brought(stored, State.PAYING)
    [wish] = await shell.stage.wished(stored, RequestPayment)
    return stored, wish


async def carried(shell: Shell, stored: Stored, key: str) -> str:
    """Try after try, each after its pause, until the effect is settled: how it ended."""
    for _ in range(TRIES):
        await shell.dispatcher.run_once(Lane.PAY)
        [one] = [one for one in await shell.stage.store.outbox(stored.id) if one.effect.key == key]
        if one.status != "open":
            return one.status
        shell.stage.clock.at = max(one.run_at, shell.stage.clock.at)
    return "open"


async def told(shell: Shell, stored: Stored, kind: type[object]) -> list[object]:
    return [line.event for line in await shell.stage.store.log(stored.id) if isinstance(line.event, kind)]


async def test_one_order_whatever_the_wire_does(shell: Shell, across: Across) -> None:
    """One lease after the other, each with another trouble; silence takes real seconds and is the adapter's test."""
    faults = [fault for fault in Fault if fault is not Fault.SILENT_AFTER]
    await shell.stage.opened(*(row(number) for number in range(1, len(faults) + 1)))
    for number, fault in enumerate(faults, 1):
        stored, wish = await paying(shell, number)
        across.pay.faults.next(fault)
        assert await carried(shell, stored, wish.key) == "done", fault
        assert across.pay.faults.ordered() is None
        assert across.pay.book.orders[wish.key].total == RENT
        assert await told(shell, stored, PaymentRequested) == [PaymentRequested(wish.key, wish.bill, "wechatpay")]
    assert len(across.pay.book.orders) == len(faults)


async def test_our_key_is_known_before_the_provider_is_asked(shell: Shell, across: Across) -> None:
    """Its callback may come before the order's own answer."""
    across.pay.faults.next(*[Fault.BUSY] * 20)
    stored, wish = await paying(shell)
    await shell.dispatcher.run_once(Lane.PAY)
    assert await shell.stage.store.locate("payment", wish.key) == stored.id


async def test_who_has_no_wechat_pays_by_alipay(shell: Shell, across: Across) -> None:
    stored = await shell.stage.brought(await shell.stage.opened(row(openid="")), State.PAYING)
    [wish] = await shell.stage.wished(stored, RequestPayment)
    assert await carried(shell, stored, wish.key) == "done"
    assert await told(shell, stored, PaymentRequested) == [PaymentRequested(wish.key, wish.bill, "alipay")]
    assert across.pay.book.orders == {}


async def test_who_can_pay_nowhere_is_finances_business(shell: Shell, across: Across) -> None:
    adapters = await wire(msgspec.structs.replace(across.settings, alipay=None), across.session, across.clock)
    only_wechat = Shell(shell.stage, adapters)
    stored = await shell.stage.brought(await shell.stage.opened(row(openid="")), State.PAYING)
    [wish] = await shell.stage.wished(stored, RequestPayment)
    assert await carried(only_wechat, stored, wish.key) == "done"
    assert PaymentRefused(wish.key, Refusal.CONFIG) in await told(shell, stored, PaymentRefused)
    assert across.pay.book.orders == {}


async def test_a_refusal_for_good_is_not_tried_again(shell: Shell, across: Across) -> None:
    """The provider does not know our certificate: nothing the tenant could mend."""
    stored, wish = await paying(shell)
    assert across.settings.pay is not None
    foreign = msgspec.structs.replace(across.settings.pay, merchant_serial="0000BBBB")
    adapters = await wire(msgspec.structs.replace(across.settings, pay=foreign), across.session, across.clock)
    misled = Shell(shell.stage, adapters)
    assert await carried(misled, stored, wish.key) == "done"
    assert await told(shell, stored, PaymentRefused) == [PaymentRefused(wish.key, Refusal.CONFIG)]
    assert across.pay.book.orders == {}


async def test_a_number_that_is_taken_is_unknown_and_never_overwritten(shell: Shell, across: Across) -> None:
    stored, wish = await paying(shell)
    await shell.adapters.payments["wechatpay"].order(wish.key, 1, "something else", Payer(OPENID))
    assert await carried(shell, stored, wish.key) == "open"
    assert across.pay.book.orders[wish.key].total == 1
    assert await told(shell, stored, PaymentRequested) == []


async def test_placing_it_again_is_the_same_order(shell: Shell, across: Across) -> None:
    """What the page does when the tenant opens it: same number, same parameters."""
    stored, wish = await paying(shell)
    await carried(shell, stored, wish.key)
    stored = await shell.stage.again(stored)
    again = await place_order(shell.adapters.payments["wechatpay"], stored, wish.key, Payer(OPENID))
    assert again.prepay == across.pay.book.orders[wish.key].prepay_id
    assert len(across.pay.book.orders) == 1


async def test_news_of_an_order_are_what_the_provider_says_now(shell: Shell, across: Across) -> None:
    stored, wish = await paying(shell)
    payments = shell.adapters.payments["wechatpay"]
    assert await payment_news(payments, wish.key, "B-1") == [], "never heard of"
    await carried(shell, stored, wish.key)
    assert await payment_news(payments, wish.key, "B-1") == []
    await across.pay.payer_pays(wish.key)
    assert await payment_news(payments, wish.key, "B-1") == [PaymentSucceeded(wish.key, "B-1", RENT, "wechatpay")]


async def test_a_closed_order_is_told_as_one_the_tenant_can_mend(shell: Shell, across: Across) -> None:
    stored, wish = await paying(shell)
    await carried(shell, stored, wish.key)
    payments = shell.adapters.payments["wechatpay"]
    across.clock.move(days=8)
    found = await payment_news(payments, wish.key, "B-1")
    assert found == [PaymentRefused(wish.key, Refusal.TENANT_CAN_FIX)]


async def twice_paid(shell: Shell, across: Across, number: int = 1) -> tuple[Stored, Refund]:
    """The first order was given up and paid all the same, then the second one too."""
    stored, first = await paying(shell, number)
    await carried(shell, stored, first.key)
    stored = await shell.stage.tell(stored, PaymentRefused(first.key, Refusal.TENANT_CAN_FIX))
    second = stored.renewal.payment.open
    assert second not in (None, first.key)
    await carried(shell, stored, second or "")
    for key in (first.key, second or ""):
        assert await across.pay.payer_pays(key) is Outcome.PAID
        stored = await shell.stage.tell(stored, PaymentSucceeded(key, first.bill, RENT, "wechatpay"))
    [refund] = await shell.stage.wished(stored, Refund)
    return stored, refund


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE])
async def test_money_that_came_twice_is_given_back_once(shell: Shell, across: Across, fault: Fault) -> None:
    """One lease after the other, each meets it one call later: is it made, make it, is it made."""
    for call in range(3):
        stored, refund = await twice_paid(shell, across, call + 1)
        across.pay.faults.next(*[None] * call, fault)
        assert await carried(shell, stored, refund.key) == "done"
        assert across.pay.faults.ordered() is None
        assert [one["refunded"] for one in across.charges()].count(RENT) == call + 1
        assert across.pay.truth()["refunded"] == RENT * (call + 1)
        assert await told(shell, stored, RefundMade) == [RefundMade(refund.key)]
        assert (await shell.stage.again(stored)).renewal.payment.refunded == (refund.key,)


async def test_a_refund_under_way_is_looked_at_again_and_not_asked_for_again(shell: Shell, across: Across) -> None:
    stored, refund = await twice_paid(shell, across)
    await shell.dispatcher.run_once(Lane.PAY)
    status, _, note = await shell.stage.status(stored, refund.key)
    assert (status, note) == ("open", "the refund is under way")
    shell.stage.clock.move(seconds=301)
    await shell.dispatcher.run_once(Lane.PAY)
    assert (await shell.stage.status(stored, refund.key))[0] == "done"
    assert len(across.pay.book.refunds) == 1


@pytest.mark.parametrize("fate", ["CLOSED", "ABNORMAL"])
async def test_a_refund_that_failed_is_a_matter_for_people(shell: Shell, across: Across, fate: str) -> None:
    stored, refund = await twice_paid(shell, across)
    await shell.dispatcher.run_once(Lane.PAY)
    across.pay.refund_ends(refund.key, fate)
    assert await carried(shell, stored, refund.key) == "dead"
    assert await told(shell, stored, RefundMade) == []
