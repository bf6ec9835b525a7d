"""Decides whether a message is a yes to the pending question: nothing but words of agreement, or it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .choice import Choice, chosen, mentions
from .clauses import harmless, split
from .lexicon import BESIDE_YES, BLOCKING, PAUSE, YES, any_of
from .port import Context, Lying

_KNOWN = re.compile(f"(?:{PAUSE}|{any_of((*YES, *BESIDE_YES))})*+")
_YES = re.compile(any_of(YES))
_LUKEWARM = re.compile(r"^(?:(?:已?经?说过?了|哦|噢|好了好了|要|的|了|我|是嘛|好嘛)\s*)+$")
"""Bare words that stand in the lists only beside others."""


def agreed(words: str, context: Context) -> str | None:
    """Why it is a yes, or None. Only while a question is pending (label guide, *confirm*)."""
    if context is not Context.CONFIRMING:
        return None
    if _is_yes(words):
        return "nothing but words of agreement"
    clauses = split(words, keep="?")
    if not clauses or not _is_yes(clauses[0]):
        return None
    rest = clauses[1:]
    if all(_is_yes(clause) or (clause.endswith("?") and harmless(clause)) for clause in rest):
        return "agreement, then a question beside it"
    return None


def repeated(words: str, proposals: Sequence[Lying]) -> Choice | None:
    """While confirming, the pick a message makes: the same proposal once more is a yes, another is a new choice."""
    found = chosen(words, Context.CONFIRMING, proposals)
    if found is None or not mentions(words, proposals):
        return None
    return found


def _is_yes(words: str) -> bool:
    if BLOCKING.search(words) or _LUKEWARM.match(words):
        return False
    return bool(_YES.search(words)) and bool(_KNOWN.fullmatch(words))
