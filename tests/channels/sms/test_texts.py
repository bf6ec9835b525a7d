"""Our own texts pass the vendors' rules in one segment each; refusals are marks, and only marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.port import Trouble
from channels.sms.carriers import failure_of
from channels.sms.config import TEXTS
from channels.sms.errors import refusal
from channels.sms.optout import is_opt_out
from channels.sms.segments import segments
from channels.sms.wording import Texts

FILE = Path(__file__).parents[3] / "templates" / "messages" / "sms.toml"
VALUES = {"reminder": {"day": "10月12日", "code": "ABCD2345"}, "progress": {"code": "ABCD2345"}}
VALUES |= {"answer": {"code": "ABCD2345"}, "code": {"code": "123456"}}


@pytest.fixture(params=["path_var", "code_only"])
def texts(request: pytest.FixtureRequest) -> Texts:
    return Texts(FILE, "寓居生活", "https://h5.example.cn", request.param)


def test_each_text_is_one_segment_and_breaks_no_rule(texts: Texts) -> None:
    assert texts.complaints() == []
    for name in TEXTS:
        shown = texts.shown(name, VALUES[name])
        assert shown.startswith("【寓居生活】")
        assert "${" not in shown
        assert segments(shown) == 1, shown


def test_values_that_are_not_the_texts_own_are_refused(texts: Texts) -> None:
    for values in ({}, {"code": "A", "name": "陈"}, {"day": "10月2日"}, {"code": ""}, {"code": "x" * 36}):
        with pytest.raises(ValueError, match="SMS text"):
            texts.shown("progress", values)
    assert list(texts.ordered("reminder", {"code": "A", "day": "B"})) == ["day", "code"]


def test_a_text_a_vendor_would_refuse_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "sms.toml"
    lines = [f'[{name}]\npath_var = "您好"\ncode_only = "您好"' for name in TEXTS[1:]]
    bad.write_text('[reminder]\npath_var = "优惠${code}${name}${code}"\ncode_only = ""\n' + "\n".join(lines))
    found = Texts(bad, "寓", "https://h5.example.cn", "path_var").complaints()
    assert found == [
        "reminder: holds 优惠",
        "reminder: a variable stands twice",
        "reminder: two variables touch",
        "reminder: name may not be said by SMS",
    ]


@pytest.mark.parametrize(("length", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (500, 8)])
def test_segments(length: int, count: int) -> None:
    assert segments("字" * length) == count


@pytest.mark.parametrize("length", [0, 501])
def test_what_no_vendor_takes(length: int) -> None:
    with pytest.raises(ValueError, match="500"):
        segments("字" * length)


@pytest.mark.parametrize("text", ["R", "r", " td ", "ＴＤ", "T。", "退订", "拒收！", "【退订】"])
def test_marks_of_refusal(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize("text", ["N", "取消", "不要", "不续了", "TD吗", "1", "", "退订续租", "好的R"])
def test_other_words_are_no_refusal(text: str) -> None:
    assert not is_opt_out(text)


def test_carriers_words_and_vendors_codes() -> None:
    assert [failure_of(word) for word in ("MK:0001", "mi:0210 ", "UNDELIV", "EXPIRED", "new")] == [
        "bad_number", "bad_number", "unreachable", "unreachable", "unreachable",
    ]  # fmt: skip
    kinds = [
        refusal(code, "").kind
        for code in ("isv.MOBILE_NUMBER_ILLEGAL", "isv.AMOUNT_NOT_ENOUGH", "isv.SMS_SIGN_ILLEGAL", "anything")
    ]
    assert kinds == [Trouble.BAD_NUMBER, Trouble.QUOTA, Trouble.CONFIG, Trouble.CONFIG]
