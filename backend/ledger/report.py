"""What reading a ledger found, line by line, for the person who keeps it: row, column, value, what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from .checking import Problem
from .reading import Reading

SHOWN_MAX = 200
DOUBTS_SHOWN_MAX = 30
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
TITLES = ("行", "列", "内容", "问题", "怎么改")


def summary(reading: Reading) -> str:
    """One sentence."""
    parts = [f"{len(reading.rows)} 份租约可导入" if not reading.problems else f"{len(reading.problems)} 处需要修改"]
    if reading.warnings:
        parts.append(f"{len(reading.warnings)} 处提醒")
    if reading.vacant:
        parts.append(f"{reading.vacant} 行空置房源已跳过")
    if reading.ignored:
        parts.append(f"未使用的列：{'、'.join(reading.ignored)}")
    return "；".join(parts)


def table(title: str, problems: Sequence[Problem], most: int = SHOWN_MAX) -> Table:
    """For the terminal; a long list is cut, ``as_csv`` has it whole."""
    found = Table(title=title, title_justify="left")
    for name in TITLES:
        found.add_column(name, overflow="fold")
    for one in problems[:most]:
        found.add_row(*(Text(cell) for cell in (str(one.row), one.column, one.value, one.what, one.cure)))
    if len(problems) > most:
        found.caption = f"还有 {len(problems) - most} 处，见报告文件"
    return found


def as_csv(problems: Sequence[Problem], doubts: Sequence[Problem]) -> bytes:
    """UTF-8 with BOM, so that spreadsheets open it with its Chinese intact; cells are never formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("性质", *TITLES))
    for kind, found in (("需要修改", problems), ("提醒", doubts)):
        for one in found:
            writer.writerow((kind, one.row, *map(harmless, (one.column, one.value, one.what, one.cure))))
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula becomes plain text (CSV injection)."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell
