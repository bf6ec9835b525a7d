"""What sounds like a yes or a choice and is none: parts of words, tags that ask, conditions, hearsay, leanings."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs.understanding.port import Context
from dialogs.understanding.recognise import understand

from .before import before

HERE = Path(__file__).parent
ACTS = {"choose", "confirm"}


def lines(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", lines("no_yes.txt"))
def test_no_yes_to_the_pending_question(text: str) -> None:
    said = understand(text, Context.CONFIRMING, before(Context.CONFIRMING))
    assert said.intent not in ACTS, said.why


@pytest.mark.parametrize("text", lines("no_choice.txt"))
@pytest.mark.parametrize("context", [Context.OFFERED, Context.SIGNING])
def test_no_choice_among_the_offers(text: str, context: Context) -> None:
    said = understand(text, context, before(context))
    assert said.intent not in ACTS, said.why


@pytest.mark.parametrize("text", sorted({*lines("no_yes.txt"), "好的", "确定", "嗯", "没错", "👌"}))
@pytest.mark.parametrize("context", [context for context in Context if context is not Context.CONFIRMING])
def test_without_a_question_nothing_is_a_yes(text: str, context: Context) -> None:
    assert understand(text, context, before(context)).intent != "confirm"
