"""Texts and values are as long as the platform takes them, and stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.wording import TEXT_BYTES, VALUE_MAX, chat_text, clipped, harmless, template_values


@given(text=st.text(st.characters(codec="utf-8"), max_size=1500))
def test_a_chat_text_always_fits_and_is_a_beginning_of_what_was_meant(text: str) -> None:
    said = chat_text(text * 3)
    assert len(said.encode()) <= TEXT_BYTES
    assert said == text * 3 or (said.endswith("…") and (text * 3).startswith(said[:-1]))


def test_a_chat_text_uses_what_there_is() -> None:
    assert chat_text("a" * 2048) == "a" * 2048
    assert chat_text("a" * 2049) == "a" * 2045 + "…"
    assert chat_text("租" * 683) == "租" * 681 + "…"


@pytest.mark.parametrize(("kind", "limit"), sorted(VALUE_MAX.items()))
def test_values_by_their_kind(kind: str, limit: int) -> None:
    fields = {"what": f"{kind}12"}
    assert template_values({"what": "长" * 100}, fields) == {f"{kind}12": "长" * (limit - 1) + "…"}
    assert template_values({"what": "长" * limit}, fields) == {f"{kind}12": "长" * limit}


def test_only_values_that_exist_and_have_a_field_are_sent() -> None:
    fields = {"thing": "thing1", "time": "time4"}
    assert template_values({"thing": "租约", "time": "", "other": "x"}, fields) == {"thing1": "租约"}
    assert template_values({"thing": "x" * 50}, {"thing": "letter9"}) == {"letter9": clipped("x" * 50, 32)}


def test_the_end_of_a_cdata_is_made_harmless() -> None:
    assert harmless("王]]><Content>x") == "王]] ><Content>x"
    assert "]]>" not in harmless("]]>]]>]]]>>")
