"""The parts below the recogniser: normal form, numbers, clauses, mentions, wishes, and the rows of the rules."""

from __future__ import annotations

import pytest

from dialogs.money import yuan
from dialogs.understanding import agreement, choice, clauses, lexicon, options
from dialogs.understanding.normalise import LONGEST, normalise
from dialogs.understanding.numerals import amounts, value
from dialogs.understanding.port import INTENTS, Context
from dialogs.understanding.recognise import VOICES
from dialogs.understanding.rules import asking, leaving, people, rule, terms, trouble, waiting
from dialogs.understanding.script import simplified
from dialogs.understanding.wishes import instalments_wished, months_wished, price_wish, rent_wished

from .before import THREE


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("②", "2"),
        ("２号", "2号"),
        ("確定", "确定"),
        ("第二種", "第二种"),
        ("方案而", "方案二"),
        ("xuan san", "选三"),
        ("OK", "ok"),
        ("\u202e选\u200f二\x00", "选二"),
        ("👌🏻", "👌"),
        ("好\n\t的", "好 的"),
    ],
)
def test_one_thing_is_written_one_way(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_a_long_message_is_read_at_both_ends() -> None:
    assert len(normalise("字" * 10_000)) <= 2 * LONGEST
    assert normalise("头" + "字" * 10_000 + "尾").endswith("尾")


def test_no_private_signs_come_in_from_outside() -> None:
    assert normalise(chr(options.STRONG + 2)) == ""


def test_traditional_signs_become_simplified() -> None:
    assert simplified("我要續約，鑰匙喺邊度攞") == "我要续约，钥匙在边度拿"
    assert simplified("第二種啦唔該晒") == "第二种啦不该晒"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3180", 3180),
        ("3k", 3000),
        ("三千一", 3100),
        ("一百五", 150),
        ("三二五零", 3250),
        ("2千8", 2800),
        ("十五", 15),
        ("3.2k", 3200),
        ("一千零五", 1005),
        ("一两百", None),
        ("千万", None),
        ("9" * 12, None),
    ],
)
def test_numbers_as_written(written: str, number: float | None) -> None:
    assert value(written) == number


def test_amounts_keep_their_place() -> None:
    assert [(one.value, one.written) for one in amounts("3300贵了 三千二吧")] == [(3300, "3300"), (3200, "三千二")]


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("打九折", {"discount_pct": 10}),
        ("95折", {"discount_pct": 5}),
        ("便宜5%", {"discount_pct": 5}),
        ("少一百五", {"discount": 150}),
        ("降到三千一", {"target_rent": 3100}),
        ("隔壁才3000", {}),
        ("便宜一两百", {}),
        ("3300太贵了", {}),
        ("免一个月", {}),
    ],
)
def test_what_price_is_asked_for(words: str, wish: dict[str, int]) -> None:
    assert price_wish(words, THREE) == wish


def test_a_discount_is_counted_from_a_proposal() -> None:
    assert rent_wished({"discount": 100}, THREE[1]) == yuan(3200)
    assert rent_wished({"discount_pct": 10}, THREE[0]) == yuan(2880)
    assert rent_wished({"target_rent": 3000}, None) == yuan(3000)
    assert rent_wished({"discount": 100}, None) is None
    assert rent_wished({}, THREE[0]) is None


@pytest.mark.parametrize(
    ("words", "months"),
    [
        ("半年", 6),
        ("两年", 24),
        ("八个月", 8),
        ("一年半", 18),
        ("免一个月", None),
        ("半年或者一年", None),
        ("99年", None),
    ],
)
def test_what_length_is_asked_for(words: str, months: int | None) -> None:
    assert months_wished(words) == months


def test_in_how_many_parts() -> None:
    assert instalments_wished("拆成3笔") == 3
    assert instalments_wished("分期") is None


def test_a_mention_becomes_one_sign() -> None:
    marked = options.mark("第二个和最后那个", THREE)
    assert [options.number_of(sign) for sign in marked if ord(sign) >= options.STRONG] == [2, 3]
    assert choice.mentions("前两个都不要", THREE) == {1, 2}


def test_a_pick_explains_itself() -> None:
    found = choice.chosen("要2不要1", Context.OFFERED, THREE)
    assert found is not None
    assert found.number == 2
    assert "option 2" in found.why
    assert choice.chosen("要2不要1", Context.PAYING, THREE) is None


def test_a_yes_explains_itself() -> None:
    assert agreement.agreed("没问题", Context.CONFIRMING) == "nothing but words of agreement"
    assert agreement.agreed("没问题", Context.OFFERED) is None


def test_clauses_and_what_they_take_away() -> None:
    assert clauses.split("选二,谢谢。在哪签?") == ["选二", "谢谢", "在哪签?"]
    assert clauses.harmless("在哪签?")
    assert not clauses.harmless("如果便宜点")


def test_no_word_of_the_lists_is_a_refusal() -> None:
    no_but_yes = {"不用", "不要再催", "别", "不改", "不换", "不后悔", "没", "无误", "不是说了", "不是都说了"}
    no_but_yes |= {"错不了", "无异议", "冇问题", "不变", "不反悔", "不会反悔", "不会后悔"}
    for word in (*lexicon.FILLERS, *lexicon.WILL, *lexicon.YES, *lexicon.BESIDE_YES):
        if any(sign in word for sign in "不没别无冇"):
            assert any(word.startswith(one) or one in word for one in no_but_yes), word


def test_longer_words_are_tried_first() -> None:
    assert lexicon.any_of(["a", "abc", "ab"]) == "abc|ab|a"


def test_the_rows_never_act() -> None:
    rows = (*people.INJECTED, *people.STOPPING, *VOICES)
    assert {row.intent for row in rows} <= INTENTS - {"choose", "confirm"}
    assert all(row.why for row in rows)


@pytest.mark.parametrize(
    ("rows", "words", "intent"),
    [
        (people.STOPPING, "td", "opt_out"),
        (people.STRANGERS, "你打错了,认错人了", "wrong_person"),
        (trouble.REPAIRS, "马桶堵了", "repair"),
        (terms.CHANGES, "短租", "request_change"),
        (asking.TERMS, "押金多少", "ask_terms"),
        (waiting.SMALL_TALK, "你好", "greet"),
        (leaving.LEAVERS, "不续了", "decline"),
    ],
)
def test_each_chapter_speaks(rows: tuple[rule.Rule, ...], words: str, intent: str) -> None:
    row = rule.first(words, Context.OFFERED, rows)
    assert row is not None
    assert row.intent == intent


def test_the_first_cause_counts() -> None:
    assert leaving.reason_of("换工作了,离公司太远") == "job"
    assert leaving.reason_of("太贵,还吵") == "price"
    assert leaving.reason_of("走了") == "unknown"
