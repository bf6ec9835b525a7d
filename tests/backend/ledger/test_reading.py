"""Whole files: what is kept, skipped and refused; and that nothing can be sent that is not answered."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger.headers import LedgerError
from backend.ledger.reading import Reading, read_ledger
from tests.backend.ledger.sheet import GOOD, OPERATOR, TODAY, another, as_csv, as_xlsx, read, sheet


def test_the_same_ledger_in_every_form_is_the_same() -> None:
    table = sheet(another(1, 微信openid="oDemo1"), another(2))
    forms = [as_csv(table), as_csv(table, "utf-8-sig", ";"), as_csv(table, "gb18030", "\t"), as_xlsx(table)]
    readings = [read_ledger(raw, "台账", OPERATOR, TODAY) for raw in forms]
    assert len({reading.rows for reading in readings}) == 1
    assert [reading.sha256 for reading in readings] == [hashlib.sha256(raw).hexdigest() for raw in forms]


def test_english_headers() -> None:
    names = {
        "合同编号": "Lease No.", "社区": "Community", "楼栋": "Building", "房号": "Room", "户型": "Layout",
        "租客姓名": "Tenant", "手机号": "Mobile", "起租日": "Start date", "到期日": "End date",
        "月租金": "Monthly rent (CNY)", "应收押金": "Deposit due", "已收押金": "Deposit held", "门锁编号": "Lock ID",
    }  # fmt: skip
    header, *rows = sheet(GOOD)
    raw = as_csv([[names[name].replace(".", "") for name in header], *rows])
    assert read_ledger(raw, "ledger.csv", OPERATOR, TODAY).rows == read(GOOD).rows


def test_a_title_above_the_header_and_rows_numbered_as_shown() -> None:
    raw = as_xlsx([["寓居生活 租约台账"], [], *sheet({**GOOD, "月租金": "面议"})])
    (problem,) = read_ledger(raw, "台账.xlsx", OPERATOR, TODAY).problems
    assert (problem.row, problem.column, problem.value) == (4, "J 月租金", "面议")


def test_vacant_flats_are_counted_and_unknown_columns_named() -> None:
    found = read({**GOOD, "备注": ""}, {"社区": "翠苑", "楼栋": "3幢", "房号": "0502", "备注": "空置"})
    assert (len(found.rows), found.vacant, found.ignored) == (1, 1, ("备注",))


def test_bindings_go_by_person() -> None:
    found = read(another(1, 微信openid="oDemo1"), another(2))
    assert found.bindings == {found.rows[0].lease.tenant.id: "oDemo1"}


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        ("你好\n世界\n".encode(), "没有找到表头"),
        (as_csv(sheet(GOOD)[:1]), "表头下面没有任何租约"),
        (as_csv([["合同编号", "房号", "到期日"], ["1", "2", "3"]]), "缺少必填列：社区"),
    ],
    ids=["no header", "no lease", "too few columns"],
)
def test_a_file_that_is_no_ledger(raw: bytes, what: str) -> None:
    with pytest.raises(LedgerError, match=what):
        read_ledger(raw, "台账.csv", OPERATOR, TODAY)


def test_a_formula_is_read_as_what_it_came_to() -> None:
    """Without a value saved beside it a formula is nothing, and the cell is complained of."""
    found = read_ledger(as_xlsx(sheet({**GOOD, "月租金": "=1600*2"})), "台账.xlsx", OPERATOR, TODAY)
    assert [one.column for one in found.problems] == ["J 月租金"]


def test_two_thousand_flats() -> None:
    raw = as_xlsx(sheet(*(another(number) for number in range(1, 2001))))
    found = read_ledger(raw, "台账.xlsx", OPERATOR, TODAY)
    assert (len(found.rows), found.problems, found.warnings) == (2000, (), ())
    assert len({row.lease.tenant.id for row in found.rows}) == 2000


JUNK = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=400).map(lambda tail: b"PK\x03\x04" + tail),
    st.text(max_size=400).map(str.encode),
    st.text(max_size=200).map(lambda text: text.encode("utf-16", "ignore")),
)
CELL = st.one_of(st.sampled_from([str(value) for value in GOOD.values()]), st.text(max_size=20), st.dates().map(str))


@given(raw=JUNK)
def test_junk_is_refused_in_words(raw: bytes) -> None:
    answered(raw)


@given(rows=st.lists(st.lists(CELL, max_size=len(GOOD) + 2), max_size=6))
def test_junk_under_good_headers_is_answered_line_by_line(rows: list[list[str]]) -> None:
    answered(as_csv([[*GOOD, "欠费金额", "共同承租人"], *rows], "utf-8"))


@given(at=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_damaged_workbook_is_answered(at: int, byte: int) -> None:
    raw = bytearray(WORKBOOK)
    raw[at % len(raw)] = byte
    answered(bytes(raw))


WORKBOOK = as_xlsx(sheet(GOOD))


def answered(raw: bytes) -> None:
    """A reading that adds up, or an error in words; never anything else."""
    try:
        found: Reading | str = read_ledger(raw, "台账", OPERATOR, date(2026, 9, 1))
    except LedgerError as wrong:
        found = str(wrong)
    assert found
    if isinstance(found, Reading):
        assert all(one.row > 1 and one.what and one.cure for one in found.problems)
        assert found.rows or found.problems
