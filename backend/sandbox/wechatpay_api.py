"""WeChat Pay's v3 doors: every request is checked, every 2xx signed, errors are not (providers sheet 2.1)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from . import wechatpay_views as views
from .wechatpay_bill import Bills
from .wechatpay_book import Book, Declined
from .wechatpay_faults import Fault, Troubles
from .wechatpay_reading import fields_of, read_order, read_refund, wrong
from .wechatpay_seal import MerchantAccount, PlatformKey, Unsigned, canonical

Answer = tuple[int, dict[str, object] | None]
Act = Callable[[web.Request, bytes, datetime], Answer]
SILENCE_SECONDS = 60
_NOT_DONE = {
    Fault.BUSY: (503, "SYSTEM_ERROR"),
    Fault.THROTTLED: (429, "FREQUENCY_LIMITED"),
}


@dataclass
class Api:
    """``keys``: newest last; answers are signed with the one the request names, else with the newest."""

    account: MerchantAccount
    book: Book
    keys: Sequence[PlatformKey]
    faults: Troubles[Fault]
    clock: Callable[[], datetime]
    bills: Bills
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def routes(self) -> list[web.RouteDef]:
        orders, refunds = "/v3/pay/transactions", "/v3/refund/domestic/refunds"
        return [
            web.post(f"{orders}/jsapi", self._door(self._place)),
            web.get(orders + "/out-trade-no/{number}", self._door(self._show)),
            web.post(orders + "/out-trade-no/{number}/close", self._door(self._close)),
            web.post(refunds, self._door(self._refund)),
            web.get(refunds + "/{number}", self._door(self._show_refund)),
            web.get("/v3/bill/tradebill", self._door(self._bill)),
            web.get("/v3/billdownload/file", self.bills.download),
        ]

    def _place(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        asked = read_order(fields_of(raw), self.account)
        order = self.book.place(asked, now)
        return 200, {"prepay_id": order.prepay_id}

    def _show(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        self._own(request.query.get("mchid"))
        return 200, views.transaction(self.book.order(request.match_info["number"]), self.account, now)

    def _close(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        self._own(fields_of(raw).get("mchid"))
        self.book.close(request.match_info["number"], now)
        return 204, None

    def _refund(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        asked = read_refund(fields_of(raw))
        order = self.book.order(asked.order)
        if asked.total != order.total:
            raise wrong("amount.total is not the order's")
        return 200, views.refund(self.book.refund(asked.number, order, asked.amount, asked.notify_url, now), now)

    def _show_refund(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        one = self.book.refunds.get(request.match_info["number"])
        if one is None:
            raise Declined(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return 200, views.refund(one, now)

    def _bill(self, request: web.Request, raw: bytes, now: datetime) -> Answer:
        if request.query.get("bill_type") != "ALL" or request.query.get("tar_type") != "GZIP":
            raise wrong("bill_type, tar_type")
        return 200, self.bills.describe(request)

    def _own(self, mchid: object) -> None:
        if mchid != self.account.mchid:
            raise wrong("mchid")

    def _door(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            raw, now = await request.read(), self.clock()
            try:
                self._check(request, raw, now)
                fault = self.faults.draw(f"{request.method} {request.path} {_number(raw)}")
                if fault in _NOT_DONE:
                    raise Declined(*_NOT_DONE[fault], "系统繁忙")
                status, fields = act(request, raw, now)
            except Unsigned as doubt:
                return _refused(401, "SIGN_ERROR", f"错误的签名: {doubt}")
            except Declined as no:
                return _refused(no.status, no.code, str(no))
            body = b"" if fields is None else canonical(fields)
            return await self._answer(request, status, body, fault)

        return handle

    def _check(self, request: web.Request, raw: bytes, now: datetime) -> None:
        headers = request.headers
        if "User-Agent" not in headers or "application/json" not in headers.get("Accept", ""):
            raise Declined(400, "INVALID_REQUEST", "缺少User-Agent或Accept")
        if raw and request.content_type != "application/json":
            raise Declined(400, "INVALID_REQUEST", "Content-Type")
        self.account.check(headers.get("Authorization", ""), (request.method, request.raw_path, raw), now)

    async def _answer(self, request: web.Request, status: int, body: bytes, fault: Fault | None) -> web.StreamResponse:
        if fault is Fault.BROKEN_AFTER:
            return _refused(500, "SYSTEM_ERROR", "系统错误")
        if fault is Fault.SILENT_AFTER:
            await self._stay_silent()
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        if fault is Fault.CUT_SHORT:
            body = body[: len(body) // 2]
        key = next((one for one in self.keys if one.serial == request.headers.get("Wechatpay-Serial")), self.keys[-1])
        headers = key.headers(b"{}" if fault is Fault.BAD_SIGNATURE else body, self.clock())
        return web.Response(status=status, body=body, headers=headers, content_type="application/json")

    async def _stay_silent(self) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self.closing.wait()
        except TimeoutError:
            return


def _refused(status: int, code: str, message: str) -> web.Response:
    return web.Response(
        status=status, body=canonical({"code": code, "message": message}), content_type="application/json"
    )


def _number(raw: bytes) -> str:
    """The merchant's number a body is about, or empty."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return ""
    return str(body.get("out_trade_no", "")) if isinstance(body, dict) else ""
