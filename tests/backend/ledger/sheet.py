"""Ledgers made for tests: one good row, changed where a test wants it bad."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from backend.ledger.reading import Reading, read_ledger

OPERATOR = "yuju"
TODAY = date(2026, 9, 1)
GOOD: dict[str, Any] = {
    "合同编号": "HT-001",
    "社区": "翠苑",
    "楼栋": "3幢",
    "房号": "0501",
    "户型": "开间",
    "租客姓名": "张示例",
    "手机号": "19900000001",
    "起租日": "2025-10-11",
    "到期日": "2026-10-10",
    "月租金": "3200",
    "应收押金": "3200",
    "已收押金": "3200",
    "门锁编号": "700001",
}
Table = Sequence[Sequence[Any]]


def another(number: int, **cells: Any) -> dict[str, Any]:
    """A good row of its own: other lease, room, tenant and lock."""
    own = {
        "合同编号": f"HT-{number:04d}",
        "房号": f"R{number:04d}",
        "租客姓名": f"示例{number}",
        "手机号": f"1990000{number:04d}",
        "门锁编号": f"{700000 + number}",
    }
    return {**GOOD, **own, **cells}


def sheet(*rows: dict[str, Any]) -> list[list[Any]]:
    """Header and rows; a column appears when any row has it."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return [headers, *([row.get(name, "") for name in headers] for row in rows)]


def as_csv(table: Table, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(table)
    return out.getvalue().encode(encoding)


def as_xlsx(table: Table) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("台账")
    for row in table:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows: dict[str, Any]) -> Reading:
    return read_ledger(as_csv(sheet(*rows)), "台账.csv", OPERATOR, TODAY)
