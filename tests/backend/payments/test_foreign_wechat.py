"""A client that others wrote (wechatpayv3) signs in at our sandbox, and believes and doubts what ours does."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpayv3 import WeChatPay as Foreign
from wechatpayv3 import WeChatPayType

from backend.payments.port import Payer, PayState
from backend.sandbox.wechatpay_seal import PlatformKey, canonical
from bot.clock import SHANGHAI
from tests.backend.payments.till import APIV3, APPID, MCHID, SERIAL, Till


def body_of(key: tuple[str, str]) -> str:
    """The client wants the key's PEM without its frame."""
    return "".join(line for line in key[0].splitlines() if "-----" not in line)


@pytest.fixture
def foreign(till: Till, merchant_key: tuple[str, str]) -> Any:
    """Its calls block, so each runs in a thread beside the sandbox's loop."""
    client = Foreign(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=MCHID,
        private_key=body_of(merchant_key),
        cert_serial_no=SERIAL,
        apiv3_key=APIV3,
        appid=APPID,
        notify_url="https://xuzu.example/callbacks/wechatpay",
        public_key=till.sandbox.public_key_pem,
        public_key_id=till.sandbox.serial,
    )
    client._core._gate_way = till.api
    till.clock.at = datetime.now(UTC)  # it signs by the machine's clock
    return client


async def test_it_orders_asks_closes_and_refunds(till: Till, foreign: Any) -> None:
    status, text = await asyncio.to_thread(
        foreign.pay,
        description="首期租金 B1",
        out_trade_no="R1P1A1",
        amount={"total": 320000, "currency": "CNY"},
        payer={"openid": "o1"},
    )
    assert status == 200, text
    await till.sandbox.payer_pays(json.loads(text)["prepay_id"])
    status, text = await asyncio.to_thread(foreign.query, out_trade_no="R1P1A1")
    assert (status, json.loads(text)["trade_state"]) == (200, "SUCCESS")
    assert (await till.payments.state("R1P1A1")).state is PayState.PAID
    status, text = await asyncio.to_thread(
        foreign.refund,
        out_refund_no="RFR1P1A1",
        out_trade_no="R1P1A1",
        amount={"refund": 320000, "total": 320000, "currency": "CNY"},
        notify_url="https://xuzu.example/callbacks/wechatpay",
    )
    assert status == 200, text
    till.clock.move(minutes=1)
    status, text = await asyncio.to_thread(foreign.query_refund, out_refund_no="RFR1P1A1")
    assert (status, json.loads(text)["status"]) == (200, "SUCCESS")


async def test_it_opens_our_callbacks_and_refuses_a_bent_one(till: Till, foreign: Any) -> None:
    plain = canonical({"out_trade_no": "R1P1A1", "trade_state": "SUCCESS"})
    body = canonical({
        "id": "1", "create_time": "2026-09-20T12:00:00+08:00", "event_type": "TRANSACTION.SUCCESS",
        "resource_type": "encrypt-resource", "resource": till.sandbox.account.seal(plain, "transaction"),
    })  # fmt: skip
    headers = till.sandbox.signed(body)
    assert foreign.decrypt_callback(headers, body.decode()) == plain.decode()
    for place in range(0, len(body), 37):
        bent = bytearray(body)
        bent[place] ^= 1
        assert not foreign.decrypt_callback(headers, bytes(bent).decode("utf-8", "replace"))
    stranger = PlatformKey(till.sandbox.serial).headers(body, till.clock())
    assert not foreign.decrypt_callback(stranger, body.decode())


async def test_signed_with_another_key_it_is_turned_away(till: Till, foreign: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    foreign._core._private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    status, text = await asyncio.to_thread(foreign.query, out_trade_no="R1P1A1")
    assert (status, json.loads(text)["code"]) == (401, "SIGN_ERROR")


async def test_it_asks_for_the_bill_that_we_read(till: Till, foreign: Any) -> None:
    day = till.clock.at.astimezone(SHANGHAI).date() - timedelta(days=2)
    till.clock.move(days=-2)
    await till.sandbox.payer_pays((await till.payments.order("R1P1A1", 320000, "首期租金 B1", Payer("oDemo1"))).prepay)
    till.clock.move(days=2)
    status, text = await asyncio.to_thread(
        foreign.trade_bill, bill_date=day.isoformat(), bill_type="ALL", tar_type="GZIP"
    )
    assert status == 200, text
    url = json.loads(text)["download_url"]
    status, raw = await asyncio.to_thread(foreign.download_bill, url=url)
    assert status == 200
    assert [one.key for one in await till.payments.bill(day)] == ["R1P1A1"]
    assert raw
