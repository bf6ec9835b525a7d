"""WeChat Pay's entrusted deduction 委托代扣, the recurring product: v2 XML and one v3 notice (providers sheet 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from urllib.parse import urlencode

from .answers import Untrusted
from .deduction import Mandate, MandateState, SignWish, Window
from .entrust_calls import REASONS, NotThere, V2Calls
from .entrust_wire import signed, trusted
from .port import Ack, Notice, PayError, Payment, Payments, PayState, Reason
from .wechatpay_calls import Calls

BEIJING = timezone(timedelta(hours=8))
HOURS = (7, 22)
"""Notices and charges are taken from 07:00 up to 22:00 Beijing."""
_STATES = {
    "SUCCESS": PayState.PAID,
    "REFUND": PayState.REFUNDED,
    "NOTPAY": PayState.PENDING,
    "ACCEPT": PayState.PENDING,
    "USERPAYING": PayState.PENDING,
    "CLOSED": PayState.CLOSED,
    "REVOKED": PayState.CLOSED,
    "PAY_FAIL": PayState.FAILED,
    "PAYERROR": PayState.FAILED,
}
_CONTRACTS = {"0": MandateState.ACTIVE, "1": MandateState.ENDED}


class Entrust:
    """The port's Deductions over one plan. ``notices`` is the v3 half, ``orders`` gives money back.

    ``notify_url`` is https without a query string, and stands on the plan for terminations too.
    """

    name = "entrust"
    heard = Ack(200, b"<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>", "text/xml")

    def __init__(self, calls: V2Calls, notices: Calls, orders: Payments, notify_url: str) -> None:
        self._plan = calls.plan
        self._calls = calls
        self._notices = notices
        self._orders = orders
        self._notify_url = notify_url

    async def sign_url(self, mandate_key: str, wish: SignWish) -> str:
        """``/papay/entrustweb`` of the official account; it knows no way back: the tenant returns by themselves."""
        now = self._calls.now()
        fields = {
            "appid": self._plan.appid,
            "mch_id": self._plan.mchid,
            "plan_id": self._plan.plan_id,
            "contract_code": mandate_key,
            "request_serial": str(int(now.timestamp() * 1000)),
            "contract_display_account": wish.shown_name,
            "notify_url": self._notify_url,
            "version": "1.0",
            "timestamp": str(int(now.timestamp())),
        }
        return f"{self._calls.api}/papay/entrustweb?{urlencode(signed(fields, self._plan))}"

    async def mandate(self, mandate_key: str) -> Mandate:
        try:
            found = await self._calls.post("/papay/querycontract", self._contract(mandate_key))
        except NotThere:
            return Mandate(mandate_key, MandateState.MISSING)
        if found.get("contract_code") != mandate_key:
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about another contract")
        raw = found.get("contract_state", "")
        state = _CONTRACTS.get(raw, MandateState.MISSING)
        return Mandate(mandate_key, state, found.get("contract_id", ""), raw=raw)

    async def end(self, mandate_key: str, remark: str) -> None:
        if (await self.mandate(mandate_key)).state is not MandateState.ACTIVE:
            return
        fields = {**self._contract(mandate_key), "contract_termination_remark": remark[:256]}
        await self._calls.post("/papay/deletecontract", fields)

    async def announce(self, mandate: Mandate, amount: int, due: datetime) -> Window:
        """The window is the provider's, whatever ``due`` is: that day and the next pass, then ``window_days`` days."""
        here = self._calls.now().astimezone(BEIJING)
        if self._plan.mode == "day":
            return Window(self._calls.now(), self._calls.now() + timedelta(days=self._plan.window_days), HOURS)
        if not HOURS[0] <= here.hour < HOURS[1]:
            raise PayError(Reason.WINDOW, "NIGHT", "notices are taken from 07:00 to 22:00")
        fields: dict[str, object] = {
            "mchid": self._plan.mchid,
            "appid": self._plan.appid,
            "deduct_duration": {"count": self._plan.window_days, "unit": "DAY"},
            "estimated_amount": {"amount": amount, "currency": "CNY"},
        }
        await self._notices.post(f"/v3/papay/contracts/{mandate.ref}/notify", fields)
        first = here.date() + timedelta(days=2)
        last = first + timedelta(days=self._plan.window_days - 1)
        opens, closes = datetime.combine(first, time(7), BEIJING), datetime.combine(last, time(22), BEIJING)
        return Window(opens, closes, HOURS)

    async def charge(self, key: str, mandate: Mandate, amount: int, description: str) -> None:
        if self._plan.mode == "notice" and not HOURS[0] <= self._calls.now().astimezone(BEIJING).hour < HOURS[1]:
            raise PayError(Reason.WINDOW, "NIGHT", "charges are taken from 07:00 to 22:00")
        fields = {
            "body": description[:127],
            "out_trade_no": key,
            "total_fee": str(amount),
            "spbill_create_ip": self._plan.client_ip,
            "notify_url": self._notify_url,
            "trade_type": "PAP",
            "contract_id": mandate.ref,
        }
        await self._calls.post("/pay/pappayapply", fields)

    async def state(self, key: str) -> Payment:
        try:
            found = await self._calls.post("/pay/paporderquery", {"out_trade_no": key})
        except NotThere:
            return Payment(key, PayState.MISSING)
        raw = found.get("trade_state", "")
        state = _STATES.get(raw)
        if state is None or found.get("out_trade_no") != key:
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "an answer about something else")
        if state is PayState.FAILED:
            code = found.get("err_code") or raw
            return Payment(key, state, raw=code, why=REASONS.get(code, Reason.UNKNOWN))
        if state not in (PayState.PAID, PayState.REFUNDED):
            return Payment(key, state, raw=raw)
        if not found.get("total_fee", "").isdecimal():
            raise PayError(Reason.UNKNOWN, "UNREADABLE", "paid, but no amount")
        return Payment(key, state, int(found["total_fee"]), found.get("transaction_id", ""), _ended(found), raw)

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None:
        await self._orders.refund(refund_key, key, amount, total)

    async def refund_state(self, refund_key: str, key: str) -> PayState:
        return await self._orders.refund_state(refund_key, key)

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """A charge's result, good or bad, or a contract signed or ended: what it says is asked again (trap 22)."""
        try:
            fields = trusted(raw, self._plan)
        except Untrusted as doubt:
            raise PayError(Reason.CONFIG, "CALLBACK", str(doubt)) from None
        if fields.get("change_type") in ("ADD", "DELETE"):
            return Notice("mandate", fields.get("contract_code", ""), 0, fields.get("contract_id", ""))
        if fields.get("out_trade_no"):
            amount = fields.get("total_fee", "")
            return Notice(
                "deduction",
                fields["out_trade_no"],
                int(amount) if amount.isdecimal() else 0,
                fields.get("transaction_id", ""),
            )
        raise PayError(Reason.CONFIG, "CALLBACK", "neither a charge nor a contract")

    def _contract(self, mandate_key: str) -> dict[str, str]:
        return {"plan_id": self._plan.plan_id, "contract_code": mandate_key, "version": "1.0"}


def _ended(found: Mapping[str, str]) -> datetime | None:
    """``time_end``, Beijing wall time without signs between."""
    text = found.get("time_end", "")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
