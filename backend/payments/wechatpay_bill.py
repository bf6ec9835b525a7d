"""WeChat Pay's day bill: a gzipped CSV in yuan, every field behind a backtick (providers sheet 2.7)."""

from __future__ import annotations

import csv
import hashlib
import hmac
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone

import msgspec

from .amounts import fen
from .port import BillLine, PayError, Reason

BEIJING = timezone(timedelta(hours=8))
PATH = "/v3/bill/tradebill"
LONGEST = 64 * 1024 * 1024
"""Bytes of an unpacked bill; a row takes about 400."""
PAID, REFUND = frozenset({"SUCCESS"}), frozenset({"REFUND"})
_WANTED = ("交易时间", "商户订单号", "微信订单号", "交易状态", "订单金额")
_REFUNDED = ("商户退款单号", "退款金额")


class Where(msgspec.Struct, frozen=True):
    """The answer to the first call: where the file lies, and the hash of it."""

    download_url: str
    hash_type: str
    hash_value: str


def unpacked(raw: bytes, where: Where) -> str:
    """The text of a bill whose SHA1 holds, over the packed bytes or the plain ones: nobody says which.

    Raises PayError(UNKNOWN): cut short, too long, not the file that was promised.
    """
    try:
        plain = _inflated(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "the bill does not unpack") from None
    if where.hash_type != "SHA1" or not any(_holds(one, where.hash_value) for one in (raw, plain)):
        raise PayError(Reason.UNKNOWN, "UNVERIFIED", "the bill is not the file that was promised")
    return plain.decode("utf-8-sig", errors="replace")


def lines(text: str) -> tuple[BillLine, ...]:
    """The rows before the summary. Raises PayError(UNKNOWN) for a header or a row we cannot read."""
    rows = csv.reader(text.splitlines())
    header = [name.strip() for name in next(rows, [])]
    missing = [name for name in _WANTED if name not in header]
    if missing:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", f"the bill has no column {missing[0]}")
    return tuple(_rows(header, rows))


def _rows(header: list[str], rows: Iterable[list[str]]) -> Iterator[BillLine]:
    for row in rows:
        if not row or not row[0].startswith("`"):
            return
        fields = dict(zip(header, (value.lstrip("`").strip() for value in row), strict=False))
        if fields["交易状态"] in PAID:
            yield BillLine(fields["商户订单号"], fen(fields["订单金额"]), _instant(fields), fields["微信订单号"])
        elif fields["交易状态"] in REFUND:
            yield _refund(fields)


def _refund(fields: dict[str, str]) -> BillLine:
    if not fields.get(_REFUNDED[0]) or not fields.get(_REFUNDED[1]):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "a refund without number or amount")
    key, amount = fields[_REFUNDED[0]], fen(fields[_REFUNDED[1]])
    return BillLine(fields["商户订单号"], amount, _instant(fields), fields["微信订单号"], key)


def _instant(fields: dict[str, str]) -> datetime:
    try:
        return datetime.strptime(fields["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "a time that is none") from None


def _inflated(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    plain = unpacking.decompress(raw, LONGEST)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise EOFError
    return plain


def _holds(raw: bytes, promised: str) -> bool:
    return hmac.compare_digest(hashlib.sha1(raw).hexdigest(), promised.lower())  # noqa: S324 the provider's choice


def query(day: date) -> str:
    return f"{PATH}?bill_date={day.isoformat()}&bill_type=ALL&tar_type=GZIP"
