"""Alipay's day bill: a zip of GBK tables in yuan, its notes behind ``#`` (providers sheet 3)."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from .alipay_wire import BEIJING, instant
from .amounts import fen
from .port import BillLine, PayError, Reason

LONGEST = 64 * 1024 * 1024
"""Bytes of an unpacked bill."""
READY = timedelta(days=1, hours=9)
_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_REF, _KEY, _KIND, _ENDED, _TOTAL = "支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额"
_REFUND_KEY = "退款批次号/请求号"
_WANTED = (_REF, _KEY, _KIND, _ENDED, _TOTAL, _REFUND_KEY)
"""The columns we read. Confirm the header with the provider; a missing one is said, never guessed."""


def query(day: date) -> tuple[str, dict[str, object]]:
    return _METHOD, {"bill_type": "trade", "bill_date": day.isoformat()}


def ready(day: date, now: datetime) -> bool:
    """Bills are made from 09:00 Beijing of the next day on."""
    return now >= datetime(day.year, day.month, day.day, tzinfo=BEIJING) + READY


def unpacked(raw: bytes) -> str:
    """The text of the details. Raises PayError(UNKNOWN): cut short, too long, or no details inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw), metadata_encoding="gbk") as pack:
            details = [one for one in pack.infolist() if "明细" in one.filename and "汇总" not in one.filename]
            if len(details) != 1 or details[0].file_size > LONGEST:
                raise PayError(Reason.UNKNOWN, "UNREADABLE", "no table of details in the bill, or one too long")
            plain = pack.read(details[0])
        return plain.decode("gb18030")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeDecodeError, NotImplementedError, RuntimeError):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "the bill does not unpack") from None


def lines(text: str) -> tuple[BillLine, ...]:
    """The rows between the notes. Raises PayError(UNKNOWN) for a header or a row we cannot read."""
    rows = csv.reader(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    header = [name.partition("（")[0].strip() for name in next(rows, [])]
    missing = [name for name in _WANTED if name not in header]
    if missing:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", f"the bill has no column {missing[0]}")
    return tuple(_rows(dict(zip(header, (value.strip() for value in row), strict=False)) for row in rows))


def _rows(rows: Iterator[dict[str, str]]) -> Iterator[BillLine]:
    """Refunds stand with a minus; any other kind of business is not ours."""
    for row in rows:
        at, amount = instant(row.get(_ENDED, "")), abs(fen(row.get(_TOTAL, "")))
        if at is None:
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "a time that is none")
        if row[_KIND] == "交易":
            yield BillLine(row[_KEY], amount, at, row[_REF])
        elif row[_KIND] == "退款":
            if not row.get(_REFUND_KEY):
                raise PayError(Reason.UNKNOWN, "UNREADABLE", "a refund without number")
            yield BillLine(row[_KEY], amount, at, row[_REF], row[_REFUND_KEY])
