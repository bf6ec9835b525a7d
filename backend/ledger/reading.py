"""A ledger file becomes checked leases, or a complete list of what is wrong with it; nothing is changed by reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from backend.db.port import LeaseRow

from . import cells
from .across import Numbered, at, one_person_each, overlapping, same_bill, same_number, two_names
from .cells import Cell
from .checking import Problem, RowCheck
from .headers import Columns, LedgerError, columns, recognised
from .sheets import Row, read_rows

HEADER_WITHIN = 10
"""Titles and notes may stand above the header row."""
HEADERS_MIN = 3


class Reading(msgspec.Struct, frozen=True):
    """``rows`` may be imported when ``problems`` is empty.

    ``vacant``: rows of flats without a lease. ``ignored``: headers we do not know. ``sha256`` of the file.
    """

    rows: tuple[LeaseRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    ignored: tuple[str, ...]
    vacant: int
    sha256: str

    @property
    def bindings(self) -> dict[str, str]:
        """Person id → WeChat openid of the tenant, where the ledger has one."""
        return {row.lease.tenant.id: row.openid for row in self.rows if row.openid}


def read_ledger(raw: bytes, filename: str, operator: str, today: date) -> Reading:
    """Raises LedgerError when the file or its header row cannot be read. ``today``: Shanghai date."""
    header, body = _split(list(read_rows(raw, filename)))
    found = columns(header)
    return _checked(body, found, operator, today, hashlib.sha256(raw).hexdigest())


def _split(rows: Sequence[Row]) -> tuple[list[str], Sequence[Row]]:
    best = max(range(min(HEADER_WITHIN, len(rows))), key=lambda at: recognised(_texts(rows[at][1])), default=None)
    if best is None or recognised(_texts(rows[best][1])) < HEADERS_MIN:
        raise LedgerError("没有找到表头：第一个工作表的前 10 行里应有一行写着 合同编号、房号、租客姓名、到期日 等列名")
    return _texts(rows[best][1]), rows[best + 1 :]


def _texts(row: Sequence[Cell]) -> list[str]:
    return [cells.text(cell) for cell in row]


def _checked(body: Iterable[Row], found: Columns, operator: str, today: date, sha256: str) -> Reading:
    checks = [RowCheck(number, row, found, operator) for number, row in body]
    lets = [(check.number, check.check()) for check in checks if not check.vacant]
    if not lets:
        raise LedgerError("表头下面没有任何租约，请确认租约写在第一个工作表")
    rows = [(number, one.row) for number, one in lets if one.row is not None]
    problems = [problem for _, one in lets for problem in one.problems]
    problems += same_number(((number, one.lease_no) for number, one in lets), found)
    problems += [*same_bill(rows, found), *overlapping(rows, found)]
    doubts = [*_missing_columns(found), *(doubt for _, one in lets for doubt in one.warnings)]
    doubts += [*two_names(rows, found), *_ended(rows, found, today)]
    return Reading(
        rows=one_person_each(rows),
        problems=_in_order(problems),
        warnings=_in_order(doubts),
        ignored=found.ignored,
        vacant=len(checks) - len(lets),
        sha256=sha256,
    )


def _missing_columns(found: Columns) -> Iterable[Problem]:
    """Said once, not for every row."""
    if "lock" not in found.at:
        yield Problem(0, "门锁编号", "", "台账里没有「门锁编号」这一列", "续租后门锁需要人工延期，建议补上")


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda one: (one.row, len(one.column.split()[0]), one.column)))


def _ended(rows: Iterable[Numbered], found: Columns, today: date) -> Iterator[Problem]:
    cure = "不会提醒；如已续租请更新到期日，如已退租请删除"
    for number, row in rows:
        if row.lease.end < today:
            yield at(found, number, "end", row.lease.end.isoformat(), "租约已经到期", cure)
