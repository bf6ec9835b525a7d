"""What Alipay remembers of a shop's trades: who paid what when, and what went back, each rule in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
BETWEEN_REFUNDS = timedelta(seconds=3)
SEEN_AFTER = timedelta(seconds=10)
"""How long a refund needs until its query shows it."""
REFUNDABLE = timedelta(days=365)
_YUAN = re.compile(r"(0|[1-9]\d{0,8})\.\d{2}")


class No(Exception):
    """A business refusal: code 40004 with this ``sub_code``."""


@dataclass
class Refund:
    number: str
    fen: int
    at: datetime


@dataclass
class Trade:
    """``status`` is the wire's word. ``terms`` are what a repeat has to equal."""

    number: str
    trade_no: str
    fen: int
    terms: tuple[str, ...]
    notify_url: str
    at: datetime
    expires: datetime | None = None
    status: str = "WAIT_BUYER_PAY"
    paid_at: datetime | None = None
    agreement: str = ""
    refunds: list[Refund] = field(default_factory=list)

    @property
    def returned(self) -> int:
        return sum(one.fen for one in self.refunds)


class Book:
    def __init__(self) -> None:
        self.trades: dict[str, Trade] = {}
        self.poor = False
        """The seller's balance is empty: refunds are refused."""

    def enter(self, asked: dict[str, object], notify_url: str, now: datetime) -> Trade:
        """The payer opened the link, or a deduction was asked for. Raises No."""
        number, total = str(asked.get("out_trade_no", "")), fen(str(asked.get("total_amount", "")))
        title = str(asked.get("subject", ""))
        if not re.fullmatch(r"\w{1,64}", number) or not 0 < len(title) <= 256 or set(title) & set("/=&"):
            raise No("ACQ.INVALID_PARAMETER")
        terms = (str(total), title, str(asked.get("product_code", "")))
        known = self.trades.get(number)
        if known is not None:
            return self._again(known, terms, now)
        expires = asked.get("time_expire")
        at = None if expires is None else datetime.strptime(str(expires), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        if at is not None and at <= now:
            raise No("ACQ.INVALID_PARAMETER")
        trade = Trade(number, f"2026112422001{len(self.trades):015d}", total, terms, notify_url, now, at)
        self.trades[number] = trade
        return trade

    def find(self, asked: dict[str, object], now: datetime) -> Trade:
        """Raises No."""
        trade = self.trades.get(str(asked.get("out_trade_no", "")))
        if trade is None:
            by_ref = [one for one in self.trades.values() if one.trade_no == asked.get("trade_no")]
            if not by_ref:
                raise No("ACQ.TRADE_NOT_EXIST")
            trade = by_ref[0]
        _expire(trade, now)
        return trade

    def pay(self, trade: Trade, now: datetime) -> None:
        """Raises No."""
        _expire(trade, now)
        if trade.status != "WAIT_BUYER_PAY":
            raise No("ACQ.TRADE_HAS_SUCCESS" if trade.paid_at else "ACQ.TRADE_HAS_CLOSE")
        trade.status, trade.paid_at = "TRADE_SUCCESS", now

    def close(self, trade: Trade, now: datetime) -> None:
        """Raises No: it is paid."""
        if trade.paid_at is not None:
            raise No("ACQ.TRADE_STATUS_ERROR")
        trade.status = "TRADE_CLOSED"

    def give_back(self, trade: Trade, asked: dict[str, object], now: datetime) -> bool:
        """Did money move by this very call? Raises No."""
        amount, number = fen(str(asked.get("refund_amount", ""))), str(asked.get("out_request_no") or trade.number)
        if trade.paid_at is None:
            raise No("ACQ.TRADE_NOT_ALLOW_REFUND")
        for one in trade.refunds:
            if one.number == number:
                if one.fen != amount:
                    raise No("ACQ.DISCORDANT_REPEAT_REQUEST")
                return False
        if now - trade.paid_at > REFUNDABLE:
            raise No("ACQ.TRADE_HAS_FINISHED")
        if self.poor:
            raise No("ACQ.SELLER_BALANCE_NOT_ENOUGH")
        if trade.returned + amount > trade.fen:
            raise No("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        if trade.refunds and now - trade.refunds[-1].at < BETWEEN_REFUNDS:
            raise No("ACQ.REFUND_CHARGE_ERROR")
        trade.refunds.append(Refund(number, amount, now))
        if trade.returned == trade.fen:
            trade.status = "TRADE_CLOSED"
        return True

    def returned_by(self, trade: Trade, number: str, now: datetime) -> Refund | None:
        """None: nothing, or too young to be shown."""
        return next((one for one in trade.refunds if one.number == number and now - one.at >= SEEN_AFTER), None)

    @staticmethod
    def _again(known: Trade, terms: tuple[str, ...], now: datetime) -> Trade:
        _expire(known, now)
        if known.terms != terms:
            raise No("ACQ.CONTEXT_INCONSISTENT")
        if known.paid_at is not None:
            raise No("ACQ.TRADE_HAS_SUCCESS")
        if known.status == "TRADE_CLOSED":
            raise No("ACQ.TRADE_HAS_CLOSE")
        return known


def fen(yuan: str) -> int:
    """Two decimals exactly. Raises No."""
    if not _YUAN.fullmatch(yuan) or yuan == "0.00":
        raise No("ACQ.INVALID_PARAMETER")
    return int(yuan.replace(".", ""))


def yuan(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def _expire(trade: Trade, now: datetime) -> None:
    if trade.status == "WAIT_BUYER_PAY" and trade.expires is not None and trade.expires <= now:
        trade.status = "TRADE_CLOSED"
