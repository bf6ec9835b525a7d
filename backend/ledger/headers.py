"""Column names as operators write them, Chinese or English, and the field each one means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

ALIASES: dict[str, tuple[str, ...]] = {
    "lease_no": ("合同编号", "合同号", "租约编号", "租约号", "lease no", "lease number", "contract no"),
    "community": ("社区", "小区", "项目", "门店", "community", "project"),
    "building": ("楼栋", "楼号", "栋", "building"),
    "room": ("房号", "房间号", "室号", "room", "room no", "unit"),
    "layout": ("户型", "房型", "layout", "unit type"),
    "floor_band": ("楼层段", "楼层区间", "floor band"),
    "tenant": ("租客姓名", "租客", "承租人", "姓名", "tenant", "tenant name", "name"),
    "phone": ("手机号", "手机", "手机号码", "联系电话", "电话", "phone", "mobile"),
    "id_number": ("证件号", "证件号码", "身份证号", "身份证", "id number"),
    "co_tenants": ("共同承租人", "合租人", "同住人", "co-tenants", "co tenants"),
    "guarantors": ("担保人", "保证人", "guarantor", "guarantors"),
    "start": ("起租日", "起租日期", "开始日期", "合同开始", "start", "start date"),
    "end": ("到期日", "到期日期", "结束日期", "合同到期", "租期截止", "end", "end date"),
    "rent": ("月租金", "租金", "月租", "rent", "monthly rent"),
    "deposit_due": ("应收押金", "押金", "deposit", "deposit due"),
    "deposit_held": ("已收押金", "实收押金", "押金余额", "deposit held", "deposit paid"),
    "pay_cycle": ("付款周期", "付款方式", "支付周期", "pay cycle", "payment cycle"),
    "arrears": ("欠费金额", "欠费", "欠租", "arrears"),
    "arrears_bill": ("欠费账单号", "账单号", "bill no"),
    "arrears_due": ("欠费到期日", "账单到期日", "应付日", "bill due"),
    "housekeeper": ("管家", "负责人", "housekeeper"),
    "lock": ("门锁编号", "门锁", "锁号", "lock", "lock id"),
    "custom": ("定制房源", "定制", "custom"),
    "policy_type": ("房源类型", "房源性质", "policy type"),
    "head_lease_end": ("上游到期日", "业主合同到期日", "head lease end"),
    "payee": ("收款主体", "收款账户", "payee"),
    "late_payments": ("逾期次数", "late payments"),
    "open_repairs": ("未结报修", "open repairs"),
    "tenancy_months": ("累计租住月数", "累计月数", "tenancy months"),
    "openid": ("微信openid", "openid"),
}
REQUIRED = (
    "lease_no", "community", "room", "layout", "tenant", "phone", "start", "end", "rent", "deposit_due", "deposit_held",
)  # fmt: skip
SHOWN_MAX = 30
_NOTE = re.compile(r"[(（\[【].*?[)）\]】]")


class LedgerError(ValueError):
    """The file as a whole cannot be read; the text says what to do. Nothing was changed."""


class Columns(msgspec.Struct, frozen=True):
    """``at``: field → column index from 0. ``titles``: field → the header as written. ``ignored``: headers unknown."""

    at: dict[str, int]
    titles: dict[str, str]
    ignored: tuple[str, ...]


def plain(header: str) -> str:
    """Without notes in brackets, spaces, width and case: ``月租金（元）`` → ``月租金``."""
    text = _NOTE.sub("", unicodedata.normalize("NFKC", header))
    return re.sub(r"[\s_*:]+", "", text).lower()


_FIELDS = {plain(alias): field for field, aliases in ALIASES.items() for alias in aliases}


def recognised(cells: Sequence[str]) -> int:
    """How many of these cells are headers we know: tells the header row from titles above it."""
    return sum(plain(cell) in _FIELDS for cell in cells)


def columns(cells: Sequence[str]) -> Columns:
    """Raises LedgerError: a header twice, or required ones missing, with the names that would be accepted."""
    at: dict[str, int] = {}
    titles: dict[str, str] = {}
    ignored = []
    for index, cell in enumerate(cells):
        field = _FIELDS.get(plain(cell))
        if field is None:
            if cell.strip():
                ignored.append(cell.strip()[:SHOWN_MAX])
            continue
        if field in at:
            raise LedgerError(f"表头「{cell.strip()[:SHOWN_MAX]}」与「{titles[field]}」是同一列含义，请只保留一列")
        at[field], titles[field] = index, cell.strip()[:SHOWN_MAX]
    missing = [field for field in REQUIRED if field not in at]
    if missing:
        wanted = "；".join(f"{ALIASES[field][0]}（也可写作 {'、'.join(ALIASES[field][1:4])}）" for field in missing)
        raise LedgerError(f"缺少必填列：{wanted}。请在表头补上这些列后重新导入")
    return Columns(at, titles, tuple(ignored))


def letter(index: int) -> str:
    """The column's letters as spreadsheets show them: 0 → A, 27 → AB."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
