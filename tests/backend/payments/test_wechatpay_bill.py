"""The day bill: read as the sandbox makes it, byte for byte as the provider does, and refused when it is not that."""

from __future__ import annotations

from datetime import date

import pytest

from backend.payments.port import BillLine, PayError, Reason
from backend.payments.wechatpay_bill import Where, lines, unpacked
from tests.backend.payments.till import Till

DAY = date(2026, 9, 20)


async def a_day_of_trade(till: Till) -> None:
    for key, amount in (("R1P1A1", 320000), ("R2P1A1", 1), ("R3P1A1", 99999999)):
        await till.sandbox.payer_pays(await till.ordered(key, amount, f"首期租金,{key}"))
    till.clock.move(minutes=2)
    await till.payments.refund("RFR2P1A1", "R2P1A1", 1, 1)
    await till.ordered("R4P1A1")
    till.clock.move(days=1)


async def test_every_payment_and_refund_of_the_day_to_the_fen(till: Till) -> None:
    await a_day_of_trade(till)
    bill = await till.payments.bill(DAY)
    assert [(one.key, one.amount, one.refund_key) for one in bill] == [
        ("R1P1A1", 320000, ""), ("R2P1A1", 1, ""), ("R3P1A1", 99999999, ""), ("R2P1A1", 1, "RFR2P1A1"),
    ]  # fmt: skip
    assert all(one.provider_ref for one in bill)
    assert {one.at.date() for one in bill} == {DAY}


@pytest.mark.parametrize("plain", [True, False])
async def test_the_hash_may_be_of_either(till: Till, plain: bool) -> None:
    await a_day_of_trade(till)
    till.sandbox.bills.hashes_plain = plain
    assert len(await till.payments.bill(DAY)) == 4


async def test_a_day_without_trade_is_a_result(till: Till) -> None:
    till.clock.move(days=1)
    assert await till.payments.bill(DAY) == ()


async def test_before_ten_it_is_not_ready(till: Till) -> None:
    await a_day_of_trade(till)
    till.clock.at = till.clock.at.replace(hour=1, minute=59)
    with pytest.raises(PayError) as fault:
        await till.payments.bill(DAY)
    assert (fault.value.reason, fault.value.code) == (Reason.TRANSIENT, "NOT_READY")


async def test_today_and_the_distant_past_are_asked_in_vain(till: Till) -> None:
    for day in (DAY, date(2026, 1, 1)):
        with pytest.raises(PayError) as fault:
            await till.payments.bill(day)
        assert fault.value.reason is Reason.CONFIG


async def test_a_file_on_another_host_is_not_fetched(till: Till) -> None:
    with pytest.raises(PayError) as fault:
        await till.payments._calls.download("http://127.0.0.2:1/v3/billdownload/file?token=1", 10)
    assert fault.value.code == "ELSEWHERE"


async def test_one_changed_byte_is_refused(till: Till) -> None:
    await a_day_of_trade(till)
    text = till.sandbox.bills.text(DAY).encode()
    import gzip
    import hashlib

    raw = gzip.compress(text, mtime=0)
    where = Where("", "SHA1", hashlib.sha1(raw).hexdigest())
    assert len(lines(unpacked(raw, where))) == 4
    for place in range(0, len(raw), 11):
        bent = bytearray(raw)
        bent[place] ^= 1
        with pytest.raises(PayError):
            unpacked(bytes(bent), where)
    with pytest.raises(PayError):
        unpacked(raw[:-20], where)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "交易时间,商户订单号\r\n`2026-09-20 12:00:00,`R1\r\n",
        "交易时间,商户订单号,微信订单号,交易状态,订单金额\r\n`2026-09-20 12:00:00,`R1,`42,`SUCCESS,`1.005\r\n",
        "交易时间,商户订单号,微信订单号,交易状态,订单金额\r\n`yesterday,`R1,`42,`SUCCESS,`1.00\r\n",
        "交易时间,商户订单号,微信订单号,交易状态,订单金额\r\n`2026-09-20 12:00:00,`R1,`42,`REFUND,`1.00\r\n",
    ],
)
def test_what_is_no_bill_is_said_to_be_none(text: str) -> None:
    with pytest.raises(PayError) as fault:
        lines(text)
    assert fault.value.reason is Reason.UNKNOWN


def test_columns_are_found_by_name() -> None:
    header, row = "订单金额,交易状态,微信订单号,商户订单号,交易时间", "`3200.00,`SUCCESS,`42,`R1,`2026-09-20 12:00:00"
    [line] = lines(f"{header}\r\n{row}\r\n总交易单数\r\n`1\r\n")
    assert line == BillLine("R1", 320000, line.at, "42")
