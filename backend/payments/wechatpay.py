"""WeChat Pay v3, JSAPI: the tenant confirms each in WeChat; we order, query, close, refund (providers sheet 2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar
from urllib.parse import quote

import msgspec

from .answers import Missing, Untrusted
from .port import Ack, BillLine, Notice, Order, Payer, PayError, Payment, PayState, Reason
from .wechatpay_bill import LONGEST, Where, lines, query, unpacked
from .wechatpay_calls import Calls, decode
from .wechatpay_shapes import REFUND_STATES, TRADE_STATES, Callback, Prepay, Refund, RefundNews, Transaction
from .wechatpay_wire import sign, unseal, verify

ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
BEIJING = timezone(timedelta(hours=8))
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_NO_TRADE = frozenset({"NO_STATEMENT_EXIST"})
_T = TypeVar("_T")


class WeChatPay:
    """The port's Payments over one merchant account. ``notify_url`` is https without a query string.

    An error's ``code`` is the provider's own, or NO_ANSWER, UNREACHABLE, UNVERIFIED, UNREADABLE, CALLBACK, HTTP_nnn.
    """

    heard = Ack(204)
    asks_for = "wechat"

    def __init__(self, calls: Calls, notify_url: str, account: str = "") -> None:
        """``account``: a further merchant account's name."""
        self.name = f"wechatpay.{account}" if account else "wechatpay"
        self.billed: tuple[str, ...] = (self.name,) if account else (self.name, "entrust")
        if "?" in notify_url:
            raise ValueError("WeChat Pay refuses a notify_url with a query string")
        self._merchant = calls.merchant
        self._calls = calls
        self._notify_url = notify_url

    async def order(
        self, key: str, amount: int, description: str, payer: Payer, expires_at: datetime | None = None
    ) -> Order:
        """``key`` 6–32 of ``[0-9A-Za-z_-|*]``; the payer's id is the openid. Repeat with identical parameters."""
        if not _NUMBER.fullmatch(key) or amount < 1:
            raise PayError(Reason.CONFIG, "PARAM_ERROR", "number or amount the provider cannot take")
        fields: dict[str, object] = {
            "appid": self._merchant.appid,
            "mchid": self._merchant.mchid,
            "description": description[:127],
            "out_trade_no": key,
            "notify_url": self._notify_url,
            **({} if expires_at is None else {"time_expire": _beijing(expires_at)}),
            "amount": {"total": amount, "currency": "CNY"},
            "payer": {"openid": payer.id},
        }
        return Order(key, decode(await self._calls.post(f"{ORDERS}/jsapi", fields), Prepay).prepay_id)

    async def state(self, key: str) -> Payment:
        """MISSING when the number was never accepted. REFUNDED: charged, and at least part given back (trap 8)."""
        try:
            raw = await self._calls.get(f"{_order_path(key)}?mchid={quote(self._merchant.mchid, safe='')}")
        except Missing:
            return Payment(key, PayState.MISSING)
        found = decode(raw, Transaction)
        state = TRADE_STATES.get(found.trade_state)
        if state is None or not self._is_ours(found, key):
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about something else")
        if found.amount is None:
            if state in (PayState.PAID, PayState.REFUNDED):
                raise PayError(Reason.UNKNOWN, "UNREADABLE", "paid, but no amount")
            return Payment(key, state, raw=found.trade_state)
        return Payment(key, state, found.amount.total, found.transaction_id, found.success_time, found.trade_state)

    async def close(self, key: str) -> None:
        """Only an unpaid order closes; closing it again is harmless. A paid one raises: then ask for its state."""
        await self._calls.post(f"{_order_path(key)}/close", {"mchid": self._merchant.mchid})

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None:
        """Accepted, not done: ask ``refund_state``. Repeat only with the same ``refund_key`` (trap 13)."""
        fields: dict[str, object] = {
            "out_trade_no": key,
            "out_refund_no": refund_key,
            "notify_url": self._notify_url,
            "amount": {"refund": amount, "total": total, "currency": "CNY"},
        }
        taken = decode(await self._calls.post(REFUNDS, fields), Refund)
        if (taken.out_refund_no, taken.amount.refund) != (refund_key, amount):
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about another refund")

    async def refund_state(self, refund_key: str, key: str) -> PayState:
        """PENDING, REFUNDED, CLOSED (failed: a new number may try) or MISSING; ABNORMAL raises FINAL: people only."""
        try:
            found = decode(await self._calls.get(f"{REFUNDS}/{quote(refund_key, safe='')}"), Refund)
        except Missing:
            return PayState.MISSING
        if found.status == "ABNORMAL":
            raise PayError(Reason.FINAL, "ABNORMAL", "the payer's account cannot take the money")
        state = REFUND_STATES.get(found.status)
        if state is None or found.out_refund_no != refund_key:
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about something else")
        return state

    async def bill(self, day: date) -> tuple[BillLine, ...]:
        """Made from 10:00 of the next day on, kept three months."""
        try:
            where = decode(await self._calls.get(query(day)), Where)
        except PayError as fault:
            if fault.code in _NO_TRADE:
                return ()
            if fault.code == "STATEMENT_CREATING":
                raise PayError(Reason.TRANSIENT, "NOT_READY", "made from 10:00 of the next day on") from None
            raise
        return lines(unpacked(await self._calls.download(where.download_url, LONGEST), where))

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """``TRANSACTION.SUCCESS`` and ``REFUND.*``. Nothing of ``raw`` is parsed before its signature holds."""
        try:
            verify(self._merchant.platform, headers, raw, self._calls.now())
            callback = _read(raw, Callback)
            plain = self._opened(callback)
            if callback.event_type == "TRANSACTION.SUCCESS":
                return self._payment_notice(_read(plain, Transaction))
            if callback.event_type.startswith("REFUND."):
                return self._refund_notice(_read(plain, RefundNews))
        except Untrusted as doubt:
            raise PayError(Reason.CONFIG, "CALLBACK", str(doubt)) from None
        raise PayError(Reason.CONFIG, "CALLBACK", "an event type we did not subscribe to")

    def sheet(self, order: Order, now: datetime) -> Mapping[str, str]:
        """The arguments of ``WeixinJSBridge``'s ``getBrandWCPayRequest``; its ``ok`` proves nothing (trap 7)."""
        seconds, nonce, package = str(int(now.timestamp())), secrets.token_hex(16), f"prepay_id={order.prepay}"
        lines = (self._merchant.appid, seconds, nonce, package)
        return {
            "appId": self._merchant.appid,
            "timeStamp": seconds,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": sign(self._merchant.key, *(line.encode() for line in lines)),
        }

    def _opened(self, callback: Callback) -> bytes:
        sealed = callback.resource
        if callback.resource_type != "encrypt-resource" or sealed.algorithm != "AEAD_AES_256_GCM":
            raise Untrusted("a resource sealed in a way we do not know")
        return unseal(self._merchant.apiv3_key, sealed.ciphertext, sealed.nonce, sealed.associated_data)

    def _payment_notice(self, paid: Transaction) -> Notice:
        if paid.trade_state != "SUCCESS" or paid.amount is None or not self._is_ours(paid, paid.out_trade_no):
            raise Untrusted("a payment that is not ours, or no payment")
        return Notice("payment", paid.out_trade_no, paid.amount.total, paid.transaction_id)

    def _refund_notice(self, news: RefundNews) -> Notice:
        if news.mchid != self._merchant.mchid:
            raise Untrusted("another merchant's refund")
        return Notice("refund", news.out_refund_no, news.amount.refund, news.refund_id)

    def _is_ours(self, found: Transaction, key: str) -> bool:
        return (found.mchid, found.appid, found.out_trade_no) == (self._merchant.mchid, self._merchant.appid, key) and (
            found.amount is None or found.amount.currency == "CNY"
        )


def _order_path(key: str) -> str:
    return f"{ORDERS}/out-trade-no/{quote(key, safe='')}"


def _read(raw: bytes, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (ValueError, RecursionError):
        raise Untrusted(f"not a {shape.__name__} as we know it") from None


def _beijing(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")
