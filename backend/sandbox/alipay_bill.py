"""The day bill as Alipay makes it from what it knows: a zip of GBK tables, with switches that alter rows."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from aiohttp import web

from .alipay_book import BEIJING, Book, No, Trade, yuan

READY_AT = time(9, 0)
LINK_LIVES = timedelta(seconds=30)
_COLUMNS = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称",
    "操作员", "终端号", "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）",
    "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）", "券名称", "商家红包消费金额（元）",
    "卡消费金额（元）", "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip


@dataclass
class AlipayBills:
    """``dropped`` numbers are left out, ``changed`` have other fen; ``added`` are (number, fen) that nobody made."""

    book: Book
    clock: Callable[[], datetime]
    dropped: set[str] = field(default_factory=set)
    changed: dict[str, int] = field(default_factory=dict)
    added: list[tuple[str, int]] = field(default_factory=list)
    _files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)

    def describe(self, asked: dict[str, object], origin: str) -> dict[str, object]:
        """Raises No."""
        if asked.get("bill_type") != "trade":
            raise No("INVALID_PARAMETER")
        day, here = date.fromisoformat(str(asked.get("bill_date", ""))), self.clock().astimezone(BEIJING)
        if day >= here.date() or (day == here.date() - timedelta(days=1) and here.time() < READY_AT):
            raise No("INVALID_PARAMETER")
        rows = [*self._paid(day), *self._returned(day), *self._made_up(day)]
        if not rows:
            raise No("NO_BILL_DATA")
        token = secrets.token_hex(16)
        self._files[token] = (_packed(rows, day), self.clock() + LINK_LIVES)
        return {"bill_download_url": f"{origin}/sandbox/alipay/bill?token={token}"}

    async def download(self, request: web.Request) -> web.StreamResponse:
        raw, until = self._files.get(request.query.get("token", ""), (b"", self.clock()))
        if self.clock() >= until:
            return web.Response(status=403, text="链接已失效")
        return web.Response(body=raw, content_type="application/zip")

    def _paid(self, day: date) -> Iterator[dict[str, str]]:
        for trade in self.book.trades.values():
            if _on(trade.paid_at, day) and trade.number not in self.dropped:
                assert trade.paid_at is not None
                yield self._row(trade, "交易", trade.paid_at, self.changed.get(trade.number, trade.fen), "")

    def _returned(self, day: date) -> Iterator[dict[str, str]]:
        for trade in self.book.trades.values():
            for one in trade.refunds:
                if _on(one.at, day) and one.number not in self.dropped:
                    yield self._row(trade, "退款", one.at, -self.changed.get(one.number, one.fen), one.number)

    def _made_up(self, day: date) -> Iterator[dict[str, str]]:
        noon = datetime.combine(day, time(12), BEIJING)
        for number, amount in self.added:
            yield self._row(Trade(number, f"20269{number}", amount, (), "", noon), "交易", noon, amount, "")

    def _row(self, trade: Trade, kind: str, at: datetime, amount: int, refund: str) -> dict[str, str]:
        told = f"-{yuan(-amount)}" if amount < 0 else yuan(amount)
        return {
            "支付宝交易号": trade.trade_no, "商户订单号": trade.number, "业务类型": kind, "商品名称": "首期租金",
            "创建时间": f"{trade.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
            "完成时间": f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
            "对方账户": "*(138****0000)", "订单金额（元）": told, "商家实收（元）": told, "退款批次号/请求号": refund,
            "服务费（元）": "0.00",
        }  # fmt: skip


def _packed(rows: list[dict[str, str]], day: date) -> bytes:
    lines = [
        f"#支付宝业务明细查询\t\n#起始日期：[{day:%Y年%m月%d日} 00:00:00]\n#-----业务明细列表-----",
        ",".join(_COLUMNS),
    ]
    lines += [",".join(row.get(name, "") + "\t" for name in _COLUMNS) for row in rows]
    lines += ["#-----业务明细列表结束-----", f"#交易合计：{len(rows)}笔", ""]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in (
            (f"{day:%Y%m%d}_业务明细.csv", "\r\n".join(lines)),
            (f"{day:%Y%m%d}_业务明细(汇总).csv", "#"),
        ):
            pack.writestr(_GbkName(name), text.encode("gbk"), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


class _GbkName(zipfile.ZipInfo):
    """As their zips have it: a name in GBK, and no flag that says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _on(at: datetime | None, day: date) -> bool:
    return at is not None and at.astimezone(BEIJING).date() == day
