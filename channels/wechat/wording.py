"""What fits on WeChat's wire: values by their kind, chat texts by their bytes, and nothing that ends a CDATA early."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from channels.port import Choice

TEXT_BYTES = 2048
"""A chat text in UTF-8; longer ones are refused with 45002."""
VALUE_MAX = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "amount": 12, "const": 20}
"""Characters by kind of template value; longer ones are refused with 47003 (channels sheet 1.2)."""
OTHER_MAX = 32
MORE, NOTHING = "…", "-"
_NOT_ASCII = re.compile(r"[^ -~]")
_UNSAFE = re.compile("[^0-9A-Za-z._~\u00a1-\ufffd\U00010000-\U0010ffff-]")
"""What would end a value, or the address, too early."""
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold: one such character in a name would make the whole reply unreadable."""


TAIL = "也可以直接回复数字，或用自己的话说"
"""Under a menu: what else works."""


def chat_text(text: str, added: str = "") -> str:
    """The whole text, or as much as fits, ending in an ellipsis; ``added`` is never cut, nor a character in two."""
    room = max(len(MORE.encode()), TEXT_BYTES - (len(added.encode()) + 2 if added else 0))
    raw = text.encode()
    if len(raw) > room:
        text = raw[: room - len(MORE.encode())].decode(errors="ignore") + MORE
    return f"{text}\n\n{added}" if added else text


def linked_choices(choices: Sequence[Choice]) -> str:
    """Words the client makes tappable: as good as a menu where menus are refused (channels sheet 1.3).

    Chinese stays as it is, as in the example there: what the client decodes is written nowhere.
    """
    return "\n".join(
        f'<a href="weixin://bizmsgmenu?msgmenucontent={_quoted(one.label)}&msgmenuid={_quoted(one.id)}">'
        f"{escape(one.label, quote=False)}</a>"
        for one in choices
    )


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found.group(), safe=""), text)


def numbered_choices(choices: Sequence[Choice]) -> str:
    """Nothing to tap: the labels, one a line; ids end in what is typed for them."""
    return "\n".join(f"回复 {_typed(one)}：{one.label}" for one in choices)


def _typed(choice: Choice) -> str:
    last = choice.id.rsplit(".", 1)[-1]
    return {"yes": "确认", "no": "再看看"}.get(last, last)


def template_values(values: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Our values under the template's field names, each as long as its kind (``thing2`` → ``thing``) allows."""
    return {
        field: _value(values[name], field.rstrip("0123456789")) for name, field in fields.items() if values.get(name)
    }


def _value(text: str, kind: str) -> str:
    """``character_string`` takes no Chinese, which a contract's number may hold: only the rest of it goes out."""
    if kind == "character_string":
        return _NOT_ASCII.sub("", text)[: VALUE_MAX[kind]].strip() or NOTHING
    return clipped(text, VALUE_MAX.get(kind, OTHER_MAX))


def clipped(text: str, limit: int) -> str:
    """At most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + MORE


def harmless(text: str) -> str:
    """``]]>`` in a tenant's name would end the CDATA around it and begin XML of their own (channels sheet 2).

    Characters XML cannot hold are left out.
    """
    return _NOT_XML.sub("", text).replace("]]>", "]] >")
