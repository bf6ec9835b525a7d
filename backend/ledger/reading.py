"""A ledger file becomes checked leases, or a complete list of what is wrong with it; nothing is changed by reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from backend.db.port import LeaseRow
from dialogs.lease import Lease

from . import cells
from .cells import Cell
from .checking import Problem, RowCheck
from .headers import Columns, LedgerError, columns, letter, recognised
from .sheets import Row, read_rows

HEADER_WITHIN = 10
"""Titles and notes may stand above the header row."""
HEADERS_MIN = 3


class Reading(msgspec.Struct, frozen=True):
    """``rows`` may be imported when ``problems`` is empty. ``bindings``: person id → openid, where the ledger has one.

    ``vacant``: rows of flats without a lease. ``sha256`` of the file.
    """

    rows: tuple[LeaseRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    ignored: tuple[str, ...]
    vacant: int
    bindings: dict[str, str]
    sha256: str


def read_ledger(raw: bytes, filename: str, operator: str, today: date) -> Reading:
    """Raises LedgerError when the file or its header row cannot be read. ``today``: Shanghai date."""
    header, body = _split(list(read_rows(raw, filename)))
    found = columns(header)
    return _checked(body, found, operator, today, hashlib.sha256(raw).hexdigest())


def _split(rows: Sequence[Row]) -> tuple[list[str], Sequence[Row]]:
    best = max(range(min(HEADER_WITHIN, len(rows))), key=lambda at: recognised(_texts(rows[at][1])), default=None)
    if best is None or recognised(_texts(rows[best][1])) < HEADERS_MIN:
        raise LedgerError("没有找到表头：前 10 行里应有一行写着 合同编号、房号、租客姓名、到期日 等列名")
    return _texts(rows[best][1]), rows[best + 1 :]


def _texts(row: Sequence[Cell]) -> list[str]:
    return [cells.text(cell) for cell in row]


def _checked(body: Iterable[Row], found: Columns, operator: str, today: date, sha256: str) -> Reading:
    rows: list[tuple[int, LeaseRow]] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    bindings: dict[str, str] = {}
    vacant = 0
    for number, row in body:
        check = RowCheck(number, row, found, operator)
        if check.vacant:
            vacant += 1
            continue
        checked = check.check()
        problems += checked.problems
        warnings += checked.warnings
        if checked.row is not None:
            rows.append((number, checked.row))
            if checked.openid:
                bindings[checked.row.lease.tenant.id] = checked.openid
    problems += _doubled_leases(rows, found) + _overlaps(rows, found)
    warnings += _shared_phones(rows, found) + _ended(rows, found, today)
    if not rows and not problems:
        raise LedgerError("表头下面没有任何租约，请确认选对了工作表")
    order = sorted(problems, key=lambda one: (one.row, one.column))
    return Reading(
        tuple(row for _, row in rows), tuple(order), tuple(warnings), found.ignored, vacant, bindings, sha256
    )


def _doubled_leases(rows: Sequence[tuple[int, LeaseRow]], found: Columns) -> list[Problem]:
    first: dict[str, int] = {}
    wrong = []
    for number, row in rows:
        no = row.lease.no
        if no in first:
            wrong.append(
                _at(number, found, "lease_no", no, f"与第 {first[no]} 行的合同编号重复", "请删除或更正其中一行")
            )
        first.setdefault(no, number)
    return wrong


def _overlaps(rows: Sequence[tuple[int, LeaseRow]], found: Columns) -> list[Problem]:
    """One flat, two leases at one time."""
    taken: dict[tuple[str, str, str], list[tuple[int, Lease]]] = {}
    wrong = []
    for number, row in rows:
        lease = row.lease
        key = (lease.unit.community, lease.unit.building, lease.unit.room)
        for other, before in taken.get(key, []):
            if lease.start <= before.end and before.start <= lease.end and lease.no != before.no:
                what = f"与第 {other} 行是同一间房，租期重叠"
                wrong.append(_at(number, found, "room", lease.unit.room, what, "请核对房号或起止日期"))
        taken.setdefault(key, []).append((number, lease))
    return wrong


def _shared_phones(rows: Sequence[tuple[int, LeaseRow]], found: Columns) -> list[Problem]:
    first: dict[str, tuple[int, str]] = {}
    wrong = []
    for number, row in rows:
        tenant = row.people[0]
        if not tenant.phone:
            continue
        other = first.setdefault(tenant.phone, (number, tenant.name))
        if other[1] != tenant.name:
            what = f"与第 {other[0]} 行的手机号相同，但姓名不同"
            wrong.append(_at(number, found, "phone", f"{tenant.phone[:3]}****", what, "请核对是否填错"))
    return wrong


def _ended(rows: Sequence[tuple[int, LeaseRow]], found: Columns, today: date) -> list[Problem]:
    late = [(number, row.lease.end) for number, row in rows if row.lease.end < today]
    what, cure = "租约已经到期", "不会提醒；如已续租请更新到期日，如已退租请删除"
    return [_at(number, found, "end", end.isoformat(), what, cure) for number, end in late]


def _at(number: int, found: Columns, field: str, value: str, what: str, cure: str) -> Problem:
    index = found.at[field]
    return Problem(number, f"{letter(index)} {found.titles[field]}", value, what, cure)
