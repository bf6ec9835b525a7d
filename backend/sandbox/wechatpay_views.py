"""Orders and refunds as WeChat Pay shows them: on the wire, and to those who want the truth afterwards."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta, timezone

from .wechatpay_book import Book, Order, Refund
from .wechatpay_seal import MerchantAccount

BEIJING = timezone(timedelta(hours=8))
_SAID = {"NOTPAY": "订单未支付", "SUCCESS": "支付成功", "REFUND": "订单发生过退款", "CLOSED": "订单已关闭"}


def stamp(instant: datetime) -> str:
    return instant.astimezone(BEIJING).isoformat(timespec="seconds")


def transaction(order: Order, account: MerchantAccount, now: datetime) -> dict[str, object]:
    state = order.state(now)
    seen: dict[str, object] = {
        "appid": account.appid,
        "mchid": account.mchid,
        "out_trade_no": order.number,
        "trade_state": state,
        "trade_state_desc": _SAID[state],
    }
    if order.paid_at is None:
        return seen
    return seen | {
        "transaction_id": order.transaction_id,
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "success_time": stamp(order.paid_at),
        "payer": order.asked.params["payer"],
        "amount": {"total": order.total, "payer_total": order.total, "currency": "CNY", "payer_currency": "CNY"},
    }


def refund(one: Refund, now: datetime) -> dict[str, object]:
    """The API's answer: ``status``."""
    return {
        "refund_id": one.refund_id,
        "out_refund_no": one.number,
        "transaction_id": one.order.transaction_id,
        "out_trade_no": one.order.number,
        "channel": "ORIGINAL",
        "create_time": stamp(one.at),
        "status": one.status(now),
        "amount": {"total": one.order.total, "refund": one.amount, "currency": "CNY"},
    }


def refund_news(one: Refund, account: MerchantAccount, now: datetime) -> dict[str, object]:
    """The callback's resource: the same thing under ``refund_status``."""
    return {
        "mchid": account.mchid,
        "out_trade_no": one.order.number,
        "transaction_id": one.order.transaction_id,
        "out_refund_no": one.number,
        "refund_id": one.refund_id,
        "refund_status": one.status(now),
        "amount": {"total": one.order.total, "refund": one.amount},
    }


def truth(book: Book, now: datetime) -> dict[str, object]:
    """What really happened, all in fen. Two charges with one description are one bill charged twice.

    ``charges`` and ``refunds`` are lists of rows; ``double_charges`` lists descriptions charged more than once, and
    ``double_charges_kept`` those of them where more than one charge was not given back in full.
    """
    paid = [order for order in book.orders.values() if order.paid_at is not None]
    by_bill: dict[str, list[Order]] = defaultdict(list)
    for order in paid:
        by_bill[str(order.asked.params["description"])].append(order)
    doubled = {bill: orders for bill, orders in by_bill.items() if len(orders) > 1}
    return {
        "charges": [_charge(order) for order in paid],
        "refunds": [
            {"number": one.number, "order": one.order.number, "amount": one.amount, "status": one.status(now)}
            for one in book.refunds.values()
        ],
        "charged": sum(order.total for order in paid),
        "refunded": sum(order.given_back for order in paid),
        "double_charges": sorted(doubled),
        "double_charges_kept": sorted(bill for bill, orders in doubled.items() if _kept(orders) > 1),
    }


def _charge(order: Order) -> dict[str, object]:
    assert order.paid_at is not None
    return {
        "number": order.number,
        "transaction_id": order.transaction_id,
        "description": order.asked.params["description"],
        "amount": order.total,
        "refunded": order.given_back,
        "at": order.paid_at.isoformat(),
    }


def _kept(orders: list[Order]) -> int:
    return sum(order.given_back < order.total for order in orders)
