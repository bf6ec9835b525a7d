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
from .people import others, person_id

_T = TypeVar("_T")
_FLOORS = {"低": "low", "中": "middle", "高": "high", "low": "low", "middle": "middle", "high": "high", "": "middle"}
_TYPES = {"": "market", "市场": "market", "市场化": "market", "保租房": "affordable", "market": "market",
          "affordable": "affordable"}  # fmt: skip
FIELD_MAX = 60
_SECRET = frozenset({"phone", "tenant", "id_number", "co_tenants", "guarantors", "openid"})


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
    openid: str = ""


class RowCheck:
    """Reads the cells of one row and collects what is wrong."""

    def __init__(self, number: int, row: Sequence[Cell], columns: Columns, operator: str) -> None:
        self._number = number
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
            housekeeper=cells.text(self.cell("housekeeper")) or "housekeeper",
            lock=self._lock(),
            pay_cycle_months=self._read("pay_cycle", cells.cycle, 1),
            tenancy_months=self._read("tenancy_months", cells.whole, 0) or 12,
            late_payments=self._read("late_payments", cells.whole, 0),
            open_repairs=self._read("open_repairs", cells.whole, 0),
            arrears=Fen(bill.amount) if bill else ZERO,
            head_lease_end=self._optional_day("head_lease_end"),
        )  # fmt: skip
        row = None if self._problems else LeaseRow(lease, people, (bill,) if bill else ())
        return Checked(row, tuple(self._problems), tuple(self._warnings), cells.text(self.cell("openid")))

    def _unit(self) -> Unit:
        return Unit(
            community=self._filled("community"),
            building=cells.text(self.cell("building")),
            room=self._filled("room"),
            layout=self._filled("layout"),
            floor_band=self._choice("floor_band", _FLOORS, "请写 低、中、高"),
            custom=self._read("custom", cells.yes, False),
            policy_type=self._choice("policy_type", _TYPES, "请写 市场 或 保租房"),
        )

    def _people(self, lease_no: str) -> tuple[tuple[Person, ...], tuple[Party, ...]]:
        """A dead phone lets the lease in: the tenant is listed, and a person repairs the contact."""
        id_ = person_id(self._operator, lease_no, Role.TENANT)
        tenant = Person(id_, self._filled("tenant"), self._phone(), cells.text(self.cell("id_number")))
        more = []
        for field, role in (("co_tenants", Role.CO_TENANT), ("guarantors", Role.GUARANTOR)):
            try:
                more += others(self.cell(field), self._operator, lease_no, role)
            except CellError as fault:
                self._wrong(field, fault)
        people = (tenant, *(person for _, person in more))
        return people, (Party(id_, Role.TENANT), *(party for party, _ in more))

    def _phone(self) -> str:
        try:
            return cells.phone(self.cell("phone"))
        except CellError as fault:
            self._warnings.append(self._problem("phone", fault))
            return ""

    def _bill(self, lease_no: str) -> LedgerBill | None:
        amount = self._read("arrears", lambda cell: cells.money(cell) if cells.text(cell) else ZERO, ZERO)
        if not amount:
            return None
        due = self._optional_day("arrears_due")
        if due is None:
            self._wrong("arrears_due", CellError("有欠费但没有账单到期日", "请补上这笔欠费的应付日"))
        number = cells.text(self.cell("arrears_bill")) or f"{lease_no}-ARREARS"
        return LedgerBill(number, lease_no, due or date.min, amount)

    def _lock(self) -> str:
        lock = cells.text(self.cell("lock"))
        if not lock:
            self._warnings.append(self._problem("lock", CellError("没有门锁编号", "续租后需要人工延长门锁，建议补上")))
        return lock

    def _optional_day(self, field: str) -> date | None:
        return self._read(field, lambda cell: cells.day(cell) if cells.text(cell) else None, None)

    def _choice(self, field: str, known: dict[str, str], cure: str) -> str:
        found = known.get(cells.text(self.cell(field)).lower())
        if found is None:
            self._wrong(field, CellError("不认识这个写法", cure))
        return found or ""

    def _filled(self, field: str) -> str:
        said = cells.text(self.cell(field))
        if not said:
            self._wrong(field, CellError("不能为空", "请补上"))
        elif len(said) > FIELD_MAX:
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

    def _place(self, field: str) -> str:
        index = self._columns.at.get(field)
        return f"{letter(index)} {self._columns.titles[field]}" if index is not None else field

    def _problem(self, field: str, fault: CellError) -> Problem:
        said = cells.text(self.cell(field))
        shown = f"{said[:3]}****" if field in _SECRET and said else said[:40]
        return Problem(self._number, self._place(field), shown, fault.what, fault.cure)
