"""The adapter's own manners: the sheet, answers about something else, refunds that need a person, keys and clocks."""

from __future__ import annotations

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from backend.payments.port import Order, Payer, PayError, Payments, PayState, Reason
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_wire import platform_key, private_key
from backend.sandbox.wechatpay_book import Outcome
from tests.backend.payments.till import Till, key_pair


async def test_the_sheet_is_signed_over_its_four_lines(till: Till, merchant_key: tuple[str, str]) -> None:
    sheet = till.payments.sheet(Order("R1P1A1", "wx1"), till.clock())
    lines = f"{sheet['appId']}\n{sheet['timeStamp']}\n{sheet['nonceStr']}\nprepay_id=wx1\n"
    signature = base64.b64decode(sheet["paySign"])
    platform_key(merchant_key[1]).verify(signature, lines.encode(), PKCS1v15(), hashes.SHA256())
    assert (sheet["package"], sheet["signType"], sheet["timeStamp"]) == ("prepay_id=wx1", "RSA", "1789876800")


async def test_it_is_the_ports_payments(till: Till) -> None:
    promised: Payments = till.payments
    assert promised.name == "wechatpay"


async def test_another_key_of_ours_is_a_matter_of_configuration(till: Till) -> None:
    stranger = msgspec.structs.replace(till.merchant, key=private_key(key_pair()[0]))
    with pytest.raises(PayError) as fault:
        await till.another(stranger).state("R1P1A1")
    assert (fault.value.reason, fault.value.code) == (Reason.CONFIG, "SIGN_ERROR")


async def test_an_answer_signed_by_nobody_we_know_is_unknown(till: Till) -> None:
    strange = msgspec.structs.replace(till.merchant, platform={"OTHER": platform_key(key_pair()[1])})
    with pytest.raises(PayError) as fault:
        await till.another(strange).order("R1P1A1", 100, "x", Payer("oDemo1"), till.clock())
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "UNVERIFIED")
    assert "R1P1A1" in till.sandbox.book.orders


@pytest.mark.parametrize("part", ["out_trade_no", "mchid", "appid", "currency", "trade_state", "amount"])
async def test_an_answer_about_something_else_is_unknown(
    till: Till, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    from backend.sandbox import wechatpay_views as views

    await till.sandbox.payer_pays(await till.ordered("R1P1A1"))
    honest = views.transaction(till.sandbox.book.orders["R1P1A1"], till.sandbox.account, till.clock())
    lie: dict[str, object] = {**honest, part: "SOMETHING_ELSE"}
    if part == "currency":
        lie = {**honest, "amount": {"total": 320000, "currency": "USD"}}
    if part == "amount":
        lie = {key: value for key, value in honest.items() if key != "amount"}
    monkeypatch.setattr(views, "transaction", lambda *_: lie)
    with pytest.raises(PayError) as fault:
        await till.payments.state("R1P1A1")
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "UNREADABLE")


async def test_a_refund_the_bank_will_not_take_needs_a_person(till: Till) -> None:
    await till.sandbox.payer_pays(await till.ordered("R1P1A1"))
    await till.payments.refund("RF1", "R1P1A1", 320000, 320000)
    till.sandbox.refund_ends("RF1", "ABNORMAL")
    till.clock.move(minutes=1)
    with pytest.raises(PayError) as fault:
        await till.payments.refund_state("RF1", "R1P1A1")
    assert (fault.value.reason, fault.value.code) == (Reason.FINAL, "ABNORMAL")


async def test_a_refund_that_failed_is_closed(till: Till) -> None:
    await till.sandbox.payer_pays(await till.ordered("R1P1A1"))
    await till.payments.refund("RF1", "R1P1A1", 320000, 320000)
    till.sandbox.refund_ends("RF1", "CLOSED")
    till.clock.move(minutes=1)
    assert await till.payments.refund_state("RF1", "R1P1A1") is PayState.CLOSED
    assert (await till.payments.state("R1P1A1")).state is PayState.PAID


async def test_after_the_deadline_nobody_pays(till: Till) -> None:
    await till.ordered("R1P1A1")
    till.clock.move(days=7)
    assert await till.sandbox.payer_pays("R1P1A1") is Outcome.CLOSED


def test_a_notify_url_with_a_query_is_refused(till: Till) -> None:
    with pytest.raises(ValueError, match="query"):
        WeChatPay(till.payments._calls, "https://xuzu.example/callbacks/wechatpay?key=1")
