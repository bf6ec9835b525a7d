"""Each code of the platform has one meaning for a message."""

from __future__ import annotations

import pytest

from channels.port import Trouble
from channels.wechat.errors import CODE_SPENT, MENU_REFUSED, TOKEN_DEAD, TROUBLES, refusal, rid_in

SHEET = {
    Trouble.TRANSIENT: (-1, 45011, 43108),
    Trouble.QUOTA: (45009,),
    Trouble.WINDOW: (45015, 45047),
    Trouble.UNREACHABLE: (43004, 40003, 43101, 43019),
    Trouble.OPTED_OUT: (48002,),
    Trouble.CONFIG: (
        *(40001, 40014, 42001, 40013, 40125, 40033, 40037, 47003, 47001, 40200, 45098, 40249, 43107, 45002, 45008),
        *(48001, 48004, 48008, 50002, 61451),
    ),
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in SHEET.items() for code in codes])
def test_a_code_of_the_sheet(kind: Trouble, code: int) -> None:
    assert refusal(code, "").kind is kind


def test_no_code_means_something_the_sheet_does_not_say() -> None:
    assert {(code, kind) for kind, codes in SHEET.items() for code in codes} == set(TROUBLES.items())


def test_a_code_nobody_has_listed_needs_a_person() -> None:
    assert 99999 not in TROUBLES
    fault = refusal(99999, "something new")
    assert (fault.kind, fault.code, str(fault)) == (Trouble.CONFIG, "99999", "config: 99999 something new")


def test_a_dead_token_ends_as_a_matter_of_settings() -> None:
    assert {refusal(code, "").kind for code in TOKEN_DEAD} == {Trouble.CONFIG}


def test_a_long_explanation_is_cut() -> None:
    assert len(str(refusal(-1, "x" * 5000))) < 200


def test_what_is_answered_by_another_try_is_listed_apart() -> None:
    assert {int(code) for code in MENU_REFUSED} <= set(TROUBLES)
    assert not CODE_SPENT & set(TROUBLES)


@pytest.mark.parametrize(
    ("errmsg", "found"),
    [
        ("invalid openid hint: [abc] rid: 65f0a1b2-3c4d5e6f-7a8b9c0d", "rid: 65f0a1b2-3c4d5e6f-7a8b9c0d"),
        ("busy rid:65f0 more", "rid:65f0"),
        ("ok", ""),
    ],
)
def test_of_the_platform_s_words_only_its_number_is_kept(errmsg: str, found: str) -> None:
    assert rid_in(errmsg) == found
