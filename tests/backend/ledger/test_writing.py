"""What the ERP gets: text cells, no formulas, whole files, and totals to check them by."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from backend.db.port import RenewedLease
from backend.ledger.writing import TITLES, write
from dialogs.money import yuan

EVIL = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx")


def renewed(no: str = "000123", community: str = "翠苑", rent: str = "3200.50") -> RenewedLease:
    return RenewedLease(
        lease_no=no,
        next_lease_no=f"{no}-2610",
        operator="yuju",
        community=community,
        room="3幢0501",
        start=date(2026, 10, 11),
        end=date(2027, 10, 10),
        rent=yuan(rent),
        deposit=yuan(3200),
        signed_at=datetime(2026, 9, 20, 4, 5, 6, tzinfo=UTC),
        contract_sha256="ab" * 32,
        envelope="env-1",
    )


def rows_of(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    page = load_workbook(path).worksheets[0]
    return [[str(cell.value) for cell in row] for row in page.iter_rows()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_line_of_the_export(tmp_path: Path, form: str) -> None:
    write(tmp_path / f"out.{form}", [renewed()], form)
    assert rows_of(tmp_path / f"out.{form}") == [
        list(TITLES),
        [
            "000123", "000123-2610", "翠苑", "3幢0501", "2026-10-11", "2027-10-10", "3200.50", "3200",
            "2026-09-20T04:05:06+00:00", "ab" * 32, "env-1",
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_formulas_are_neutralised(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"out.{form}"
    write(path, [renewed(community=cell) for cell in EVIL], form)
    communities = [row[2] for row in rows_of(path)[1:]]
    assert [cell.replace("_x000D_", "\r").replace("\r\n", "\r").replace("\n", "\r") for cell in communities] == [
        f"'{cell}" for cell in EVIL
    ]


def test_every_cell_of_a_workbook_is_text(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    write(path, [renewed(), renewed("=1")], "xlsx")
    assert {cell.data_type for row in load_workbook(path).worksheets[0].iter_rows() for cell in row} == {"s"}


def test_totals_stand_beside(tmp_path: Path) -> None:
    totals = write(tmp_path / "out.csv", [renewed(), renewed("2", rent="1000")], "csv")
    assert totals == tmp_path / "out.csv.totals.json"
    assert json.loads(totals.read_text()) == {"rows": 2, "monthly_rent_fen": 420050}


def test_nothing_renewed_is_a_file_too(tmp_path: Path) -> None:
    totals = write(tmp_path / "out.csv", [], "csv")
    assert rows_of(tmp_path / "out.csv") == [list(TITLES)]
    assert json.loads(totals.read_text()) == {"rows": 0, "monthly_rent_fen": 0}


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write(path, [renewed("1")], "csv")
    with path.open("rb") as reader:
        write(path, [renewed("2")], "csv")
        assert b"1-2610" in reader.read()
    assert b"2-2610" in path.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.csv", "out.csv.totals.json"]


def test_a_form_we_do_not_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pdf 不支持"):
        write(tmp_path / "out.pdf", [], "pdf")
    assert list(tmp_path.iterdir()) == []
