"""Time phrases, heard on Monday 2 March 2026 at noon in Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding.moments import FARTHEST, moment, spoken
from dialogs.workdays import SHANGHAI

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ("", "2026-03-03 10:00"),
        ("今晚", "2026-03-02 19:00"),
        ("今天", "2026-03-02 14:00"),
        ("明天", "2026-03-03 10:00"),
        ("明天下午3点", "2026-03-03 15:00"),
        ("后天", "2026-03-04 10:00"),
        ("大后天", "2026-03-05 10:00"),
        ("下周三", "2026-03-11 10:00"),
        ("下周三晚上", "2026-03-11 19:00"),
        ("周五", "2026-03-06 10:00"),
        ("礼拜天", "2026-03-08 10:00"),
        ("周末", "2026-03-07 10:00"),
        ("下个礼拜", "2026-03-09 10:00"),
        ("9点以后", "2026-03-03 09:00"),
        ("晚上9点以后", "2026-03-02 21:00"),
        ("三天后", "2026-03-05 10:00"),
        ("两周后", "2026-03-16 10:00"),
        ("15号", "2026-03-15 10:00"),
        ("4月5号", "2026-04-05 10:00"),
        ("月底", "2026-03-29 10:00"),
        ("下个月", "2026-04-01 10:00"),
        ("2月30号", "2026-03-03 10:00"),
    ],
)
def test_the_instant_meant(said: str, local: str) -> None:
    assert moment(said, NOW).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == local


def test_a_feast_keeps_its_date() -> None:
    december = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)
    assert moment("元旦后", december).astimezone(SHANGHAI).date().isoformat() == "2027-01-04"


@pytest.mark.parametrize(
    ("text", "stretch"),
    [("忙疯了 下个礼拜吧", "下个礼拜"), ("9点以后找我", "9点以后"), ("元旦后再联系", "元旦后"), ("好的", "")],
)
def test_the_stretch_is_the_tenants_own(text: str, stretch: str) -> None:
    assert spoken(text) == stretch


@given(st.text(alphabet="今明后天下周一三五日号月底点半晚上年节0123456789过元旦", max_size=12))
def test_never_in_the_past_and_never_too_far(said: str) -> None:
    assert NOW < moment(said, NOW) <= NOW + FARTHEST
