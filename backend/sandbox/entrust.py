"""WeChat Pay's entrusted deductions seen from the wire; its charges stand in the same book as the merchant's orders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiohttp import web

from .entrust_book import BEIJING, Charge, Deeds, No
from .entrust_page import page_routes
from .entrust_post import V2Post
from .entrust_seal import Seal, Unsigned, failed, read
from .wechatpay import WeChatPaySandbox
from .wechatpay_book import Declined, Order, OrderRequest
from .wechatpay_faults import Fault, Troubles
from .wechatpay_reading import fields_of

_NOT_DONE = {Fault.BUSY: "SYSTEMERROR", Fault.THROTTLED: "FREQUENCY_LIMITED"}
Act = Callable[[dict[str, str], datetime], dict[str, str]]


class EntrustSandbox:
    """``wechatpay`` is the merchant's v3 side: it checks the notice's signature, and refunds what was taken here."""

    def __init__(
        self,
        wechatpay: WeChatPaySandbox,
        clock: Callable[[], datetime],
        *,
        apiv2_key: str,
        plan_id: str,
        mode: str = "notice",
        single_limit: int = 1_000_000,
        day_limit: int = 2_000_000,
        faults: Troubles[Fault] | None = None,
    ) -> None:
        self.wechatpay = wechatpay
        self.deeds = Deeds(mode, single_limit, day_limit)
        self.faults = faults or Troubles()
        self.hides = 0
        """For so many queries from now on an accepted charge is not found: the provider's known quirk."""
        self._clock = clock
        self._plan_id = plan_id
        self._seal = Seal(apiv2_key)
        self._asked: dict[str, str] = {}
        self.post = V2Post(self._seal, clock)

    def add_to(self, app: web.Application) -> None:
        """Its doors beside those of the v3 sandbox."""
        app.add_routes([
            *page_routes(self._asked_for, self._signed_by),
            web.post("/papay/querycontract", self._door(self._show_contract)),
            web.post("/papay/deletecontract", self._door(self._end_contract)),
            web.post("/pay/pappayapply", self._door(self._charge)),
            web.post("/pay/paporderquery", self._door(self._show_charge)),
            web.post("/v3/papay/contracts/{contract_id}/notify", self._notice),
        ])  # fmt: skip

    # --- what the tenant does ------------------------------------------------------------------------------------
    def tenant_signs(self, code: str, notify_url: str = "") -> None:
        """Raises No. The news waits for ``pump``."""
        contract = self.deeds.sign(code, notify_url or self._asked.get(code, ""), self._clock())
        self._tell_contract(code, "ADD", contract.notify_url)

    def tenant_ends(self, code: str) -> None:
        """In WeChat, without us. Raises No."""
        contract = self.deeds.by_code(code)
        contract.ended_at = self._clock()
        self._tell_contract(code, "DELETE", contract.notify_url)

    def bank_says(self, code: str, err_code: str) -> None:
        """From now on: NOTENOUGH, BANKERROR, USER_ACCOUNT_ABNORMAL …; empty: it pays again."""
        self.deeds.by_code(code).fate = err_code

    async def pump(self) -> int:
        """Settle what is due and deliver every notice due at the clock, once; how many were tried."""
        for charge in self.deeds.settle(self._clock()):
            if charge.state == "SUCCESS":
                self._book(charge)
            self.post.write(charge.asked["notify_url"], self._result(charge))
        return await self.post.pump()

    def next_due(self) -> datetime | None:
        """When ``pump`` will next have something to do."""
        waiting = [one.settles_at for one in self.deeds.charges.values() if one.state == "ACCEPT"]
        due = self.post.next_due()
        return min(waiting if due is None else [*waiting, due], default=None)

    async def close(self) -> None:
        await self.post.close()

    def truth(self) -> dict[str, object]:
        """Charges by state; the money itself stands in the merchant's book."""
        return {
            "contracts": {code: one.ended_at is None for code, one in self.deeds.contracts.items()},
            "charges": {one.number: one.state for one in self.deeds.charges.values()},
            "taken_without_contract": [
                one.number
                for one in self.deeds.charges.values()
                if one.state == "SUCCESS" and one.contract.ended_at is not None and one.contract.ended_at < one.at
            ],
        }

    # --- doors ---------------------------------------------------------------------------------------------------
    def _door(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            fields = read(await request.read())
            try:
                self._seal.check(fields)
                self._ours(fields)
            except Unsigned:
                return _xml(failed("签名错误"))
            fault = self.faults.draw(f"{request.path} {fields.get('out_trade_no', fields.get('contract_code', ''))}")
            told = self._done(act, fields, fault)
            return self._answer(request, told, fault, fields.get("sign_type", "MD5"))

        return handle

    def _done(self, act: Act, fields: dict[str, str], fault: Fault | None) -> dict[str, str]:
        try:
            if fault in _NOT_DONE:
                raise No(_NOT_DONE[fault], "系统繁忙")
            return {"result_code": "SUCCESS", **act(fields, self._clock())}
        except No as no:
            return {"result_code": "FAIL", "err_code": no.code, "err_code_des": str(no)}

    def _answer(
        self, request: web.Request, told: Mapping[str, str], fault: Fault | None, kind: str
    ) -> web.StreamResponse:
        if fault in (Fault.RESET_AFTER, Fault.SILENT_AFTER) and request.transport is not None:
            request.transport.abort()
        if fault is Fault.BROKEN_AFTER:
            told = {"result_code": "FAIL", "err_code": "SYSTEMERROR", "err_code_des": "系统错误"}
        account = self.wechatpay.account
        body = self._seal.write(
            {"return_code": "SUCCESS", "appid": account.appid, "mch_id": account.mchid, **told}, kind
        )
        if fault is Fault.BAD_SIGNATURE:
            body = body.replace(b"<sign><![CDATA[", b"<sign><![CDATA[0")
        return _xml(body[: len(body) // 2] if fault is Fault.CUT_SHORT else body)

    def _ours(self, fields: Mapping[str, str]) -> None:
        account = self.wechatpay.account
        if (fields.get("mch_id"), fields.get("appid")) != (account.mchid, account.appid):
            raise Unsigned

    def _show_contract(self, fields: dict[str, str], now: datetime) -> dict[str, str]:
        contract = self.deeds.by_code(self._code(fields))
        return {
            "contract_id": contract.contract_id,
            "plan_id": self._plan_id,
            "contract_code": contract.code,
            "contract_state": "0" if contract.ended_at is None else "1",
            "contract_signed_time": _clocked(contract.signed_at),
        }

    def _end_contract(self, fields: dict[str, str], now: datetime) -> dict[str, str]:
        contract = self.deeds.by_code(self._code(fields))
        if not fields.get("contract_termination_remark"):
            raise No("PARAM_ERROR", "缺少解约原因")
        if contract.ended_at is None:
            contract.ended_at = now
            self._tell_contract(contract.code, "DELETE", contract.notify_url)
        return {"contract_id": contract.contract_id, "contract_code": contract.code}

    def _charge(self, fields: dict[str, str], now: datetime) -> dict[str, str]:
        if fields.get("trade_type") != "PAP" or not fields.get("total_fee", "").isdecimal():
            raise No("PARAM_ERROR", "trade_type, total_fee")
        if fields["out_trade_no"] in self.wechatpay.book.orders and fields["out_trade_no"] not in self.deeds.charges:
            raise No("OUT_TRADE_NO_USED", "商户订单号重复")
        charge = self.deeds.ask(fields, now)
        return {"out_trade_no": charge.number, "contract_id": charge.contract.contract_id, "trade_state": charge.state}

    def _show_charge(self, fields: dict[str, str], now: datetime) -> dict[str, str]:
        charge = self.deeds.charges.get(fields.get("out_trade_no", ""))
        if charge is not None and charge.state == "ACCEPT" and self.hides:
            self.hides -= 1
            charge = None
        if charge is None:
            raise No("ORDERNOTEXIST", "订单不存在")
        return self._result(charge) | {"result_code": "SUCCESS"}

    def _code(self, fields: Mapping[str, str]) -> str:
        if fields.get("plan_id") != self._plan_id:
            raise No("CONTRACT_NOT_EXIST", "模板不存在")
        return fields.get("contract_code", "")

    async def _notice(self, request: web.Request) -> web.StreamResponse:
        """The one v3 door: 204, signed."""
        raw, now, account = await request.read(), self._clock(), self.wechatpay.account
        try:
            account.check(request.headers.get("Authorization", ""), (request.method, request.raw_path, raw), now)
            asked = fields_of(raw)
            if (asked.get("mchid"), asked.get("appid")) != (account.mchid, account.appid):
                raise Declined(400, "PARAM_ERROR", "mchid, appid")
            days, most = asked["deduct_duration"]["count"], asked["estimated_amount"]["amount"]  # type: ignore[index]
            self.deeds.tell(self.deeds.by_id(request.match_info["contract_id"]), int(most), int(days), now)
        except Exception as no:
            status, code = (no.status, no.code) if isinstance(no, Declined) else (400, "INVALID_REQUEST")
            if type(no).__name__ == "Unsigned":
                status, code = 401, "SIGN_ERROR"
            return web.json_response({"code": code, "message": str(no)}, status=status)
        return web.Response(status=204, headers=self.wechatpay.signed(b""))

    def _asked_for(self, fields: dict[str, str]) -> str | None:
        """What is wrong with a link, or None: then it may be signed."""
        try:
            self._seal.check(fields)
            self._ours(fields)
        except Unsigned:
            return "签名错误"
        if fields.get("plan_id") != self._plan_id or not fields.get("request_serial", "").isdecimal():
            return "参数错误"
        self._asked[fields["contract_code"]] = fields["notify_url"]
        return None

    def _signed_by(self, code: str) -> str | None:
        try:
            self.tenant_signs(code)
        except No as no:
            return str(no)
        return None

    # --- news ----------------------------------------------------------------------------------------------------
    def _tell_contract(self, code: str, change: str, url: str) -> None:
        contract = self.deeds.by_code(code)
        at = contract.signed_at if change == "ADD" else contract.ended_at or self._clock()
        news = {"plan_id": self._plan_id, "contract_code": code, "contract_id": contract.contract_id}
        if url:
            self.post.write(url, self._headed({**news, "change_type": change, "operate_time": _clocked(at)}))

    def _headed(self, fields: Mapping[str, str]) -> dict[str, str]:
        account = self.wechatpay.account
        head = {"return_code": "SUCCESS", "result_code": "SUCCESS", "appid": account.appid, "mch_id": account.mchid}
        return {**head, **fields}

    def _result(self, charge: Charge) -> dict[str, str]:
        """The same words in the notice and in the answer to a query."""
        fields = {
            "out_trade_no": charge.number,
            "contract_id": charge.contract.contract_id,
            "trade_state": charge.state,
            "total_fee": charge.asked["total_fee"],
        }
        order = self.wechatpay.book.orders.get(charge.number)
        if order is not None and charge.state == "SUCCESS":
            fields |= {"transaction_id": order.transaction_id, "trade_state": order.state(self._clock())}
            fields["time_end"] = f"{(order.paid_at or charge.at).astimezone(BEIJING):%Y%m%d%H%M%S}"
        if charge.err_code:
            fields |= {"result_code": "FAIL", "err_code": charge.err_code}
        return self._headed(fields)

    def _book(self, charge: Charge) -> None:
        """Money moved: it stands in the merchant's book, where it can be refunded and billed."""
        now, asked = self._clock(), charge.asked
        params: dict[str, object] = {"description": asked["body"], "notify_url": asked["notify_url"], "payer": {}}
        order = Order(OrderRequest(charge.number, params, charge.total, None), "", now, now)
        self.wechatpay.book.orders[charge.number] = order
        self.wechatpay.book.pay(charge.number, now)


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/xml")


def _clocked(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
