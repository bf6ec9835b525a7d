"""The phones: what each shows and when, who has refused, and what a vendor's truth says of it all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.sandbox.handsets import Handsets, Line, Sms
from backend.sandbox.sms_carrier import Carrier, Template, segments
from backend.sandbox.sms_faults import Post
from backend.sandbox.sms_truth import truth
from backend.sandbox.wechatpay_faults import Troubles

MORNING = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
ONE, TWO = "13800000001", "13800000002"


def sms(at: datetime = MORNING, phone: str = ONE, template: str = "SMS_reminder", shown: bool = True) -> Sms:
    return Sms(at, "aliyun", phone, template, "【寓居生活】您的租约将到期", 1, shown)


def test_a_phone_shows_its_own_messages_in_order_and_hides_what_failed() -> None:
    phones = Handsets()
    first, second = sms(), sms(MORNING + timedelta(hours=1))
    for one in (first, sms(shown=False), sms(phone=TWO), second):
        phones.take(one)
    assert phones.inbox(ONE) == [first, second]
    assert phones.inbox("13800000009") == []
    assert len(list(phones.taken())) == 4


def test_a_number_is_good_until_it_is_wired_otherwise() -> None:
    phones = Handsets()
    assert phones.line(ONE) is Line.GOOD
    phones.wire(ONE, Line.DEAD)
    assert (phones.line(ONE), phones.line(TWO)) == (Line.DEAD, Line.GOOD)


def test_a_slow_phone_shows_it_hours_later_when_the_receipt_says_so() -> None:
    phones = Handsets()
    phones.wire(ONE, Line.SLOW)
    outcome, pushes = Carrier("aliyun", phones, lambda: MORNING, Troubles(), 7).submit(ONE, "SMS_1", "到期")
    assert (outcome.delivered, outcome.word, pushes) == (True, "DELIVRD", [outcome.at])
    assert timedelta(hours=1) <= outcome.at - MORNING <= timedelta(hours=3)
    assert phones.inbox(ONE, MORNING) == phones.inbox(ONE, outcome.at - timedelta(seconds=1)) == []
    assert phones.inbox(ONE, outcome.at) == phones.inbox(ONE)
    assert [one.text for one in phones.inbox(ONE)] == ["到期"]


@pytest.mark.parametrize(
    ("line", "word", "least", "most"),
    [
        (Line.GOOD, "DELIVRD", timedelta(seconds=2), timedelta(seconds=90)),
        (Line.DEAD, "MK:0001", timedelta(seconds=2), timedelta(seconds=90)),
        (Line.OFF, "EXPIRED", timedelta(hours=4), timedelta(hours=4)),
    ],
)
def test_what_a_line_is_decides_word_and_hour(line: Line, word: str, least: timedelta, most: timedelta) -> None:
    phones = Handsets()
    phones.wire(ONE, line)
    outcome, _ = Carrier("tencent", phones, lambda: MORNING, Troubles(), 1).submit(ONE, "1110", "到期")
    assert (outcome.word, outcome.delivered) == (word, line is Line.GOOD)
    assert least <= outcome.at - MORNING <= most
    assert len(phones.inbox(ONE)) == outcome.delivered


def test_the_same_seed_plays_the_same_troubles() -> None:
    def played(seed: int) -> list[list[datetime]]:
        post = Troubles({Post.TWICE: 0.3, Post.LATE: 0.3, Post.LOST: 0.3}, seed)
        carrier = Carrier("aliyun", Handsets(), lambda: MORNING, post, seed)
        return [carrier.submit(ONE, "SMS_1", "到期")[1] for number in range(30)]

    assert played(3) == played(3) != played(4)
    assert {len(pushes) for pushes in played(3)} == {0, 1, 2}


@pytest.mark.parametrize("text", ["R", "r", "TD", "t", "退订", " 退订。", "Ｔ Ｄ", "拒收!"])
def test_a_mark_of_refusal_is_the_whole_text(text: str) -> None:
    phones = Handsets()
    phones.writes(ONE, text, MORNING)
    assert phones.refused() == {ONE}


@pytest.mark.parametrize("text", ["N", "不要", "取消", "退订吗", "TDR", "2", ""])
def test_other_words_refuse_nothing(text: str) -> None:
    phones = Handsets()
    phones.writes(ONE, text, MORNING)
    assert phones.refused() == set()


def test_what_is_taken_after_a_refusal_is_known_from_the_first_refusal_on() -> None:
    phones, after = Handsets(), sms(MORNING + timedelta(minutes=2))
    phones.take(sms())
    phones.writes(ONE, "TD", MORNING + timedelta(minutes=1))
    phones.writes(ONE, "TD", MORNING + timedelta(hours=1))
    phones.take(after)
    phones.take(sms(MORNING + timedelta(minutes=2), TWO))
    assert phones.after_refusal() == [after]


def test_the_truth_counts_and_names_what_should_not_have_been() -> None:
    phones, night = Handsets(), MORNING + timedelta(hours=10)
    for one in (sms(), sms(phone=TWO, shown=False), sms(night), sms(night, template="SMS_code")):
        phones.take(one)
    phones.take(Sms(MORNING, "tencent", TWO, "1110", "到期", 2, True))
    phones.refuses(ONE, MORNING)
    said = truth(phones, "aliyun", answers=("SMS_code",))
    assert (said.sent, said.delivered, said.failed, said.segments) == (4, 3, 1, 4)
    assert {hour: count for hour, count in enumerate(said.by_hour) if count} == {10: 2, 20: 2}
    assert said.after_refusal == said.at_night == (sms(night),)
    other = truth(phones, "tencent")
    assert (other.sent, other.delivered, other.segments, other.after_refusal) == (1, 1, 2, ())


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3)])
def test_the_carriers_count_of_segments(length: int, parts: int) -> None:
    assert segments("租" * length) == parts


def test_an_approved_text_is_filled_by_name_and_by_number() -> None:
    named, numbered = Template("到期${day}，编码${code}"), Template("到期{1}，编码{2}")
    assert (named.variables, numbered.variables) == (["day", "code"], ["1", "2"])
    assert named.filled({"day": "10月2日", "code": "{1}"}) == "到期10月2日，编码{1}"
    assert numbered.filled({"1": "${2}", "2": "B"}) == "到期${2}，编码B"
