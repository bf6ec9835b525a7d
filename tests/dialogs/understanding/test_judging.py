"""The statistical part: what it looks at, how it weighs, and that it has no say about an act."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.understanding.features import features
from dialogs.understanding.kinds import KINDS, kinds_in, pairs_of
from dialogs.understanding.port import INTENTS, Context
from dialogs.understanding.recognise import RULED, VOICES, understand, understood_as
from dialogs.understanding.rules.broad import BROAD
from dialogs.understanding.rules.causes import CAUSES, causes_in
from dialogs.understanding.rules.topics import TOPICS, topic_of
from dialogs.understanding.weights import Head, Weights, shipped, written

from .before import THREE, before


def test_the_weights_know_every_intent_but_the_acts() -> None:
    assert set(shipped().head.classes) == INTENTS - RULED


def test_a_table_is_read_as_it_was_written() -> None:
    head = Head(("deny", "thanks"), 0.5, (0.25, -0.25), "mark")
    weights = Weights(written(head, {"谢": (-127, 127), "不\t了": (3, -4)}))
    assert weights.head == head
    told = weights.judge({"谢", "nobody knows this"})
    assert [one.intent for one in told] == ["thanks", "deny"]
    assert math.isclose(sum(one.probability for one in told), 1)
    assert weights.strongest({"谢"}, "thanks") == ["谢"]
    assert weights.strongest({"不\t了"}, "deny") == ["不\t了"]


def test_without_a_known_feature_only_the_bias_speaks() -> None:
    weights = Weights(written(Head(("deny", "thanks"), 1.0, (1.0, 0.0), ""), {}))
    assert weights.judge(set())[0].intent == "deny"


def test_numbers_options_and_ends_are_signs() -> None:
    seen = features("选方案88行吗", Context.OFFERED, ["asks"])
    assert {"=asks", "offered=asks", "offered", "asks", "^选", "¢行"} <= seen
    assert not [one for one in seen if "88" in one]
    assert {"¥吧", "Ⓜ"} <= features("两千九吧 签半年", Context.OFFERED, [])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(list(Context)))
def test_whatever_is_judged_is_no_act(text: str, context: Context) -> None:
    said = understand(text, context, before(context))
    assert said.intent not in RULED or "likeliest" not in said.why
    assert said.why
    assert 0 < said.confidence <= 1


@pytest.mark.parametrize("intent", sorted(RULED))
def test_nobody_else_may_give_an_act(intent: str) -> None:
    with pytest.raises(ValueError, match=intent):
        understood_as(intent, "选2", THREE)


def test_what_somebody_else_recognised_gets_our_slots() -> None:
    assert understood_as("negotiate", "三千一行不", THREE).slots == {"target_rent": 3100}
    assert understood_as("defer", "下周三晚上再说", THREE).slots == {"when": "下周三晚上"}
    assert understood_as("ask_terms", "押金退吗", THREE).topic == "deposit"


def test_kinds_are_named_once_and_paired() -> None:
    assert kinds_in("空调坏了") == ["thing", "broken"]
    assert list(pairs_of(["a", "b", "c"])) == ["a+b", "a+c", "b+c"]
    assert len(KINDS) == len(set(KINDS))


def test_every_rule_of_the_ballot_explains_itself() -> None:
    assert all(row.why and row.intent not in RULED for row in VOICES)
    assert VOICES[-len(BROAD) :] == BROAD, "loose hints speak last"


@pytest.mark.parametrize(
    ("words", "intent", "topic"),
    [
        ("押金怎么退", "ask_terms", "deposit"),
        ("能开专票吗", "ask_terms", "invoice"),
        ("可以养猫吗", "ask_terms", "living"),
        ("提前退租要赔吗", "ask_terms", "leaving"),
        ("水费谁付", "ask_terms", "charges"),
        ("季付可以吗", "ask_terms", "cycle"),
        ("合同几号到期", "ask_terms", "dates"),
        ("居住证能办吗", "ask_terms", "papers"),
        ("指纹要重录吗", "ask_process", "lock"),
        ("在哪签", "ask_process", "signing"),
        ("怎么付款", "ask_process", "paying"),
        ("然后呢", "ask_process", "process"),
        ("这里写的是啥", "ask_terms", "terms"),
        ("券能用多久", "ask_offer", "gift"),
        ("哪个好", "ask_offer", ""),
        ("押金不退我就走", "negotiate", ""),
    ],
)
def test_a_question_has_a_topic(words: str, intent: str, topic: str) -> None:
    assert topic_of(words, intent) == topic
    assert not topic or topic in {one.name for one in TOPICS} | {"terms", "process"}


def test_causes_come_in_the_order_they_are_named() -> None:
    assert causes_in("换了工作,这边太远") == ["job", "location"]
    assert causes_in("我妈") == ["family"]
    assert causes_in("再会") == []
    assert len(CAUSES) == 9
