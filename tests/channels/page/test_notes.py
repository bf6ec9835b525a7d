"""Notes of the page's script: three kinds, a bounded number, no address and nothing typed in them."""

from __future__ import annotations

import pytest

from channels.page.forms import FormError
from channels.page.links import Link
from channels.page.notes import NOTES_MAX, TEXT_MAX, read_note
from tests.journeys.samples import NOW

LINK = Link(41, NOW, "jti-1")
KEY = "0" * 31 + "1"


def form(**changes: str) -> dict[str, str]:
    return {"kind": "touched", "option": "keep", "key": KEY, "nth": "1"} | changes


def test_a_note_says_what_where_and_with_which_browser() -> None:
    note = read_note(form(), LINK, "Phone/1")
    assert (note.kind, note.option, note.agent, note.detail) == ("touched", "keep", "Phone/1", "")
    assert note.key == f"page:jti-1:{KEY}:1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "typed"},
        {"kind": ""},
        {"option": "<b>"},
        {"option": "x" * 33},
        {"key": "no"},
        {"nth": "0"},
        {"nth": "one"},
        {"nth": str(NOTES_MAX + 1)},
    ],
)
def test_anything_else_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(FormError):
        read_note(form(**wrong), LINK, "Phone/1")


def test_long_and_strange_words_are_cut_and_no_token_stays_in_them() -> None:
    told = "x is undefined\nat https://page.test/r/v1.k1.secret:3 or /r/v1.k1.secret " + "y" * 900
    note = read_note(form(kind="script_error", option="", detail=told), LINK, "A" * 900 + "\x00")
    assert "secret" not in note.detail
    assert note.detail.startswith("x is undefined at …")
    assert len(note.detail) == len(note.agent) == TEXT_MAX
    assert note.detail.isprintable()
