"""The committed demo ledger has the counts of the case, and is what its generator makes."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from backend.db.port import LeaseRow, Store
from backend.ledger.reading import Reading, read_ledger
from bot.demo_ledger import HEADERS, PATH, rows, write, write_csv
from dialogs.lease import Role

FIRST_DAY = date(2026, 9, 1)
WINDOW = (FIRST_DAY + timedelta(days=31), FIRST_DAY + timedelta(days=45))


@pytest.fixture(scope="module")
def ledger() -> Reading:
    return read_ledger(PATH.read_bytes(), PATH.name, "yuju", FIRST_DAY)


@pytest.fixture(scope="module")
def cohort(ledger: Reading) -> list[LeaseRow]:
    return [row for row in ledger.rows if WINDOW[0] <= row.lease.end <= WINDOW[1]]


def cells(raw: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows(values_only=True))


def test_the_committed_file_is_what_the_generator_makes(tmp_path: Path) -> None:
    write(tmp_path / "fresh.xlsx")
    assert cells((tmp_path / "fresh.xlsx").read_bytes()) == cells(PATH.read_bytes())


def test_its_twin_in_gb18030_reads_the_same(ledger: Reading, tmp_path: Path) -> None:
    write_csv(tmp_path / "twin.csv")
    raw = (tmp_path / "twin.csv").read_bytes()
    assert "寓居生活".encode("gb18030") in raw
    assert read_ledger(raw, "twin.csv", "yuju", FIRST_DAY).rows == ledger.rows


def test_it_has_no_mistakes(ledger: Reading) -> None:
    assert (ledger.problems, ledger.warnings, ledger.ignored) == ((), (), ("备注",))


def test_the_counts_of_the_case(ledger: Reading, cohort: list[LeaseRow]) -> None:
    assert len({row.lease.unit.community for row in ledger.rows}) == 7
    assert len(rows()) == len(ledger.rows) + ledger.vacant == 213
    assert (len(ledger.rows), ledger.vacant) == (196, 17)
    assert len(cohort) == 68
    assert {row.lease.end for row in cohort} == {WINDOW[0] + timedelta(days=day) for day in range(15)}


def test_everything_else_ends_after_the_season(ledger: Reading, cohort: list[LeaseRow]) -> None:
    rest = [row.lease.end for row in ledger.rows if row not in cohort]
    assert date(2026, 12, 20) <= min(rest)
    assert max(rest) <= date(2027, 8, 31)


def test_who_is_special_in_the_window(ledger: Reading, cohort: list[LeaseRow]) -> None:
    assert sum(bool(row.bills) for row in cohort) == 6
    assert sum(row.lease.deposit_held < row.lease.deposit_due for row in cohort) == 4
    assert sum(row.lease.unit.custom for row in cohort) == 3
    assert sum(any(party.role is Role.CO_TENANT for party in row.lease.parties) for row in cohort) == 5
    assert sum(any(party.role is Role.GUARANTOR for party in row.lease.parties) for row in cohort) == 2
    assert sum(row.lease.head_lease_end is not None for row in cohort) == 1
    assert sum(not row.openid for row in cohort) == 3
    assert sum(not row.openid for row in ledger.rows) == 3
    remarks = Counter(row["备注"] for row in rows() if row.get("备注"))
    assert remarks == {"空置": 17, "演示：手机号已停用": 2, "演示：未关注公众号": 1}


def test_the_short_head_lease_rules_out_three_years(cohort: list[LeaseRow]) -> None:
    (lease,) = (row.lease for row in cohort if row.lease.head_lease_end is not None)
    assert lease.head_lease_end is not None
    assert lease.end + timedelta(days=365) < lease.head_lease_end < lease.end + timedelta(days=3 * 365)


def test_rents_layouts_and_payment_cycles(ledger: Reading, cohort: list[LeaseRow]) -> None:
    plain = [row.lease for row in ledger.rows if not row.lease.unit.custom]
    assert {lease.unit.layout for lease in plain} == {"开间", "一居室"}
    assert all(180_000 <= lease.rent <= 520_000 for lease in plain)
    assert {row.lease.pay_cycle_months for row in cohort} == {1, 3, 6}
    assert {lease.unit.policy_type for lease in plain} == {"market", "affordable"}


def test_people_are_synthetic(ledger: Reading) -> None:
    people = [person for row in ledger.rows for person in row.people]
    assert all(person.name.endswith("示例") and person.phone.startswith("1990000") for person in people)
    assert len({row.people[0].phone for row in ledger.rows}) == 196
    assert len({row.lease.lock for row in ledger.rows}) == 196
    assert all(openid.startswith("oDemo") and len(openid) == 28 for openid in ledger.bindings.values())


async def test_comparable_rents_rise_here_and_fall_there(ledger: Reading, cohort: list[LeaseRow], store: Store) -> None:
    now = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
    await store.import_leases("yuju", ledger.rows, ledger.sha256, now)
    gaps = []
    for row in cohort:
        comps = await store.comps("yuju", row.lease, FIRST_DAY)
        if comps.count >= 3 and comps.median is not None:
            gaps.append((comps.median - row.lease.rent) / row.lease.rent)
    assert len(gaps) >= 30
    assert sum(gap > 0.02 for gap in gaps) >= 10
    assert sum(gap < -0.03 for gap in gaps) >= 10


def test_the_header_row_is_the_one_documented() -> None:
    (title, header, *_) = cells(PATH.read_bytes())
    assert "虚构" in str(title[0])
    assert tuple(header) == HEADERS
