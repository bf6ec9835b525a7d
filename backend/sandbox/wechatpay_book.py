"""What WeChat Pay remembers: orders and refunds, and the rules by which they move (providers sheet 2.2)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

UNPAID_LIVES = timedelta(days=7)
PREPAY_LIVES = timedelta(hours=2)
REFUND_APART = timedelta(minutes=1)
REFUND_WITHIN = timedelta(days=365)
REFUND_TAKES = timedelta(seconds=30)
REFUNDS_MOST = 50


class Declined(Exception):
    """A business answer that is not 2xx."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Outcome(StrEnum):
    """What became of a payer's attempt."""

    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"
    EXPIRED = "expired"
    ALREADY_PAID = "already_paid"
    MISSING = "missing"


class OrderRequest(NamedTuple):
    """What the merchant asked for: ``params`` is the whole body, ``total`` fen."""

    number: str
    params: dict[str, object]
    total: int
    expires: datetime | None


@dataclass
class Refund:
    number: str
    refund_id: str
    order: Order
    amount: int
    notify_url: str
    at: datetime
    fate: str = "SUCCESS"
    told: bool = False

    def status(self, now: datetime) -> str:
        return "PROCESSING" if now < self.at + REFUND_TAKES else self.fate


@dataclass
class Order:
    asked: OrderRequest
    prepay_id: str
    prepaid_at: datetime
    created: datetime
    closed: bool = False
    transaction_id: str = ""
    paid_at: datetime | None = None
    failures: list[str] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.asked.number

    @property
    def total(self) -> int:
        return self.asked.total

    def state(self, now: datetime) -> str:
        if self.paid_at is not None:
            return "REFUND" if any(refund.fate == "SUCCESS" for refund in self.refunds) else "SUCCESS"
        return "CLOSED" if self.closed or now >= self.created + UNPAID_LIVES else "NOTPAY"

    @property
    def given_back(self) -> int:
        """Fen refunded or on the way back."""
        return sum(refund.amount for refund in self.refunds if refund.fate != "CLOSED")


class Book:
    """Orders by our merchant's number, refunds by theirs; ids drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}

    def place(self, asked: OrderRequest, now: datetime) -> Order:
        """Same parameters: the same order, its prepay id renewed. Other parameters: refused. Raises Declined."""
        order = self.orders.get(asked.number)
        if order is None:
            prepay_id = f"wx{self._digits(30)}"
            order = Order(asked, prepay_id, prepaid_at=now, created=now)
            self.orders[asked.number] = order
            return order
        if order.paid_at is not None or order.asked != asked:
            raise Declined(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if order.state(now) == "CLOSED":
            raise Declined(400, "ORDER_CLOSED", "订单已关闭")
        order.prepaid_at = now
        return order

    def order(self, number: str) -> Order:
        """Raises Declined(404)."""
        if number not in self.orders:
            raise Declined(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        return self.orders[number]

    def payable(self, handle: str) -> Order | None:
        """By prepay id or by number."""
        return self.orders.get(handle) or next((one for one in self.orders.values() if one.prepay_id == handle), None)

    def close(self, number: str, now: datetime) -> None:
        order = self.order(number)
        if order.paid_at is not None:
            raise Declined(403, "TRADE_ERROR", "订单已支付")
        order.closed = True

    def pay(self, handle: str, now: datetime) -> tuple[Outcome, Order | None]:
        order = self.payable(handle)
        if order is None:
            return Outcome.MISSING, None
        outcome = _payable(order, handle, now)
        if outcome is Outcome.PAID:
            order.paid_at = now
            order.transaction_id = f"42{self._digits(26)}"
        return outcome, order

    def fail(self, handle: str, why: str, now: datetime) -> tuple[Outcome, Order | None]:
        """The payer tried and it did not work: the order stays NOTPAY, and nobody is told (sheet 2.3)."""
        order = self.payable(handle)
        if order is None:
            return Outcome.MISSING, None
        outcome = _payable(order, handle, now)
        if outcome is not Outcome.PAID:
            return outcome, order
        order.failures.append(why)
        return Outcome.FAILED, order

    def refund(self, number: str, order: Order, amount: int, notify_url: str, now: datetime) -> Refund:
        """One refund a number, sums within what was paid. Raises Declined."""
        known = self.refunds.get(number)
        if known is not None:
            if (known.order.number, known.amount) != (order.number, amount):
                raise Declined(400, "INVALID_REQUEST", "退款单号重复且参数不一致")
            return known
        _check_refund(order, amount, now)
        refund = Refund(number, f"50{self._digits(26)}", order, amount, notify_url, now)
        self.refunds[number] = refund
        order.refunds.append(refund)
        return refund

    def _digits(self, count: int) -> str:
        return "".join(self._random.choices("0123456789", k=count))


def _payable(order: Order, handle: str, now: datetime) -> Outcome:
    if order.paid_at is not None:
        return Outcome.ALREADY_PAID
    if order.state(now) == "CLOSED":
        return Outcome.CLOSED
    stale = handle == order.prepay_id and now >= order.prepaid_at + PREPAY_LIVES
    if stale or (order.asked.expires is not None and now >= order.asked.expires):
        return Outcome.EXPIRED
    return Outcome.PAID


def _check_refund(order: Order, amount: int, now: datetime) -> None:
    if order.paid_at is None:
        raise Declined(403, "TRADE_ERROR", "订单未支付")
    if now > order.paid_at + REFUND_WITHIN or len(order.refunds) >= REFUNDS_MOST:
        raise Declined(400, "INVALID_REQUEST", "超过退款期限或次数")
    if order.given_back + amount > order.total:
        raise Declined(400, "INVALID_REQUEST", "退款金额超过订单金额")
    if any(now - refund.at < REFUND_APART for refund in order.refunds):
        raise Declined(429, "FREQUENCY_LIMITED", "退款过于频繁")
