"""What a v3 request has to look like before anything is done; unknown fields are refused, so none get invented."""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from .wechatpay_book import Declined, OrderRequest
from .wechatpay_seal import MerchantAccount

_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
_MUST = {"appid", "mchid", "description", "out_trade_no", "notify_url", "amount", "payer"}
_MAY = {"time_expire", "attach"}


class RefundRequest(NamedTuple):
    number: str
    order: str
    amount: int
    total: int
    notify_url: str


def wrong(what: str) -> Declined:
    return Declined(400, "PARAM_ERROR", what)


def fields_of(raw: bytes) -> dict[str, object]:
    """Raises Declined."""
    try:
        fields = json.loads(raw)
    except ValueError:
        raise wrong("body is not JSON") from None
    if not isinstance(fields, dict):
        raise wrong("body is not an object")
    return fields


def read_order(fields: dict[str, object], account: MerchantAccount) -> OrderRequest:
    """Raises Declined."""
    _only(fields, _MUST, _MAY)
    if (fields["appid"], fields["mchid"]) != (account.appid, account.mchid):
        raise Declined(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    _text(fields, "description", 127)
    _text(_inner(fields, "payer", {"openid"}), "openid", 128)
    if "attach" in fields:
        _text(fields, "attach", 128)
    _check_notify_url(_text(fields, "notify_url", 255))
    amount = _inner(fields, "amount", {"total", "currency"})
    number = _text(fields, "out_trade_no", 32)
    if not _NUMBER.fullmatch(number):
        raise wrong("out_trade_no")
    return OrderRequest(number, fields, _fen(amount, "total"), _instant(fields.get("time_expire")))


def read_refund(fields: dict[str, object]) -> RefundRequest:
    """Raises Declined."""
    _only(fields, {"out_trade_no", "out_refund_no", "amount"}, {"reason", "notify_url"})
    amount = _inner(fields, "amount", {"refund", "total", "currency"})
    number = _text(fields, "out_refund_no", 64)
    if not _REFUND_NUMBER.fullmatch(number):
        raise wrong("out_refund_no")
    if "reason" in fields:
        _text(fields, "reason", 80)
    url = _text(fields, "notify_url", 255) if "notify_url" in fields else ""
    if url:
        _check_notify_url(url)
    return RefundRequest(number, _text(fields, "out_trade_no", 32), _fen(amount, "refund"), _fen(amount, "total"), url)


def _only(fields: dict[str, object], must: set[str], may: set[str]) -> None:
    missing, extra = must - set(fields), set(fields) - must - may
    if missing or extra:
        raise wrong(f"missing {sorted(missing)}, unknown {sorted(extra)}")


def _text(fields: dict[str, object], name: str, longest: int) -> str:
    value = fields[name]
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise wrong(name)
    return value


def _fen(amount: dict[str, object], name: str) -> int:
    value = amount[name]
    if type(value) is not int or value < 1 or amount["currency"] != "CNY":
        raise wrong(f"amount.{name}")
    return value


def _inner(fields: dict[str, object], name: str, keys: set[str]) -> dict[str, object]:
    value = fields[name]
    if not isinstance(value, dict) or set(value) != keys:
        raise wrong(name)
    return value


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise wrong("time_expire") from None
    if instant.tzinfo is None:
        raise wrong("time_expire")
    return instant


def _check_notify_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.query or not parts.hostname or (parts.scheme != "https" and not _loopback(parts.hostname)):
        raise wrong("notify_url")


def _loopback(host: str) -> bool:
    """Plain http is refused by the provider; here it may be this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
