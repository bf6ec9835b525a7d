"""Our own traps, walls of text and other tricks: what must never be taken as an act."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.understanding.port import INTENTS, Context
from dialogs.understanding.recognise import understand

from .before import THREE, before

HERE = Path(__file__).parent
ACTS = {"choose", "confirm"}


TRAPS = [line.split("\t") for line in (HERE / "traps.tsv").read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("context", "text", "intents", "slot"), TRAPS, ids=[f"{row[0]}:{row[1]}" for row in TRAPS])
def test_our_own_sentences(context: str, text: str, intents: str, slot: str) -> None:
    said = understand(text, Context(context), before(Context(context)))
    assert said.intent in intents.split(","), said
    if slot:
        assert slot in {str(value) for value in said.slots.values()}, said


@pytest.mark.parametrize("context", list(Context))
def test_without_an_offer_nothing_is_chosen(context: Context) -> None:
    assert understand("选方案二", context, ()).intent != "choose"


def test_the_options_come_as_arguments() -> None:
    assert understand("选3", Context.OFFERED, THREE[:2]).intent == "other"
    assert understand("最后一个", Context.OFFERED, THREE[:2]).slots == {"option": 2}
    assert understand("锁三年那个", Context.OFFERED, THREE[:2]).intent != "choose"


JUNK = st.one_of(
    st.text(max_size=400),
    st.text(
        alphabet="的了是我在有和就不人都一二三123好确定选要吗?如果老公说明天 ,。😀👍\u200f\u202e\x00\ufe0f", max_size=60
    ),
)


@settings(max_examples=300, deadline=None)
@given(JUNK, st.sampled_from(list(Context)))
def test_any_text_gets_a_known_intent(text: str, context: Context) -> None:
    assert understand(text, context, before(context)).intent in INTENTS


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="天气水果篮球电影早餐书包山河云雨qwz@#&", min_size=1, max_size=40), st.sampled_from(list(Context))
)
def test_words_about_nothing_are_no_act(text: str, context: Context) -> None:
    assert understand(text, context, before(context)).intent not in ACTS


TAKES_AWAY = (
    "{}吗?",
    "如果便宜点就{}",
    "老公说{}",
    "{}?",
    "明天再{}",
    "可能{}",
    "“{}”",
    "我不{}",
    "{}的话押金多少",
    "还没{}",
    "不想{}",
)


@pytest.mark.parametrize("frame", TAKES_AWAY)
@pytest.mark.parametrize("act", ["选二", "选第三个", "确定", "要1", "选方案2"])
@pytest.mark.parametrize("context", [Context.OFFERED, Context.CONFIRMING])
def test_what_takes_an_acceptance_away(frame: str, act: str, context: Context) -> None:
    assert understand(frame.format(act), context, before(context)).intent not in ACTS


@pytest.mark.parametrize(
    "text",
    [
        "选二" * 5000,
        "好" * 10_000,
        "\u202e\u200f" * 5000 + "2",
        "😀" * 10_000,
        "1不要" * 3000,
        "(((((" * 2000,
        "9" * 10_000,
        "\x00" * 10_000,
        "好的" + "…" * 190 + "才怪",
    ],
    ids=["choices", "yes", "marks", "emoji", "refusals", "brackets", "digits", "zeros", "dots"],
)
def test_walls_of_text_cost_little_and_do_nothing(text: str) -> None:
    understand("1", Context.CONFIRMING, before(Context.CONFIRMING))
    started = time.perf_counter()
    said = understand(text, Context.CONFIRMING, before(Context.CONFIRMING))
    assert time.perf_counter() - started < 0.5
    assert said.intent not in ACTS
