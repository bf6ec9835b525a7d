"""Every reason the rules can give is known in Chinese, whatever stands inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import dialogs
from backend.console.reach import Sight
from backend.console.words import DeskWords, desk_words
from bot.rendering import page_environment
from bot.settings import SmsSettings
from channels.port import Trouble
from dialogs.events import Unreach
from dialogs.rungs import Rung
from tests.journeys.samples import TEMPLATES

RULES = Path(next(iter(dialogs.__path__)))
SPEAKERS = {"stay_silent": 0, "Silence": 0, "ring": 1, "_ask_stay": 1, "_ask_finance": 1}
"""Calls of the rules that take a reason, and where it stands among their arguments."""


@pytest.fixture(scope="module")
def words() -> DeskWords:
    return desk_words(page_environment(TEMPLATES))


def reasons() -> Iterator[str]:
    for path in sorted(RULES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = SPEAKERS.get(name, len(node.args))
                yield from _literal(node.args[place]) if place < len(node.args) else ()


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "offered" for part in node.values)


def test_there_are_reasons_to_know() -> None:
    assert len(set(reasons())) > 80


@pytest.mark.parametrize("reason", sorted(set(reasons())))
def test_the_reason_is_known_in_chinese(words: DeskWords, reason: str) -> None:
    shown = words.reason(reason, "zh")
    assert shown != reason, f"add it to {TEMPLATES.name}/console/words.toml"
    assert "{" not in shown
    assert words.reason(reason, "en") == reason


def test_words_inside_a_reason_are_chinese_too(words: DeskWords) -> None:
    assert words.reason("HumanAsked while offered", "zh") == "找人工，当时在“已看方案”"
    assert words.reason("call: no_answer", "zh") == "通话：未接"
    unseen = "no sign that the tenant saw a message (tried: {})"
    assert "试过：模板消息、短信" in words.reason(unseen.format("template, sms"), "zh")
    assert "试过：还没发过" in words.reason(unseen.format("nothing yet"), "zh")
    assert words.reason("12 days left, not decided", "zh") == "还剩 12 天，未决定"


REACH = {
    "rung": Rung,
    "sight": Sight,
    "failure": [*Unreach, *Trouble, "system"],
    "attempt": ["begun", "accepted", "delivered", "failed"],
    "via": SmsSettings("s", "s").vendors,
}
"""What the pages of reach name, by the section that knows it."""


@pytest.mark.parametrize(("section", "keys"), REACH.items())
def test_every_name_of_reach_is_known_in_chinese(words: DeskWords, section: str, keys: Iterable[str]) -> None:
    for key in keys:
        assert words.name(str(key), section, "zh") != str(key), f"{section}.{key}"
        assert words.name("bad_number", section, "en") == "bad number"


def test_what_nobody_translated_is_shown_as_it_is(words: DeskWords) -> None:
    assert words.reason("something new", "zh") == "something new"
    assert words.name("carrier pigeon", "channel", "zh") == "carrier pigeon"
    assert (words.name("wechat", "channel", "zh"), words.name("wechat", "channel", "en")) == ("微信", "wechat")
