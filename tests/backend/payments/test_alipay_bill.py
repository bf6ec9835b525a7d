"""Alipay's day bill, table by table: what is read, and what is said of one that cannot be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.payments.alipay_bill import lines, ready, unpacked
from backend.payments.amounts import fen, yuan
from backend.payments.port import BillLine, PayError, Reason
from tests.backend.payments.alipay_till import AlipayTill, alipay_till

HEADER = "支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号"
ROW = "2026,R1P1A1\t,交易,2026-09-09 10:00:00,3200.00\t,"


@pytest.fixture
async def till(merchant_key: tuple[str, str]) -> AsyncIterator[AlipayTill]:
    async with alipay_till(merchant_key) as one:
        yield one


def packed(*files: tuple[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as pack:
        for name, text in files:
            pack.writestr(name, text)
    return whole.getvalue()


def test_rows_between_the_notes_are_read_by_their_header() -> None:
    text = f"#支付宝业务明细查询\n{HEADER}\n{ROW}\n2026,R1P1A1,退款,2026-09-09 11:00:00,-1.00,RFR1P1A1\n#合计\n"
    at = datetime(2026, 9, 9, 2, tzinfo=UTC)
    assert lines(text) == (
        BillLine("R1P1A1", 320000, at, "2026"),
        BillLine("R1P1A1", 100, at + timedelta(hours=1), "2026", "RFR1P1A1"),
    )


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace("商户订单号", "订单号") + "\n" + ROW,
        "",
        f"{HEADER}\n{ROW.replace('3200.00', '3200.005')}",
        f"{HEADER}\n{ROW.replace('3200.00', '三千二')}",
        f"{HEADER}\n{ROW.replace('2026-09-09 10:00:00', 'yesterday')}",
        f"{HEADER}\n{ROW.replace('交易', '退款')}",
    ],
)
def test_what_cannot_be_read_is_said_and_never_guessed(text: str) -> None:
    with pytest.raises(PayError) as fault:
        lines(text)
    assert (fault.value.reason, fault.value.code) == (Reason.UNKNOWN, "UNREADABLE")


@pytest.mark.parametrize(
    "raw",
    [
        b"PK",
        b"",
        packed(("notes.txt", b"")),
        packed(("1_明细.csv", b""), ("2_明细.csv", b"")),
        packed(("1_明细.csv", b"\xff\xff")),
        packed(("1_明细.csv", HEADER.encode("gbk")))[:-30],
    ],
)
def test_a_pack_that_is_none_is_unreadable(raw: bytes) -> None:
    with pytest.raises(PayError) as fault:
        unpacked(raw)
    assert fault.value.code == "UNREADABLE"


async def test_dropped_changed_and_added_rows_are_seen(till: AlipayTill) -> None:
    for number in (1, 2, 3):
        await till.paid(f"R{number}P1A1", 100 * number)
    bills = till.sandbox.bills
    bills.dropped.add("R1P1A1")
    bills.changed["R2P1A1"] = 1
    bills.added.append(("R9P1A1", 500))
    day = (till.clock() + timedelta(hours=8)).date()
    till.clock.move(days=1, hours=12)
    assert {(one.key, one.amount) for one in await till.payments.bill(day)} == {
        ("R2P1A1", 1), ("R3P1A1", 300), ("R9P1A1", 500),
    }  # fmt: skip


async def test_a_link_of_half_a_minute_ago_is_asked_for_again(till: AlipayTill) -> None:
    await till.paid()
    day = (till.clock() + timedelta(hours=8)).date()
    till.clock.move(days=1, hours=12)
    where = till.sandbox.bills.describe({"bill_type": "trade", "bill_date": day.isoformat()}, till.calls.shop.gateway)
    url = str(where["bill_download_url"]).replace("/gateway.do", "")
    till.clock.move(seconds=31)
    with pytest.raises(PayError) as fault:
        await till.calls.download(url, 1000)
    assert fault.value.reason is Reason.TRANSIENT
    assert len(await till.payments.bill(day)) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "https://alipay.com.example/x", "http://x.alipay.com/x"])
async def test_a_file_on_another_host_is_not_fetched(till: AlipayTill, url: str) -> None:
    with pytest.raises(PayError) as fault:
        await till.calls.download(url, 1000)
    assert fault.value.code == "ELSEWHERE"


def test_made_at_nine_in_beijing() -> None:
    assert not ready(date(2026, 9, 9), datetime(2026, 9, 10, 0, 59, tzinfo=UTC))
    assert ready(date(2026, 9, 9), datetime(2026, 9, 10, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(("amount", "text"), [(1, "0.01"), (320000, "3200.00"), (99, "0.99"), (100, "1.00")])
def test_yuan_and_fen_are_exact(amount: int, text: str) -> None:
    assert (yuan(amount), fen(text)) == (text, amount)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1.001", "一"])
def test_what_is_no_amount_is_unreadable(text: str) -> None:
    with pytest.raises(PayError):
        fen(text)
