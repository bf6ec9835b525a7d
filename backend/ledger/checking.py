"""One row becomes a lease, or a list of what is wrong with it; every cell is looked at before anything is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from backend.db.port import LeaseRow, LedgerBill, Person
from dialogs.lease import Lease, Party, Role, Unit
from dialogs.money import ZERO, Fen

from . import cells
from .cells import Cell, CellError
from .headers import Columns, letter
from .people import Signatory, others, person_id

_T = TypeVar("_T")
_FLOORS = {
    **{f"{name}{tail}": band for name, band in (("低", "low"), ("中", "middle"), ("高", "high"))
       for tail in ("", "层", "区", "楼层")},
    "low": "low", "middle": "middle", "high": "high", "": "middle",
}  # fmt: skip
_TYPES = {"": "market", "市场": "market", "市场化": "market", "保租房": "affordable", "market": "market",
          "affordable": "affordable"}  # fmt: skip
FIELD_MAX = 60
DEPOSIT_MONTHS = 3
"""Few cities allow more than one month; above three somebody has mistyped."""
_NUMBERS = frozenset({"phone", "id_number", "openid"})
_NAMES = frozenset({"tenant", "co_tenants", "guarantors"})


class Problem(msgspec.Struct, frozen=True):
    """``row`` and ``column`` (letter and header) as the spreadsheet shows them; people's cells are masked."""

    row: int
    column: str
    value: str
    what: str
    cure: str


class Checked(msgspec.Struct, frozen=True):
    """``row`` None: problems stand against it."""

    row: LeaseRow | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    lease_no: str = ""


class RowCheck:
    """Reads the cells of one row and collects what is wrong."""

    def __init__(self, number: int, row: Sequence[Cell], columns: Columns, operator: str) -> None:
        self.number = number
        self._row = row
        self._columns = columns
        self._operator = operator
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []

    def cell(self, field: str) -> Cell:
        index = self._columns.at.get(field)
        return self._row[index] if index is not None and index < len(self._row) else None

    @property
    def vacant(self) -> bool:
        """A flat without a lease: neither number nor tenant."""
        return not cells.text(self.cell("lease_no")) and not cells.text(self.cell("tenant"))

    def check(self) -> Checked:
        lease_no = self._filled("lease_no")
        unit = self._unit()
        start, end = self._read("start", cells.day, date.min), self._read("end", cells.day, date.max)
        if end <= start and not self._has_problem("start") and not self._has_problem("end"):
            self._wrong("end", CellError("到期日不晚于起租日", "请核对两个日期"))
        people, parties = self._people(lease_no)
        bill = self._bill(lease_no)
        lease = Lease(
            lease_no, self._operator, unit, parties, start, end,
            rent=self._read("rent", cells.rent, ZERO),
            deposit_due=self._read("deposit_due", cells.money, ZERO),
            deposit_held=self._read("deposit_held", cells.money, ZERO),
            housekeeper=self._short("housekeeper") or "housekeeper",
            lock=self._lock(),
            pay_cycle_months=self._read("pay_cycle", cells.cycle, 1),
            tenancy_months=self._read("tenancy_months", cells.whole, 0) or 12,
            late_payments=self._read("late_payments", cells.whole, 0),
            open_repairs=self._read("open_repairs", cells.whole, 0),
            arrears=Fen(bill.amount) if bill else ZERO,
            head_lease_end=self._optional_day("head_lease_end"),
            payee=self._payee(),
        )  # fmt: skip
        self._doubt_deposit(lease)
        whole = LeaseRow(lease, people, (bill,) if bill else (), openid=self._short("openid"))
        return Checked(None if self._problems else whole, tuple(self._problems), tuple(self._warnings), lease_no)

    def _payee(self) -> str:
        """A name as it stands in the settings: XUZU_PAY_<NAME>_…"""
        name = self._short("payee").lower()
        if name and not (name.isascii() and name.isalnum()):
            self._wrong("payee", CellError("收款主体要用设置里的代号", "请填代号，例如 east；留空用默认商户号"))
        return name

    def _doubt_deposit(self, lease: Lease) -> None:
        if lease.rent and lease.deposit_due > DEPOSIT_MONTHS * lease.rent:
            self._doubt("deposit_due", CellError(f"押金超过 {DEPOSIT_MONTHS} 个月租金", "请核对应收押金"))
        if lease.deposit_held > lease.deposit_due:
            self._doubt("deposit_held", CellError("已收押金多于应收押金", "请核对；多收的部分应退还"))

    def _unit(self) -> Unit:
        return Unit(
            community=self._filled("community"),
            building=self._short("building"),
            room=self._filled("room"),
            layout=self._filled("layout"),
            floor_band=self._choice("floor_band", _FLOORS, "请写 低、中、高"),
            custom=self._read("custom", cells.yes, False),
            policy_type=self._choice("policy_type", _TYPES, "请写 市场 或 保租房"),
        )

    def _people(self, lease_no: str) -> tuple[tuple[Person, ...], tuple[Party, ...]]:
        """A dead phone lets the lease in: the tenant is listed, and a person repairs the contact."""
        id_ = person_id(self._operator, lease_no, Role.TENANT)
        tenant = Person(id_, self._filled("tenant"), self._phone(), self._short("id_number"))
        more = [*self._others("co_tenants", lease_no, Role.CO_TENANT)]
        more += self._others("guarantors", lease_no, Role.GUARANTOR)
        people = (tenant, *(one.person for one in more))
        return people, (Party(id_, Role.TENANT), *(one.party for one in more))

    def _others(self, field: str, lease_no: str, role: Role) -> list[Signatory]:
        try:
            found = others(self.cell(field), self._operator, lease_no, role)
        except CellError as fault:
            self._wrong(field, fault)
            return []
        for one in found:
            if one.fault:
                self._doubt(field, one.fault)
        return found

    def _phone(self) -> str:
        try:
            return cells.phone(self.cell("phone"))
        except CellError as fault:
            self._doubt("phone", fault)
            return ""

    def _bill(self, lease_no: str) -> LedgerBill | None:
        amount = self._read("arrears", lambda cell: cells.money(cell) if cells.text(cell) else ZERO, ZERO)
        if not amount:
            return None
        due = self._optional_day("arrears_due")
        if due is None:
            self._wrong("arrears_due", CellError("有欠费但没有账单到期日", "请补上这笔欠费的应付日"))
        number = self._short("arrears_bill") or f"{lease_no}-ARREARS"
        return LedgerBill(number, lease_no, due or date.min, amount)

    def _lock(self) -> str:
        lock = self._short("lock")
        if not lock and "lock" in self._columns.at:
            self._doubt("lock", CellError("没有门锁编号", "续租后需要人工延长门锁，建议补上"))
        return lock

    def _optional_day(self, field: str) -> date | None:
        return self._read(field, lambda cell: cells.day(cell) if cells.text(cell) else None, None)

    def _choice(self, field: str, known: dict[str, str], cure: str) -> str:
        found = known.get(cells.text(self.cell(field)).lower())
        if found is None:
            self._wrong(field, CellError("不认识这个写法", cure))
        return found or ""

    def _filled(self, field: str) -> str:
        said = self._short(field)
        if not said:
            self._wrong(field, CellError("不能为空", "请补上"))
        return said

    def _short(self, field: str) -> str:
        said = cells.text(self.cell(field))
        if len(said) > FIELD_MAX:
            self._wrong(field, CellError("太长了", f"请缩短到 {FIELD_MAX} 字以内"))
        return said

    def _read(self, field: str, parse: Callable[[Cell], _T], otherwise: _T) -> _T:
        if field not in self._columns.at:
            return otherwise
        try:
            return parse(self.cell(field))
        except CellError as fault:
            self._wrong(field, fault)
            return otherwise

    def _has_problem(self, field: str) -> bool:
        return any(one.column == self._place(field) for one in self._problems)

    def _wrong(self, field: str, fault: CellError) -> None:
        self._problems.append(self._problem(field, fault))

    def _doubt(self, field: str, fault: CellError) -> None:
        """Worth a look; the row comes in all the same."""
        self._warnings.append(self._problem(field, fault))

    def _place(self, field: str) -> str:
        index = self._columns.at.get(field)
        return f"{letter(index)} {self._columns.titles[field]}" if index is not None else field

    def _problem(self, field: str, fault: CellError) -> Problem:
        said = cells.text(self.cell(field))
        return Problem(self.number, self._place(field), masked(field, said), fault.what, fault.cure)


def masked(field: str, said: str) -> str:
    """A cell as a report may show it: enough to find it again, no whole name and no whole number."""
    if said and field in _NUMBERS:
        return f"{said[:3]}****"
    if said and field in _NAMES:
        return f"{said[:1]}**"
    return said[:40]
