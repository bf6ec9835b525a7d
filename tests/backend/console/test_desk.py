"""Nobody's full name, phone or page link stands on a screen in an office."""

from __future__ import annotations

import pytest

from backend.console.desk import discreet, masked


@pytest.mark.parametrize(("name", "shown"), [("陈小满", "陈*"), ("A", "A*"), ("", "–")])
def test_a_name_keeps_its_first_letter(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("陈小满您好", "陈*您好"),
        ("我电话是13800008812，打这个", "我电话是138****8812，打这个"),
        ("账单2026080013800008812999", "账单2026080013800008812999"),
        ("点 https://a.example/r/v1.k.eyJy_-Z.sig 看", "点 https://a.example/r/… 看"),
    ],
)
def test_words_are_shown_without_what_identifies(text: str, shown: str) -> None:
    assert discreet(text, "陈小满") == shown


def test_without_a_name_the_words_stay() -> None:
    assert discreet("您好", "") == "您好"
