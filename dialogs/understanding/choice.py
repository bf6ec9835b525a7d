"""Decides whether a message picks one proposal: each word of the picking clause is known, or it is no choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .clauses import harmless, split
from .lexicon import AGREED_AT_HOME, BLOCKING, FILLERS, PAUSE, REJECTED, REJECTING, WILL, any_of
from .options import STRONG, WEAK, mark, number_of
from .port import Context, Lying

_STRONG = f"[{chr(STRONG + 1)}-{chr(STRONG + 99)}]"
_ANY = f"[{chr(STRONG + 1)}-{chr(WEAK + 99)}]"
_MENTION = re.compile(_ANY)
_MANY = f"(?:{_ANY}[和跟与、及,\\s]*)+"
_TURNED_DOWN = re.compile(f"{REJECTING}{_MANY}|{_MANY}{REJECTED}(?!{_ANY})")
_TWO_WAYS = re.compile(f"^(?:(?!{any_of(WILL)}).)*?{_ANY}\\s*{REJECTING}\\s*{_ANY}")
"""1不要2: is it the first or the second that is turned down?"""
_KNOWN = re.compile(f"(?:{PAUSE}|{_ANY}|{any_of((*WILL, *FILLERS))})*+")
_WILL = re.compile(any_of(WILL))
_TURNS = re.compile(r"不对|说错|打错|选错|错了|改[成选为]|换[成选]|还是.*吧")
_SWITCHES = re.compile(r"改[成选为]|换[成选]|我要|我选|改|换")
_LONGEST_REST = 24


class Choice(NamedTuple):
    number: int
    why: str


def chosen(words: str, context: Context, proposals: Sequence[Lying]) -> Choice | None:
    """The tenant's own, present, unconditional pick, or None; only where proposals lie there (guide, *choose*)."""
    if context not in (Context.OFFERED, Context.CONFIRMING, Context.SIGNING) or not proposals:
        return None
    if BLOCKING.search(words) and not _side_question_only(words):
        return None
    if context is Context.SIGNING and not _SWITCHES.search(words):
        return None
    marked = mark(AGREED_AT_HOME.sub(" ", words), proposals)
    if _MENTION.search(marked) is None:
        return None
    return _picked(marked) or _among_clauses(marked)


def mentions(words: str, proposals: Sequence[Lying]) -> set[int]:
    """The numbers of all proposals a message names, whatever it says about them."""
    return {number_of(sign) for sign in _MENTION.findall(mark(words, proposals))}


def _picked(clause: str) -> Choice | None:
    """A clause made of known words that leaves exactly one proposal standing."""
    if _TWO_WAYS.search(clause):
        return None
    rest = _TURNED_DOWN.sub(" ", clause)
    rest = _strip_switch(rest)
    left = {number_of(sign) for sign in _MENTION.findall(rest)}
    if len(left) != 1 or not _KNOWN.fullmatch(rest):
        return None
    if not re.search(_STRONG, rest) and not _WILL.search(rest):
        return None
    turned = {number_of(sign) for found in _TURNED_DOWN.findall(clause) for sign in _MENTION.findall(found)}
    number = left.pop()
    if number in turned:
        return None
    return Choice(number, f"heard option {number}: nothing else is said in that clause")


def _strip_switch(clause: str) -> str:
    return re.sub("(?:帮我|给我)?(?:改|换)(?:成|为|选|一下)?", " ", clause)


def _among_clauses(marked: str) -> Choice | None:
    """One clause picks and the others take nothing away; of two picks the later, if it says that it corrects."""
    clauses = split(marked)
    picks = [(place, found) for place, clause in enumerate(clauses) if (found := _picked(clause))]
    if not picks:
        return None
    last, choice = picks[-1]
    others = [clause for place, clause in enumerate(clauses) if place not in {at for at, _ in picks}]
    if len({found.number for _, found in picks}) > 1:
        between = " ".join(clauses[picks[-2][0] + 1 : last + 1])
        if not _TURNS.search(between):
            return None
        others = [clause for clause in others if not _TURNS.search(clause)]
    if all(_takes_nothing_away(clause, choice.number) for clause in others):
        return choice
    return None


def _takes_nothing_away(clause: str, number: int) -> bool:
    rest = _TURNED_DOWN.sub(" ", clause)
    named = {number_of(sign) for sign in _MENTION.findall(rest)}
    return named <= {number} and len(rest) <= _LONGEST_REST and harmless(rest)


def _side_question_only(words: str) -> bool:
    """在哪签？ after a clear pick is a side question; any other question is doubt."""
    asking = [clause for clause in split(words, keep="?") if BLOCKING.search(clause)]
    return all(clause.endswith("?") and harmless(clause) for clause in asking)
