"""What the vendors push becomes Inbounds: receipts and texts, in either one's shape; nothing in it is signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import msgspec

from channels.port import Inbound, InboundKind, Refused

from .carriers import failure_of
from .optout import is_opt_out

T = TypeVar("T")

CHINA = timezone(timedelta(hours=8))
"""Aliyun's times have no zone: UTC+8. Confirm with the provider."""
TEXT_MAX, PART_MAX, ITEMS_MAX = 1000, 64, 500


class _AliyunReport(msgspec.Struct):
    phone_number: str
    success: bool
    biz_id: str
    err_code: str = ""
    out_id: str = ""
    report_time: str = ""


class _AliyunUp(msgspec.Struct):
    phone_number: str
    content: str
    sequence_id: int | str
    send_time: str = ""


class _TencentReport(msgspec.Struct):
    mobile: str
    report_status: str
    sid: str
    errmsg: str = ""
    user_receive_time: str = ""


class _TencentUp(msgspec.Struct):
    mobile: str
    text: str
    time: int


def aliyun_reports(raw: bytes, now: datetime) -> list[Inbound]:
    """Raises Refused."""
    return [
        _receipt(
            "aliyun", (one.phone_number, one.biz_id), one.success, one.err_code, _at(one.report_time, now), one.out_id
        )
        for one in _read(raw, list[_AliyunReport])
    ]


def tencent_reports(raw: bytes, now: datetime) -> list[Inbound]:
    """Raises Refused."""
    return [
        _receipt(
            "tencent", (one.mobile, one.sid), one.report_status == "SUCCESS", one.errmsg,
            _at(one.user_receive_time, now), "",
        )
        for one in _read(raw, list[_TencentReport])
    ]  # fmt: skip


def aliyun_texts(raw: bytes, now: datetime) -> list[Inbound]:
    """Raises Refused."""
    return [
        _text(one.phone_number, one.content, f"sms:aliyun:up:{one.sequence_id}", _at(one.send_time, now))
        for one in _read(raw, list[_AliyunUp])
    ]


def tencent_texts(raw: bytes, now: datetime) -> list[Inbound]:
    """One object, not an array, and no number of its own: phone, second and words tell two apart. Raises Refused."""
    one = _read(raw, _TencentUp)
    at = datetime.fromtimestamp(min(max(one.time, 0), 2**33), UTC)
    return [_text(one.mobile, one.text, f"sms:tencent:up:{one.mobile}:{one.time}:{one.text[:PART_MAX]}", at)]


def _receipt(vendor: str, of: tuple[str, str], delivered: bool, code: str, at: datetime, hint: str) -> Inbound:
    phone, ref = of
    return Inbound(
        InboundKind.RECEIPT,
        f"sms:{vendor}:r:{ref[:PART_MAX]}:{int(delivered)}:{code[:PART_MAX]}",
        _national(phone),
        at,
        ref=ref[:PART_MAX],
        delivered=delivered,
        failure="" if delivered else failure_of(code),
        code=code[:PART_MAX],
        hint=hint[:PART_MAX],
    )


def _text(phone: str, text: str, key: str, at: datetime) -> Inbound:
    kind = InboundKind.OPT_OUT if is_opt_out(text) else InboundKind.TEXT
    return Inbound(kind, key, _national(phone), at, text[:TEXT_MAX])


def _national(phone: str) -> str:
    return phone.removeprefix("+86").removeprefix("86")[-11:] if phone.startswith(("+86", "86")) else phone[:20]


def _at(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now
    return found if found.tzinfo else found.replace(tzinfo=CHINA).astimezone(UTC)


def _read(raw: bytes, shape: type[T]) -> T:
    try:
        found = msgspec.json.decode(raw, type=shape, strict=False)
    except msgspec.DecodeError as wrong:
        raise Refused(400, f"not the body it should be: {str(wrong)[:120]}") from None
    if isinstance(found, list) and len(found) > ITEMS_MAX:
        raise Refused(400, f"more than {ITEMS_MAX} entries")
    return found
