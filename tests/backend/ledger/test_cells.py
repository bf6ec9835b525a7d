"""Every way people type a date, an amount, a phone; and what they are told when it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ledger import cells
from backend.ledger.cells import Cell, CellError

LAST = date(2026, 9, 30)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-09-30", "2026/9/30", "2026.9.30", "2026年9月30日", "2026年09月30", "20260930", 20260930, " 2026-9-30 ",
        "２０２６-０９-３０", "2026-09-30 00:00:00", "2026-09-30T00:00", 46295, 46295.0, "46295", LAST,
        datetime(2026, 9, 30, 8, 30), "\u200b2026-09-30",  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_date_in_every_shape(typed: Cell) -> None:
    assert cells.day(typed) == LAST


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("下个月底", "看不懂这个日期"),
        ("", "看不懂这个日期"),
        (None, "看不懂这个日期"),
        ("9/30", "看不懂这个日期"),
        ("2026-09-31", "日历上没有 2026-09-31 这一天"),
        ("2027-02-29", "日历上没有 2027-02-29 这一天"),
        ("0026-09-30", "26 年不合常理"),
        (date(2926, 9, 30), "2926 年不合常理"),
        (True, "看不懂这个日期"),
    ],
)
def test_a_date_that_is_none(typed: Cell, what: str) -> None:
    assert complaint(cells.day, typed) == what


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("3,200", 320000), ("￥3200.00", 320000), ("¥ 3200", 320000), ("3200元", 320000), (3200, 320000),
        (3200.5, 320050), ("３２００．５０", 320050), ("3，200.05", 320005), ("RMB3200", 320000), ("0", 0),
        (2999.9999999999995, 300000), ("3200.500", 320050),
    ],
)  # fmt: skip
def test_an_amount_in_every_shape(typed: Cell, fen: int) -> None:
    assert cells.money(typed) == fen


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("面议", "看不懂这个金额"),
        ("", "看不懂这个金额"),
        ("1e5", "看不懂这个金额"),
        ("NaN", "看不懂这个金额"),
        (float("inf"), "看不懂这个金额"),
        ("1_000", "看不懂这个金额"),
        ("9" * 400, "看不懂这个金额"),
        ("3200.005", "金额精确到分就够了"),
        ("-1", "金额不能是负数"),
        ("320000", "金额大得不合常理"),
    ],
)
def test_an_amount_that_is_none(typed: Cell, what: str) -> None:
    assert complaint(cells.money, typed) == what


@pytest.mark.parametrize(("typed", "what"), [("0", "月租金不能为 0"), ("3.2", "月租金低得不合常理")])
def test_a_rent_nobody_pays(typed: Cell, what: str) -> None:
    assert complaint(cells.rent, typed) == what


@pytest.mark.parametrize(
    "typed",
    [
        "13800000001", "138 0000 0001", "138-0000-0001", "+8613800000001", "86 138 0000 0001", "0086-13800000001",
        13800000001, 13800000001.0, "１３８００００" + "０００１", "(+86)13800000001",
    ],
)  # fmt: skip
def test_a_phone_in_every_shape(typed: Cell) -> None:
    assert cells.phone(typed) == "13800000001"


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("", "没有手机号"),
        ("1.38E+10", "手机号被 Excel 变成了科学计数法，末几位已丢失"),
        ("0571-8800000", "不是有效的 11 位手机号"),
        ("1380000000", "不是有效的 11 位手机号"),
        ("12800000001", "不是有效的 11 位手机号"),
        ("13800000001/13900000002", "不是有效的 11 位手机号"),
    ],
)
def test_a_phone_that_is_none(typed: Cell, what: str) -> None:
    assert complaint(cells.phone, typed) == what


@pytest.mark.parametrize(
    ("typed", "months"),
    [("月付", 1), ("季付", 3), ("半年付", 6), ("年付", 12), ("3", 3), (6, 6), ("", 1), ("Monthly", 1)],
)
def test_a_payment_cycle(typed: Cell, months: int) -> None:
    assert cells.cycle(typed) == months


@pytest.mark.parametrize(
    ("typed", "said"), [("是", True), ("Y", True), ("√", True), (True, True), ("否", False), (None, False)]
)
def test_yes_and_no(typed: Cell, said: bool) -> None:
    assert cells.yes(typed) is said


@pytest.mark.parametrize(
    ("read", "typed", "what"),
    [
        (cells.cycle, "周付", "看不懂付款周期"),
        (cells.cycle, "五", "看不懂付款周期"),
        (cells.cycle, "5", "看不懂付款周期"),
        (cells.yes, "大概", "应填 是 或 否"),
        (cells.whole, "-1", "应为整数"),
        (cells.whole, "1.5", "应为整数"),
    ],
)
def test_words_that_are_none_of_those_asked_for(read: Callable[[Cell], Any], typed: Cell, what: str) -> None:
    assert complaint(read, typed) == what


def test_unseen_characters_are_gone() -> None:
    assert cells.text("\u200bHT\x00-0\ufeff01\t") == "HT-001"
    assert cells.text("甲\ud800") == "甲"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.from_regex(r"[-+¥]?[0-9.,eE_ ]{1,14}元?", fullmatch=True),
)


@pytest.mark.parametrize("read", [cells.day, cells.money, cells.rent, cells.phone, cells.whole, cells.cycle, cells.yes])
@given(cell=CELLS)
def test_any_cell_is_read_or_complained_of(read: Callable[[Cell], Any], cell: Cell) -> None:
    try:
        read(cell)
    except CellError as fault:
        told = (fault.what, fault.cure)
    else:
        told = ("nothing", "nothing")
    assert all(told)


def complaint(read: Callable[[Cell], Any], typed: Cell) -> str:
    with pytest.raises(CellError) as caught:
        read(typed)
    return caught.value.what
