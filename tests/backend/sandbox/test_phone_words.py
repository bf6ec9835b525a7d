"""What a phone makes tappable, how it writes time, and where the clock's buttons lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.sandbox.phone_acts import next_morning
from backend.sandbox.phone_words import Piece, card_lines, day_ahead, day_words, pieces, safe_url, time_words

NOW = datetime(2026, 9, 12, 0, 40, tzinfo=UTC)


def test_links_and_menu_words_are_tappable_and_the_rest_is_not() -> None:
    text = (
        "看这里：https://x.example/r/a?b=1。或者\n"
        '<a href="weixin://bizmsgmenu?msgmenucontent=1%2E 满意&msgmenuid=7.1.1">1. 满意 &amp; 好</a>\n<a href="https://x.example/p">网页</a>'
    )
    assert pieces(text) == [
        Piece("看这里："),
        Piece("https://x.example/r/a?b=1", url="https://x.example/r/a?b=1"),
        Piece("。或者\n"),
        Piece("1. 满意", item="7.1.1"),
        Piece("\n"),
        Piece("网页", url="https://x.example/p"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="javascript:alert(1)">点我</a>',
        '<a href="data:text/html,x">点我</a>',
        '<a href="weixin://dl/x">点我</a>',
    ],
)
def test_an_anchor_that_leads_nowhere_known_is_plain_words(text: str) -> None:
    assert pieces(text) == [Piece("点我")]


def test_a_menu_link_without_an_id_says_its_words() -> None:
    assert pieces('<a href="weixin://bizmsgmenu?msgmenucontent=好">好</a>') == [Piece("好")]
    assert pieces("") == []


def test_only_web_addresses_are_followed() -> None:
    assert safe_url("https://x.example/") == "https://x.example/"
    assert safe_url("javascript:alert(1)") == safe_url("") == safe_url("//x.example") == ""


def test_a_card_has_names_and_values() -> None:
    assert card_lines("到期日：2026年10月12日\n\n 续租方案 · 已备好 \n这一整句话太长不像名字：真的") == [
        ("到期日", "2026年10月12日"),
        ("", "续租方案 · 已备好"),
        ("", "这一整句话太长不像名字：真的"),
    ]


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(0), "08:40"),
        (timedelta(hours=8, minutes=40), "00:00"),
        (timedelta(hours=8, minutes=41), "昨天 23:59"),
        (timedelta(days=3), "星期三 08:40"),
        (timedelta(days=7), "9月5日 08:40"),
        (timedelta(days=300), "2025年11月16日 08:40"),
    ],
)
def test_time_is_written_as_wechat_writes_it(ago: timedelta, words: str) -> None:
    assert time_words(NOW - ago, NOW) == words


def test_a_day_has_its_weekday() -> None:
    assert day_words(NOW) == "9月12日 周六"
    assert day_words(NOW + timedelta(hours=16)) == "9月13日 周日"


def test_what_is_to_come_is_today_tomorrow_or_a_date() -> None:
    hours = (15, 16, 40)
    assert [day_ahead(NOW + timedelta(hours=one), NOW) for one in hours] == ["今天", "明天", "9月14日"]


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (NOW, datetime(2026, 9, 12, 1, 30, tzinfo=UTC)),
        (datetime(2026, 9, 12, 1, 30, tzinfo=UTC), datetime(2026, 9, 13, 1, 30, tzinfo=UTC)),
        (datetime(2026, 9, 12, 17, 0, tzinfo=UTC), datetime(2026, 9, 13, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_next_half_past_nine_is_shanghais(now: datetime, morning: datetime) -> None:
    assert next_morning(now) == morning
