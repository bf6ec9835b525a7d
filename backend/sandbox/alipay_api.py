"""What each of Alipay's methods does with the shop's book and agreements, and the news it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from .alipay_book import BEIJING, Book, No, Trade, fen, yuan
from .alipay_pacts import Pact, Pacts
from .alipay_post import AlipayPost

Answer = dict[str, object]
Method = Callable[[dict[str, object], Mapping[str, str]], Answer]


class Api:
    """``methods`` by name: each takes biz_content and the common parameters. All raise No."""

    def __init__(self, pacts: Pacts, post: AlipayPost, clock: Callable[[], datetime], app_id: str) -> None:
        self.book = Book()
        self.pacts = pacts
        self.post = post
        self.slow = False
        """Deductions answer 10003 and wait for ``settle_late``."""
        self.late: list[Trade] = []
        self._clock = clock
        self._app_id = app_id
        self.methods: dict[str, Method] = {
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.trade.pay": self._deduct,
            "alipay.user.agreement.query": self._show_pact,
            "alipay.user.agreement.unsign": self._unsign,
            "alipay.user.agreement.executionplan.modify": self._move,
        }

    def settle_late(self) -> None:
        late, self.late = self.late, []
        for trade in late:
            self._settle(trade)

    def _query(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        trade = self.book.find(asked, self._clock())
        told: Answer = {
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "trade_status": trade.status,
            "total_amount": yuan(trade.fen),
        }
        return told if trade.paid_at is None else told | {"send_pay_date": _wall(trade.paid_at)}

    def _close(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        trade = self.book.find(asked, self._clock())
        self.book.close(trade, self._clock())
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no}

    def _refund(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        trade = self.book.find(asked, self._clock())
        moved = self.book.give_back(trade, asked, self._clock())
        if moved:
            self.tell_trade(trade, {"refund_fee": yuan(trade.returned)})
        return {
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "fund_change": "Y" if moved else "N",
            "refund_fee": yuan(trade.returned),
        }

    def _refund_query(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        trade = self.book.find(asked, self._clock())
        found = self.book.returned_by(trade, str(asked.get("out_request_no", "")), self._clock())
        if found is None:
            return {}
        told = {"refund_status": "REFUND_SUCCESS", "refund_amount": yuan(found.fen)}
        return {"out_trade_no": trade.number, "out_request_no": found.number, **told}

    def _deduct(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        agreement = asked.get("agreement_params")
        pact = self.pacts.standing(agreement.get("agreement_no") if isinstance(agreement, dict) else "")
        if asked.get("product_code") != pact.product:
            raise No("ACQ.INVALID_PARAMETER")
        if str(asked.get("out_trade_no")) not in self.book.trades:
            self.pacts.check(pact, fen(str(asked.get("total_amount", ""))), self._clock())
        trade = self.book.enter(asked, params.get("notify_url", ""), self._clock())
        trade.agreement = pact.number
        if self.slow:
            self.late.append(trade)
            return {"code": "10003", "out_trade_no": trade.number}
        self._settle(trade)
        if pact.fate:
            raise No(pact.fate)
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no, "total_amount": yuan(trade.fen)}

    def _settle(self, trade: Trade) -> None:
        pact = self.pacts.find(trade.agreement)
        if pact.fate or pact.ended_at is not None:
            trade.status = "TRADE_CLOSED"
            return
        self.book.pay(trade, self._clock())
        self.pacts.taken(pact, trade.fen)
        self.tell_trade(trade)

    def _show_pact(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        pact = self.pacts.find(asked.get("agreement_no"))
        return {
            "agreement_no": pact.number,
            "external_agreement_no": pact.external,
            "status": "NORMAL" if pact.ended_at is None else "UNSIGN",
            "sign_time": _wall(pact.signed_at),
            "invalid_time": "2115-02-01 00:00:00",
            "next_deduct_time": f"{pact.next.isoformat()} 00:00:00",
            "single_quota": yuan(pact.single),
        }

    def _unsign(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        pact = self.pacts.standing(asked.get("agreement_no"))
        pact.ended_at = self._clock()
        self.post.write(pact.notify_url, self.pact_news(pact, "dut_user_unsign", "UNSIGN"))
        return {}

    def _move(self, asked: dict[str, object], params: Mapping[str, str]) -> Answer:
        pact = self.pacts.standing(asked.get("agreement_no"))
        self.pacts.move(pact, str(asked.get("deduct_time", "")))
        return {"agreement_no": pact.number, "deduct_time": f"{pact.next.isoformat()}"}

    # --- news ----------------------------------------------------------------------------------------------------
    def tell_trade(self, trade: Trade, more: Mapping[str, str] | None = None) -> None:
        self.post.write(trade.notify_url, {
            "notify_type": "trade_status_sync", "notify_id": f"n{trade.trade_no}{trade.status}{trade.returned}",
            "app_id": self._app_id, "out_trade_no": trade.number, "trade_no": trade.trade_no,
            "trade_status": trade.status, "total_amount": yuan(trade.fen), "charset": "utf-8", "passback_params": "",
            **(more or {}),
        })  # fmt: skip

    def pact_news(self, pact: Pact, kind: str, status: str) -> dict[str, str]:
        return {
            "notify_type": kind, "notify_id": f"n{pact.number}{status}", "app_id": self._app_id, "status": status,
            "agreement_no": pact.number, "external_agreement_no": pact.external,
            "personal_product_code": "CYCLE_PAY_AUTH_P", "sign_time": _wall(pact.signed_at),
            "invalid_time": "2115-02-01 00:00:00",
        }  # fmt: skip


def _wall(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
