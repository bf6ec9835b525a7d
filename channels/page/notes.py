"""What the page's script reports of itself becomes a note: what was touched, tried or broke; never what was typed."""

from __future__ import annotations

import re
import uuid

import msgspec

from .forms import Form, FormError
from .links import Link

NOTES_MAX = 20
"""A page reports so often and no more; the script stops there, and so does the door."""

TEXT_MAX = 200
KINDS = ("touched", "tried", "script_error")
_OPTION = re.compile(r"[a-z0-9_-]{0,32}")
_PLACES = re.compile(r"https?://\S+|/r/\S+")
"""An address in an error's words may hold the link's token: it is cut out."""


class Note(msgspec.Struct, frozen=True):
    """``option``: the proposal or button; ``detail``: the script's own error, for the log; ``key`` dedupes it."""

    key: str
    kind: str
    option: str
    agent: str
    detail: str


def read_note(form: Form, link: Link, agent: str) -> Note:
    """``nth`` of the page that was rendered with ``key``. Raises FormError."""
    kind, option = form.get("kind", ""), form.get("option", "")
    if kind not in KINDS or not _OPTION.fullmatch(option):
        raise FormError("kind", "无法读取")
    try:
        key, nth = uuid.UUID(form.get("key", "")), int(form.get("nth", "")[:3])
    except ValueError:
        raise FormError("key", "无法读取") from None
    if not 1 <= nth <= NOTES_MAX:
        raise FormError("nth", "无法读取")
    said = f"page:{link.jti}:{key.hex}:{nth}"
    return Note(said, kind, option, _plain(agent), _plain(form.get("detail", "")))


def _plain(text: str) -> str:
    clean = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * TEXT_MAX])
    return _PLACES.sub("…", clean)[:TEXT_MAX]
