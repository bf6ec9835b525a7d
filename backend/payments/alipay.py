"""Alipay in the browser: the tenant confirms on Alipay's page; we query, close, refund and read bills (sheet 3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from .alipay_bill import LONGEST, lines, query, ready, unpacked
from .alipay_calls import AlipayCalls, decode
from .alipay_wire import instant, noticed, stamp
from .amounts import fen, yuan
from .answers import Missing, Untrusted
from .port import Ack, BillLine, Notice, Order, Payer, PayError, Payment, PayState, Reason

STATES = {
    "WAIT_BUYER_PAY": PayState.PENDING,
    "TRADE_SUCCESS": PayState.PAID,
    "TRADE_FINISHED": PayState.PAID,
    "TRADE_CLOSED": PayState.CLOSED,
}
_UNWELCOME = str.maketrans("/=&", "   ")
"""Signs that a subject may not hold."""


class Trade(msgspec.Struct, frozen=True):
    """An order as the query shows it; amounts are yuan."""

    out_trade_no: str
    trade_status: str
    trade_no: str = ""
    total_amount: str = ""
    send_pay_date: str = ""


class Returned(msgspec.Struct, frozen=True):
    """``fund_change`` Y: money moved by this very call; ``refund_fee`` is the sum of all refunds (traps 10, 11)."""

    out_trade_no: str
    fund_change: str = "N"


class Return(msgspec.Struct, frozen=True):
    """A refund as its query shows it; no status: not done, or no such number."""

    out_request_no: str = ""
    refund_status: str = ""


class Where(msgspec.Struct, frozen=True):
    bill_download_url: str


class Alipay:
    """The port's Payments over one application. ``notify_url`` is https without a query string."""

    heard = Ack(200, b"success")
    asks_for = ""

    def __init__(self, calls: AlipayCalls, notify_url: str, account: str = "") -> None:
        """``account``: a further merchant account's name."""
        self.name = f"alipay.{account}" if account else "alipay"
        self.billed: tuple[str, ...] = (self.name,) if account else (self.name, "alipaycycle")
        self._calls = calls
        self._notify_url = notify_url

    async def order(
        self, key: str, amount: int, description: str, payer: Payer, expires_at: datetime | None = None
    ) -> Order:
        """Nothing is placed yet: the trade begins when the tenant opens the link."""
        wish: dict[str, object] = {
            "out_trade_no": key,
            "total_amount": yuan(amount),
            "subject": subject(description),
            "product_code": "QUICK_WAP_WAY",
            **({} if expires_at is None else {"time_expire": stamp(expires_at)}),
            **({"quit_url": payer.back} if payer.back else {}),
        }
        return Order(key, link=self._calls.link("alipay.trade.wap.pay", wish, self._notify_url, payer.back))

    async def state(self, key: str) -> Payment:
        return await trade_state(self._calls, key)

    async def close(self, key: str) -> None:
        """A link that nobody opened has no trade: there is nothing to close, and opened later it can still be paid."""
        try:
            await self._calls.call("alipay.trade.close", {"out_trade_no": key})
        except Missing:
            return

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None:
        await give_back(self._calls, refund_key, key, amount)

    async def refund_state(self, refund_key: str, key: str) -> PayState:
        """REFUNDED, or MISSING: not done, or too young to be seen (10 s)."""
        return await given_back(self._calls, refund_key, key)

    async def bill(self, day: date) -> tuple[BillLine, ...]:
        """Made from 09:00 of the next day on; its link lives half a minute."""
        if not ready(day, self._calls.now()):
            raise PayError(Reason.TRANSIENT, "NOT_READY", "made from 09:00 of the next day on")
        try:
            told = await self._calls.call(*query(day))
        except PayError as fault:
            if fault.code in ("NO_BILL_DATA", "NO_STATEMENT_EXIST"):
                return ()
            raise
        where = decode(told, Where)
        return lines(unpacked(await self._calls.download(where.bill_download_url, LONGEST)))

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """``trade_status_sync``: paid, closed or given back; what it says is asked again."""
        try:
            fields = noticed(self._calls.shop, raw)
        except Untrusted as doubt:
            raise PayError(Reason.CONFIG, "CALLBACK", str(doubt)) from None
        return trade_notice(fields, "payment")

    def sheet(self, order: Order, now: datetime) -> Mapping[str, str]:
        """There is none: the link is the way."""
        return {}


def trade_notice(fields: Mapping[str, str], kind: str) -> Notice:
    """Raises PayError(CONFIG) for a notice about anything else."""
    if fields.get("notify_type") != "trade_status_sync" or not fields.get("out_trade_no"):
        raise PayError(Reason.CONFIG, "CALLBACK", "not a trade's news")
    amount = fen(fields["total_amount"]) if fields.get("total_amount") else 0
    return Notice(kind, fields["out_trade_no"], amount, fields.get("trade_no", ""))


def subject(description: str) -> str:
    return description.translate(_UNWELCOME)[:256]


async def trade_state(calls: AlipayCalls, key: str) -> Payment:
    """MISSING until the tenant opened the link. Closed after it was paid is REFUNDED (trap 9). Raises PayError."""
    try:
        found = decode(await calls.call("alipay.trade.query", {"out_trade_no": key}), Trade)
    except Missing:
        return Payment(key, PayState.MISSING)
    state = STATES.get(found.trade_status)
    if state is None or found.out_trade_no != key:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about something else")
    if state is PayState.CLOSED and found.send_pay_date:
        state = PayState.REFUNDED
    amount = fen(found.total_amount) if found.total_amount else 0
    if state in (PayState.PAID, PayState.REFUNDED) and not amount:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "paid, but no amount")
    return Payment(key, state, amount, found.trade_no, instant(found.send_pay_date), found.trade_status)


async def give_back(calls: AlipayCalls, refund_key: str, key: str, amount: int) -> None:
    """Repeat only with the same ``refund_key`` (trap 13). Raises PayError."""
    wish = {"out_trade_no": key, "out_request_no": refund_key, "refund_amount": yuan(amount)}
    if decode(await calls.call("alipay.trade.refund", wish), Returned).out_trade_no != key:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about another trade")


async def given_back(calls: AlipayCalls, refund_key: str, key: str) -> PayState:
    """Raises PayError."""
    wish = {"out_trade_no": key, "out_request_no": refund_key}
    try:
        found = decode(await calls.call("alipay.trade.fastpay.refund.query", wish), Return)
    except Missing:
        return PayState.MISSING
    if found.refund_status != "REFUND_SUCCESS":
        return PayState.MISSING
    if found.out_request_no not in ("", refund_key):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about another refund")
    return PayState.REFUNDED
