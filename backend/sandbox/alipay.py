"""Alipay seen from the wire: one gateway for calls and pages; trades, agreements, notices and bills behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from aiohttp import web

from . import alipay_page as pages
from .alipay_api import Answer, Api
from .alipay_bill import AlipayBills
from .alipay_book import BEIJING, No, Trade, yuan
from .alipay_pacts import Pact, Pacts
from .alipay_post import AlipayPost
from .alipay_seal import Seal, Unsigned
from .wechatpay_faults import Fault, Troubles

SKEW = timedelta(minutes=15)
"""How far a timestamp may lie from our clock. The figure is ours: confirm with the provider."""
HANG = 60


class AlipaySandbox:
    """``gateway_notices``: where endings by the tenant go, as set on the application, not in a call."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        app_id: str,
        app_public_pem: str,
        pacts: Pacts | None = None,
        faults: Troubles[Fault] | None = None,
    ) -> None:
        self.faults = faults or Troubles()
        self.gateway_notices = ""
        self.unsigned_refusals = False
        """Refusals of business come without a signature, as some were seen to."""
        self._clock = clock
        self._app_id = app_id
        self._seal = Seal(app_public_pem)
        self._links: dict[str, tuple[dict[str, str], dict[str, object]]] = {}
        self.public_pem = self._seal.public_pem
        self.post = AlipayPost(self._seal, clock)
        self.api = Api(pacts or Pacts(), self.post, clock, app_id)
        self.book, self.pacts = self.api.book, self.api.pacts
        self.bills = AlipayBills(self.book, clock)

    def app(self) -> web.Application:
        app = web.Application()
        self.add_to(app)
        return app

    def add_to(self, app: web.Application) -> None:
        app.add_routes([
            web.post("/gateway.do", self._gateway),
            web.get("/gateway.do", self._asked_by_get),
            web.post("/sandbox/alipay/{link}", self._press),
            web.get("/sandbox/alipay/bill", self.bills.download),
        ])  # fmt: skip

    # --- what the tenant does ------------------------------------------------------------------------------------
    def tenant_pays(self, number: str) -> None:
        """On the cashier's page. Raises No."""
        trade = self.book.trades[number]
        self.book.pay(trade, self._clock())
        self.api.tell_trade(trade)

    def tenant_signs(self, wish: dict[str, object], notify_url: str) -> Pact:
        """Raises No."""
        pact = self.pacts.sign(wish, notify_url, self._clock())
        self.post.write(notify_url, self.api.pact_news(pact, "dut_user_sign", "NORMAL"))
        return pact

    def tenant_ends(self, number: str) -> None:
        """In Alipay, without us: told to the application's gateway only. Raises No."""
        pact = self.pacts.standing(number)
        pact.ended_at = self._clock()
        self.post.write(self.gateway_notices, self.api.pact_news(pact, "dut_user_unsign", "UNSIGN"))

    async def pump(self) -> int:
        """Settle slow deductions and deliver every notice due at the clock, once; how many were tried."""
        self.api.settle_late()
        return await self.post.pump()

    def next_due(self) -> datetime | None:
        return self._clock() if self.api.late else self.post.next_due()

    async def close(self) -> None:
        await self.post.close()

    def truth(self) -> dict[str, object]:
        """Fen by trade, as they really moved."""
        trades = self.book.trades.values()
        return {
            "states": {one.number: one.status for one in trades},
            "charges": [
                {"number": one.number, "amount": one.fen, "refunded": one.returned, "at": one.paid_at.isoformat()}
                for one in trades
                if one.paid_at is not None
            ],
            "charged": sum(one.fen for one in trades if one.paid_at is not None),
            "returned": {one.number: one.returned for one in trades if one.refunds},
            "paid": {one.number: one.fen for one in trades if one.paid_at is not None},
            "taken_after_end": [one.number for one in trades if self._after_end(one)],
        }

    # --- the gateway ---------------------------------------------------------------------------------------------
    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        params = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
        method = params.get("method", "")
        if (wrong := self._wrong(params)) is not None:
            return _json(json.dumps({"error_response": {"code": wrong[0], "msg": "Invalid", "sub_code": wrong[1]}}))
        asked = _asked(params)
        fault = self.faults.draw(f"{method} {asked.get('out_trade_no') or asked.get('agreement_no')}")
        if fault is Fault.BUSY:
            return _json(json.dumps({"error_response": {"code": "20000", "sub_code": "aop.unknow-error"}}))
        if fault is Fault.THROTTLED:
            return _json(json.dumps({"error_response": {"code": "40005", "sub_code": "aop.call-limited"}}))
        told, signed = self._answer(method, asked, params, str(request.url.origin()))
        return await self._send(request, method, (told, signed), fault)

    def _answer(
        self, method: str, asked: dict[str, object], params: Mapping[str, str], origin: str
    ) -> tuple[str, bool]:
        try:
            if method == "alipay.data.dataservice.bill.downloadurl.query":
                told = self.bills.describe(asked, origin)
            else:
                told = self.api.methods[method](asked, params)
            return _text({"code": "10000", "msg": "Success", **told}), True
        except No as no:
            code: Answer = {"code": "40004", "msg": "Business Failed", "sub_code": str(no), "sub_msg": "业务失败"}
            return _text(code), not self.unsigned_refusals

    async def _send(
        self, request: web.Request, method: str, told: tuple[str, bool], fault: Fault | None
    ) -> web.StreamResponse:
        node = method.replace(".", "_") + "_response"
        body, is_signed = told
        if fault is Fault.SILENT_AFTER:
            await asyncio.sleep(HANG)
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        if fault is Fault.BROKEN_AFTER:
            return web.Response(status=502)
        raw = self._seal.answer(node, body) if is_signed else json.dumps({node: json.loads(body)}).encode()
        if fault is Fault.BAD_SIGNATURE:
            raw = raw.replace(b'"code":"', b'"code": "', 1)
        return _json(raw[: len(raw) // 2] if fault is Fault.CUT_SHORT else raw)

    def _wrong(self, params: Mapping[str, str]) -> tuple[str, str] | None:
        """The gateway's own refusal, unsigned; None: the call may go on."""
        try:
            self._seal.check(params)
            at = datetime.strptime(params.get("timestamp", ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except Unsigned:
            return "40002", "isv.invalid-signature"
        except ValueError:
            return "40002", "isv.invalid-timestamp"
        head = (params.get("app_id"), params.get("version"), params.get("sign_type"), params.get("charset"))
        if head != (self._app_id, "1.0", "RSA2", "utf-8"):
            return "40002", "isv.invalid-app-id"
        if abs(at - self._clock()) > SKEW:
            return "40002", "isv.invalid-timestamp"
        known = {*self.api.methods, *_PAGES, "alipay.data.dataservice.bill.downloadurl.query"}
        return None if params.get("method") in known else ("40002", "isv.invalid-method")

    # --- pages ---------------------------------------------------------------------------------------------------
    async def _asked_by_get(self, request: web.Request) -> web.StreamResponse:
        """Pages for browsers; some clients send calls that way too."""
        paged = request.query.get("method") in _PAGES or self._wrong(dict(request.query)) is not None
        return await (self._page(request) if paged else self._gateway(request))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        params = dict(request.query)
        if self._wrong(params) is not None or params["method"] not in _PAGES:
            return pages.broken()
        asked, link = _asked(params), params["sign"][:24].replace("/", "_").replace("+", "-")
        self._links[link] = (params, asked)
        try:
            if params["method"] == "alipay.trade.wap.pay":
                trade = self._entered(params, asked)
                return pages.cashier(str(asked["subject"]), yuan(trade.fen), f"/sandbox/alipay/{link}")
            rhythm = self.pacts.asked(asked)
        except No as no:
            return pages.done(_WORDS.get(str(no), f"暂时不能付款（{no}）"), params.get("return_url", ""), 409)
        return pages.permission(str(rhythm["single_amount"]), str(rhythm["execute_time"]), f"/sandbox/alipay/{link}")

    async def _press(self, request: web.Request) -> web.StreamResponse:
        found = self._links.get(request.match_info["link"])
        if found is None:
            return pages.done("链接已失效", "", 404)
        params, asked = found
        back = params.get("return_url", "")
        outcome = (await request.post()).get("outcome")
        try:
            if outcome == "pay":
                self.tenant_pays(self._entered(params, asked).number)
                return pages.done("付款成功", back)
            if outcome == "sign":
                self.tenant_signs(asked, params.get("notify_url", ""))
                return pages.done("已开通", back)
        except No as no:
            return pages.done(_WORDS.get(str(no), f"暂时不能付款（{no}）"), back, 409)
        return pages.done("付款没有成功，可以再试", back)

    def _entered(self, params: Mapping[str, str], asked: dict[str, object]) -> Trade:
        if asked.get("product_code") != "QUICK_WAP_WAY":
            raise No("ACQ.INVALID_PARAMETER")
        return self.book.enter(asked, params.get("notify_url", ""), self._clock())

    def _after_end(self, trade: Trade) -> bool:
        pact = self.pacts.all.get(trade.agreement)
        return bool(pact and pact.ended_at and trade.paid_at and trade.paid_at > pact.ended_at)


_PAGES = frozenset({"alipay.trade.wap.pay", "alipay.user.agreement.page.sign"})
_WORDS = {
    "ACQ.TRADE_HAS_SUCCESS": "这笔账单已经付过了",
    "ACQ.TRADE_HAS_CLOSE": "这笔订单已关闭",
    "ACQ.CONTEXT_INCONSISTENT": "订单信息有变，请从商家重新打开",
    "USER_AGREEMENT_EXIST": "已经开通过了",
}


def _asked(params: Mapping[str, str]) -> dict[str, object]:
    try:
        found = json.loads(params.get("biz_content", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(told: Answer) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _json(raw: bytes | str) -> web.Response:
    body = raw.encode() if isinstance(raw, str) else raw
    return web.Response(body=body, content_type="application/json", charset="utf-8")
