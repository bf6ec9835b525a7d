"""Texts and values are as long as the platform takes them, and stay what they are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.port import Choice
from channels.wechat.wording import (
    TEXT_BYTES,
    VALUE_MAX,
    chat_text,
    clipped,
    harmless,
    linked_choices,
    numbered_choices,
    template_values,
)


@given(text=st.text(st.characters(codec="utf-8"), max_size=1500))
def test_a_chat_text_always_fits_and_is_a_beginning_of_what_was_meant(text: str) -> None:
    said = chat_text(text * 3)
    assert len(said.encode()) <= TEXT_BYTES
    assert said == text * 3 or (said.endswith("…") and (text * 3).startswith(said[:-1]))


def test_a_chat_text_uses_what_there_is() -> None:
    assert chat_text("a" * 2048) == "a" * 2048
    assert chat_text("a" * 2049) == "a" * 2045 + "…"
    assert chat_text("租" * 683) == "租" * 681 + "…"


CHOICES = (Choice("7.2.1", "1 一年"), Choice("7.2.yes", "确认"), Choice("7.2.no", "再看看"))


def test_what_is_added_to_a_text_is_never_cut() -> None:
    added = linked_choices(CHOICES)
    said = chat_text("长" * 2000, added)
    assert (len(said.encode()) <= TEXT_BYTES, said.endswith(f"…\n\n{added}")) == (True, True)


def test_choices_to_tap_are_the_sheet_s_links() -> None:
    assert linked_choices([Choice("101", "满意")]) == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=101">满意</a>'
    )


def test_nothing_in_a_label_or_an_id_ends_its_link_too_early() -> None:
    [link] = linked_choices([Choice('7.1."&x=1', 'A&B "1%"</a>#')]).splitlines()
    assert link == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=A%26B%20%221%25%22%3C%2Fa%3E%23&msgmenuid=7.1.%22%26x%3D1">'
        'A&amp;B "1%"&lt;/a&gt;#</a>'
    )


def test_choices_to_type_say_what_is_typed() -> None:
    assert numbered_choices(CHOICES) == "回复 1：1 一年\n回复 确认：确认\n回复 再看看：再看看"


@pytest.mark.parametrize(("kind", "limit"), sorted(VALUE_MAX.items() - {("character_string", 32)}))
def test_values_by_their_kind(kind: str, limit: int) -> None:
    fields = {"what": f"{kind}12"}
    assert template_values({"what": "长" * 100}, fields) == {f"{kind}12": "长" * (limit - 1) + "…"}
    assert template_values({"what": "长" * limit}, fields) == {f"{kind}12": "长" * limit}


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        ("HT-2025-001", "HT-2025-001"),
        ("合同-2025号 001", "-2025 001"),
        ("壹号", "-"),
        ("9" * 100, "9" * 32),
        ("A\tB\n", "AB"),
    ],
)
def test_a_contract_s_number_goes_out_without_its_chinese(number: str, sent: str) -> None:
    assert template_values({"no": number}, {"no": "character_string3"}) == {"character_string3": sent}


def test_only_values_that_exist_and_have_a_field_are_sent() -> None:
    fields = {"thing": "thing1", "time": "time4"}
    assert template_values({"thing": "租约", "time": "", "other": "x"}, fields) == {"thing1": "租约"}
    assert template_values({"thing": "x" * 50}, {"thing": "letter9"}) == {"letter9": clipped("x" * 50, 32)}


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert harmless("王\x00小\x0b明\ufffe\ud800") == "王小明"
    assert harmless("好\t\r\n😀") == "好\t\r\n😀"


@given(text=st.text(max_size=100))
def test_a_harmless_text_can_stand_in_a_cdata(text: str) -> None:
    inside = ElementTree.fromstring(f"<xml><![CDATA[{harmless(text)}]]></xml>").text or ""
    assert inside == harmless(text).replace("\r\n", "\n").replace("\r", "\n")


def test_the_end_of_a_cdata_is_made_harmless() -> None:
    assert harmless("王]]><Content>x") == "王]] ><Content>x"
    assert "]]>" not in harmless("]]>]]>]]]>>")
