"""The season in figures: the terminal's pictures and the JSON say the same."""

from __future__ import annotations

import io

from rich.console import Console

from backend.console.report import report
from backend.db.port import FunnelRows
from bot.app import TEMPLATES
from bot.demo_report import show
from bot.demo_truth import Truth
from bot.rendering import Phrases
from dialogs.states import Milestone

ROWS = FunnelRows(
    reached={int(step): count for step, count in zip(Milestone, (10, 9, 8, 7, 7, 6, 6, 6), strict=True)},
    lost={0: {"not_reached": 1}, 1: {"price": 1}, 2: {"no_answer": 1}, 4: {"signature_missing": 1}},
    open={},
)


def shown(truth: Truth) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, report(ROWS), truth, Phrases(TEMPLATES / "messages" / "phrases.toml"))
    return console.export_text()


def test_the_funnel_the_reasons_and_the_truth_are_there() -> None:
    text = shown(Truth({"charges": 6, "charged_fen": 1_234_500}, []))
    assert "未联系上" in text
    assert "¥12,345.00" in text
    assert [line for line in text.splitlines() if "合计" in line and " 4 " in line]


def test_broken_promises_are_counted() -> None:
    text = shown(Truth({}, ["a notice reached a tenant at night"]))
    assert [line for line in text.splitlines() if "Broken promises" in line and " 1 " in line]
