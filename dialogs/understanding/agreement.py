"""Decides whether a message is a yes to the pending question: nothing but words of agreement, or it is none."""

from __future__ import annotations

import re

from .clauses import harmless, split
from .lexicon import BESIDE_YES, BLOCKING, PAUSE, YES, any_of
from .port import Context

_KNOWN = re.compile(f"(?:{PAUSE}|{any_of((*YES, *BESIDE_YES))})*+")
_YES = re.compile(any_of(YES))
_IRONY = re.compile("好好好|行行行|对对对对|是是是|好了好了|^(?:哦|噢)+好?吧?$")
"""Said thrice it is a sigh."""


def agreed(words: str, context: Context) -> str | None:
    """Why it is a yes, or None. Only while a question is pending (label guide, *confirm*)."""
    if context is not Context.CONFIRMING:
        return None
    if _is_yes(words):
        return "nothing but words of agreement"
    first, *rest = split(words, keep="?") or [""]
    if not rest or not _is_yes(first):
        return None
    if all(_is_yes(clause) or (clause.endswith("?") and harmless(clause)) for clause in rest):
        return "agreement, then a question beside it"
    return None


def _is_yes(words: str) -> bool:
    if BLOCKING.search(words) or _IRONY.search(words):
        return False
    return bool(_YES.search(words)) and bool(_KNOWN.fullmatch(words))
