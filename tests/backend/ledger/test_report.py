"""The report an office worker reads: on the screen, and as a file to work through."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from backend.ledger.checking import Problem
from backend.ledger.report import SHOWN_MAX, as_csv, harmless, summary, table
from tests.backend.ledger.sheet import GOOD, another, read

WRONG = Problem(14, "J 月租金", "面议", "看不懂这个金额", "请只写数字")


def test_one_sentence_says_what_was_found() -> None:
    vacant = {"社区": "翠苑", "房号": "1"}
    assert summary(read({**GOOD, "备注": "x"}, vacant)) == "1 份租约可导入；1 行空置房源已跳过；未使用的列：备注"
    assert summary(read({**GOOD, "门锁编号": ""})) == "1 份租约可导入；1 处提醒"
    assert summary(read(another(1, 月租金="?", 到期日="?"))) == "2 处需要修改"


def test_the_table_has_row_column_value_what_and_cure() -> None:
    shown = on_screen(WRONG)
    for word in ("14", "J 月租金", "面议", "看不懂这个金额", "请只写数字"):
        assert word in shown


def test_a_long_list_is_cut_on_the_screen_only() -> None:
    many = [WRONG] * (SHOWN_MAX + 3)
    assert "还有 3 处，见报告文件" in on_screen(*many)
    assert len(as_csv(many, []).splitlines()) == SHOWN_MAX + 4


def test_cells_cannot_colour_or_break_the_screen() -> None:
    shown = on_screen(Problem(2, "A [red]x[/]", "[/]", "[bold]", "[link=x]"))
    assert "[/]" in shown
    assert "[bold]" in shown


def test_the_file_opens_in_spreadsheets_with_its_chinese() -> None:
    raw = as_csv([WRONG], [Problem(3, "G 手机号", "199****", "没有手机号", "请补上手机号")])
    assert raw.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig")))) == [
        ["性质", "行", "列", "内容", "问题", "怎么改"],
        ["需要修改", "14", "J 月租金", "面议", "看不懂这个金额", "请只写数字"],
        ["提醒", "3", "G 手机号", "199****", "没有手机号", "请补上手机号"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    written = as_csv([Problem(2, "A 房号", cell, "x", "y")], []).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written, newline="")))[1][3] == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "HT-001", "3200", "张**", "a=b"])
def test_plain_words_are_left_alone(cell: str) -> None:
    assert harmless(cell) == cell


def on_screen(*problems: Problem) -> str:
    out = io.StringIO()
    Console(file=out, width=160).print(table("需要修改", problems))
    return out.getvalue()
