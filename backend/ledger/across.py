"""What only several rows together show: a number used twice, a flat let twice, one phone under two names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from backend.db.port import LeaseRow

from .checking import Problem, masked
from .headers import Columns, letter
from .people import with_tenant

Numbered = tuple[int, LeaseRow]
"""A row's number as the spreadsheet shows it, and its lease."""


def same_number(numbers: Iterable[tuple[int, str]], found: Columns) -> Iterator[Problem]:
    """``numbers``: row and lease number, also of rows that have other problems."""
    first: dict[str, int] = {}
    for row, no in numbers:
        if no and first.setdefault(no, row) != row:
            yield at(found, row, "lease_no", no, f"与第 {first[no]} 行的合同编号重复", "请删除或更正其中一行")


def same_bill(rows: Iterable[Numbered], found: Columns) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, row in rows:
        for bill in row.bills:
            if "arrears_bill" in found.at and first.setdefault(bill.no, number) != number:
                what = f"与第 {first[bill.no]} 行的账单号重复"
                yield at(found, number, "arrears_bill", bill.no, what, "请更正其中一行的账单号")


def overlapping(rows: Iterable[Numbered], found: Columns) -> Iterator[Problem]:
    """One flat, two leases at one time; each is compared with the longest one before it."""
    ordered = sorted(rows, key=lambda one: (_flat(one), one[1].lease.start, one[0]))
    for _, lets in groupby(ordered, key=_flat):
        (number, row), *others = lets
        for later, other in others:
            if other.lease.start <= row.lease.end and other.lease.no != row.lease.no:
                what = f"与第 {number} 行是同一间房，租期重叠"
                yield at(found, later, "room", other.lease.unit.room, what, "请核对房号或起止日期")
            if other.lease.end > row.lease.end:
                number, row = later, other


def _flat(one: Numbered) -> tuple[str, str, str]:
    unit = one[1].lease.unit
    return unit.community, unit.building, unit.room


def two_names(rows: Iterable[Numbered], found: Columns) -> Iterator[Problem]:
    """One phone or one WeChat address under two names: only one of them can be reached by it."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, row in rows:
        tenant = row.people[0]
        for field, address, name in (("phone", tenant.phone, "手机号"), ("openid", row.openid, "微信 openid ")):
            seen, who = first.setdefault((field, address), (number, tenant.name))
            if address and who != tenant.name:
                what = f"与第 {seen} 行的{name}相同，但姓名不同"
                yield at(found, number, field, address, what, "请核对是否填错")


def at(found: Columns, row: int, field: str, value: str, what: str, cure: str) -> Problem:
    """A problem at a cell; its value is masked here."""
    place = f"{letter(found.at[field])} {found.titles[field]}"
    return Problem(row, place, masked(field, value), what, cure)


def one_person_each(rows: Iterable[Numbered]) -> tuple[LeaseRow, ...]:
    """Rows whose tenants share name and phone get one tenant between them: one chat for several leases."""
    known: dict[tuple[str, str], str] = {}
    found = []
    for _, row in rows:
        tenant = row.people[0]
        id_ = known.setdefault((tenant.name, tenant.phone), tenant.id) if tenant.phone else tenant.id
        found.append(row if id_ == tenant.id else with_tenant(row, id_))
    return tuple(found)
