"""Single cells as people type them: dates, money, phones, yes and no; a wrong one says what is wrong and the cure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from dialogs.money import Fen

Cell = str | int | float | Decimal | date | datetime | bool | None

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?$")
_DATE_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_SERIAL_FROM, _SERIAL_UNTIL = 20_000, 80_000
"""Excel day numbers of the years 1954 to 2119."""
_EXCEL_ZERO = date(1899, 12, 30)
_YEARS = range(1990, 2101)
_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_PHONE = re.compile(r"1[3-9]\d{9}$")
_ROUNDED = re.compile(r"\d+(\.\d+)?[eE]\+?\d+$")
_CYCLES = {"月付": 1, "双月付": 2, "季付": 3, "半年付": 6, "年付": 12, "monthly": 1, "quarterly": 3, "yearly": 12}
_YES, _NO = frozenset({"是", "y", "yes", "true", "1", "√"}), frozenset({"", "否", "n", "no", "false", "0"})
RENT_MAX = Fen(20_000_000)
"""200,000 yuan a month: more is a slip of the keyboard."""
RENT_MIN = Fen(10_000)
"""100 yuan a month: less was meant in thousands, or is not a rent."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


class CellError(ValueError):
    """``what`` is wrong with this cell and the ``cure``, in the words of whoever keeps the ledger."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


def text(cell: Cell) -> str:
    """Trimmed, full-width digits and letters made narrow, unseen characters gone; a whole float loses its ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    narrow = unicodedata.normalize("NFKC", str(cell))
    return "".join(one for one in narrow if one == "\n" or unicodedata.category(one) not in _UNSEEN).strip()


def day(cell: Cell) -> date:
    """A calendar day of the years 1990 to 2100. Raises CellError."""
    found = _day(cell)
    if found.year not in _YEARS:
        raise CellError(f"{found.year} 年不合常理", "请核对年份")
    return found


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    said = text(cell)
    if found := _DATE.match(said) or _DATE_RUN.match(said):
        return _calendar(found, said)
    if re.fullmatch(r"\d{5}(\.\d+)?", said) and _SERIAL_FROM < float(said) < _SERIAL_UNTIL:
        return _EXCEL_ZERO + timedelta(days=int(float(said)))
    raise CellError("看不懂这个日期", "请写成 2026-09-30 这样的年-月-日")


def _calendar(found: re.Match[str], said: str) -> date:
    year, month, number = (int(part) for part in found.groups()[:3])
    try:
        return date(year, month, number)
    except ValueError:
        raise CellError(f"日历上没有 {said} 这一天", "请核对年月日") from None


def money(cell: Cell) -> Fen:
    """Fen of an amount in yuan: ``3,200``, ``￥3200.00``, ``3200元``. Raises CellError."""
    said = re.sub(r"[,\s¥元]|RMB", "", text(round(cell, 4) if isinstance(cell, float) else cell))
    if not _AMOUNT.fullmatch(said):
        raise CellError("看不懂这个金额", "请只写数字，单位为元，例如 3200 或 3200.50")
    amount = Decimal(said) * 100
    if amount != amount.to_integral_value():
        raise CellError("金额精确到分就够了", "请最多保留两位小数")
    if amount < 0:
        raise CellError("金额不能是负数", "请核对；退款请在财务系统处理")
    if amount > RENT_MAX:
        raise CellError("金额大得不合常理", "请核对单位是否为元")
    return Fen(int(amount))


def rent(cell: Cell) -> Fen:
    """Raises CellError, also for nothing."""
    amount = money(cell)
    if amount == 0:
        raise CellError("月租金不能为 0", "请填写合同上的月租金")
    if amount < RENT_MIN:
        raise CellError("月租金低得不合常理", "请核对单位是否为元，不要以千元或万元填写")
    return amount


def phone(cell: Cell) -> str:
    """Eleven digits of a mobile number. Raises CellError."""
    said = re.sub(r"[\s\-()]", "", text(cell))
    if _ROUNDED.fullmatch(said):
        raise CellError("手机号被 Excel 变成了科学计数法，末几位已丢失", "请把这一列设为「文本」格式后重新填写")
    said = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", said)
    if not said:
        raise CellError("没有手机号", "请补上手机号，否则短信和签约都无法送达")
    if not _PHONE.fullmatch(said):
        raise CellError("不是有效的 11 位手机号", "请向租客核对手机号")
    return said


def whole(cell: Cell) -> int:
    """A number from 0 to 9999; empty is 0. Raises CellError."""
    said = text(cell) or "0"
    if not re.fullmatch(r"\d{1,4}", said):
        raise CellError("应为整数", "请填写 0 或正整数")
    return int(said)


def cycle(cell: Cell) -> int:
    """Months between payments; empty is monthly. Raises CellError."""
    said = text(cell).lower()
    found = _CYCLES.get(said) or (int(said) if said.isdigit() and said in ("1", "2", "3", "6", "12") else None)
    if said and found is None:
        raise CellError("看不懂付款周期", "请写 月付、季付、半年付、年付，或月数 1、2、3、6、12")
    return found or 1


def yes(cell: Cell) -> bool:
    """Raises CellError."""
    said = text(cell).lower()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise CellError("应填 是 或 否", "请改成 是 或 否")
