"""The day bill as WeChat Pay makes it from what it knows, with switches that drop, add or change rows."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from aiohttp import web

from .wechatpay_book import Book, Declined, Order, Refund
from .wechatpay_seal import MerchantAccount, Unsigned

BEIJING = timezone(timedelta(hours=8))
READY_AT = time(10, 0)
_COLUMNS = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号",
    "用户标识", "交易类型", "交易状态",
    "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额",
    "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费", "费率", "订单金额",
    "申请退款金额", "费率备注",
)  # fmt: skip
_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


@dataclass
class Bills:
    """``dropped`` numbers are left out, ``changed`` have other fen; ``added`` are (number, fen) that nobody made."""

    account: MerchantAccount
    book: Book
    clock: Callable[[], datetime]
    dropped: set[str] = field(default_factory=set)
    changed: dict[str, int] = field(default_factory=dict)
    added: list[tuple[str, int]] = field(default_factory=list)
    hashes_plain: bool = False
    """Hash over the plain bytes instead of the packed ones."""
    _files: dict[str, bytes] = field(default_factory=dict)

    def describe(self, request: web.Request) -> dict[str, object]:
        """The first call's answer. Raises Declined."""
        day = date.fromisoformat(request.query.get("bill_date", ""))
        self._check(day)
        plain = self.text(day).encode()
        if plain.count(b"`") < len(_COLUMNS):
            raise Declined(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        raw = gzip.compress(plain, mtime=0)
        token = hashlib.sha256(raw).hexdigest()[:32]
        self._files[token] = raw
        origin = f"{request.scheme}://{request.host}"
        told = hashlib.sha1(plain if self.hashes_plain else raw).hexdigest()  # noqa: S324 the provider's choice
        return {"download_url": f"{origin}/v3/billdownload/file?token={token}", "hash_type": "SHA1", "hash_value": told}

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file: the request is signed, the answer is not."""
        call = (request.method, request.raw_path, b"")
        try:
            self.account.check(request.headers.get("Authorization", ""), call, self.clock())
        except Unsigned:
            return web.json_response({"code": "SIGN_ERROR", "message": "错误的签名"}, status=401)
        raw = self._files.get(request.query.get("token", ""))
        return web.Response(status=404) if raw is None else web.Response(body=raw, content_type="application/x-gzip")

    def text(self, day: date) -> str:
        """The CSV as plain text: header, rows, summary; lines end with CRLF."""
        rows = [*self._paid(day), *self._returned(day)]
        rows += [self._row(_noon(day), f"42{number}", number, amount) for number, amount in self.added]
        body = [",".join("`" + row.get(name, "") for name in _COLUMNS) for row in rows]
        total = sum(int(row["订单金额"].replace(".", "")) for row in rows)
        summary = f"`{len(rows)},`{_yuan(total)},`0.00,`0.00,`0.00,`{_yuan(total)},`0.00"
        return "\ufeff" + "\r\n".join([",".join(_COLUMNS), *body, _SUMMARY, summary, ""])

    def _check(self, day: date) -> None:
        here = self.clock().astimezone(BEIJING)
        if day >= here.date() or day < here.date() - timedelta(days=92):
            raise Declined(400, "PARAM_ERROR", "bill_date")
        if day == here.date() - timedelta(days=1) and here.time() < READY_AT:
            raise Declined(400, "STATEMENT_CREATING", "账单生成中")

    def _paid(self, day: date) -> Iterator[dict[str, str]]:
        for order in self.book.orders.values():
            if _on(order.paid_at, day) and order.number not in self.dropped:
                yield self._order(order)

    def _order(self, order: Order) -> dict[str, str]:
        assert order.paid_at is not None
        amount = self.changed.get(order.number, order.total)
        return self._row(order.paid_at, order.transaction_id, order.number, amount)

    def _returned(self, day: date) -> Iterator[dict[str, str]]:
        for refund in self.book.refunds.values():
            if _on(refund.at, day) and refund.fate == "SUCCESS" and refund.number not in self.dropped:
                yield self._refund(refund)

    def _refund(self, refund: Refund) -> dict[str, str]:
        amount = _yuan(self.changed.get(refund.number, refund.amount))
        row = self._row(refund.at, refund.order.transaction_id, refund.order.number, 0)
        return row | {
            "交易状态": "REFUND", "微信退款单号": refund.refund_id, "商户退款单号": refund.number,
            "退款金额": amount,
            "退款类型": "ORIGINAL", "退款状态": "SUCCESS", "申请退款金额": amount,
        }  # fmt: skip

    def _row(self, at: datetime, ref: str, number: str, amount: int) -> dict[str, str]:
        return {
            "交易时间": f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}", "公众账号ID": self.account.appid,
            "商户号": self.account.mchid, "微信订单号": ref, "商户订单号": number,
            "交易类型": "JSAPI", "交易状态": "SUCCESS",
            "付款银行": "OTHERS", "货币种类": "CNY", "应结订单金额": _yuan(amount), "代金券金额": "0.00",
            "退款金额": "0.00", "手续费": "0.00000", "费率": "0.00%",
            "订单金额": _yuan(amount), "申请退款金额": "0.00",
        }  # fmt: skip


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _on(at: datetime | None, day: date) -> bool:
    return at is not None and at.astimezone(BEIJING).date() == day


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), BEIJING)
