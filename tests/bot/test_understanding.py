"""JSON lines in and out: every line answered under its id, a line that is none named, the others untouched."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from bot.understanding import understand_lines
from tests.house.sources import ROOT


def asked(*lines: dict[str, object] | str) -> tuple[list[dict[str, object]], str, int]:
    out, wrong = io.StringIO(), io.StringIO()
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    code = understand_lines(texts, out, wrong)
    return [json.loads(line) for line in out.getvalue().splitlines()], wrong.getvalue(), code


def test_each_line_gets_its_answer() -> None:
    answers, wrong, code = asked(
        {"id": "a", "context": "offered", "text": "选2"},
        {"id": 7, "context": "confirming", "text": "好的", "note": "other fields are left alone"},
    )
    assert [(one["id"], one["intent"], one["slots"]) for one in answers] == [
        ("a", "choose", {"option": 2}),
        (7, "confirm", {}),
    ]
    assert all(set(one) == {"id", "intent", "slots", "confidence", "why"} for one in answers)
    assert all(one["why"] and 0 < float(str(one["confidence"])) <= 1 for one in answers)
    assert (wrong, code) == ("", 0)


def test_other_proposals_come_with_the_line() -> None:
    proposals = [
        {"number": 1, "rents": [4100], "months": 6},
        {"number": 2, "rents": [3900.5], "months": 24, "gifts": ["停车位"]},
    ]
    line = {"context": "offered", "proposals": proposals}
    answers, _, _ = asked(
        {"id": 1, "text": "两年的那个", **line},
        {"id": 2, "text": "送停车位的那个", **line},
        {"id": 3, "text": "3", **line},
    )
    assert [one["slots"] for one in answers] == [{"option": 2}, {"option": 2}, {}]


def test_the_proposal_asked_about_can_be_named() -> None:
    line = {"context": "confirming", "text": "选三"}
    answers, _, _ = asked({"id": 1, "asked": 3, **line}, {"id": 2, **line})
    assert [one["intent"] for one in answers] == ["confirm", "choose"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"id": 1, "context": "lost", "text": "1"}',
        '{"id": 1, "text": "1"}',
        "[1]",
        '{"id":1,"context":"offered","text":5}',
    ],
)
def test_a_line_that_is_none_is_named_and_the_others_go_on(line: str) -> None:
    answers, wrong, code = asked(
        {"id": 1, "context": "offered", "text": "1"}, line, "", {"id": 2, "context": "offered", "text": "2"}
    )
    assert [one["id"] for one in answers] == [1, 2]
    assert wrong.startswith("line 2 is no message: ")
    assert code == 1


def test_the_command_reads_standard_input() -> None:
    line = json.dumps({"id": "x", "context": "reminded", "text": "退订"})
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "understand"], input=line, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout)["intent"] == "opt_out"
