"""Decides whether a message picks one proposal: each word of the picking clause is known, or it is no choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .clauses import beside, harmless, paused, split
from .lexicon import AGREED_AT_HOME, BLOCKING, DECIDED, EVALUATING, FILLERS, PAUSE, REJECTED, REJECTING, WILL, any_of
from .options import BARE, STRONG, mark, number_of
from .port import Context, Lying

_STRONG = f"[{chr(STRONG + 1)}-{chr(STRONG + 99)}]"
_ANY = f"[{chr(STRONG + 1)}-{chr(BARE + 99)}]"
_BARE = f"[{chr(BARE + 1)}-{chr(BARE + 99)}]"
_MENTION = re.compile(_ANY)
_MANY = f"(?:{_ANY}[和跟与、及,\\s]*)+"
_TURNED_DOWN = re.compile(f"{REJECTING}{_MANY}|{_MANY}{REJECTED}(?!{_ANY})")
TWO_WAYS = re.compile(f"^(?:(?!{any_of(WILL)}).)*?{_ANY}\\s*{REJECTING}\\s*{_ANY}")
"""1不要2: is it the first or the second that is turned down?"""
_KNOWN = re.compile(f"(?:{PAUSE}|{_ANY}|{any_of((*WILL, *FILLERS, *EVALUATING))})*+")
_HALF_WILLED = re.compile(
    f"要是|如果|假如|只要|除非|的话|(?:换|要|让|叫)我(?:选|来)?就|{_ANY}(?:也|都)(?:行|可以|好|成|ok)|(?:便宜"
    f"|划算|合适|值|好)(?:点|些"
    f"|一点)?我?就(?:选|要|定|签)|便宜(?:点|些|一点)"
)
"""A condition, or as good as any other."""
_RENT_WILLED = re.compile(f"(?:选择?|定|接受|同意|就要){_BARE}")
_NEVER_MIND = re.compile(r"^算了[\s,]*(?=还是|就|那就|不想了)")
_OR = re.compile(f"^(?!(?:{PAUSE}|我们?|那就?|就|算了|嗯|好吧?|最后|最终|要不|{_ANY}{REJECTED})*还是).*还是")
"""三年的还是一年的 asks; 算了还是一年的 tells."""
_PRAISE = re.compile(any_of(EVALUATING))
_ALONE = re.compile(
    f"(?:{PAUSE}|{_ANY}|就|那就|干脆|果断|索性|还是|直接|我|我要|要|选|的|了|吧|啊|呀|哈|呢|好|好的|嗯|谢谢|🙏|👌)*+"
)
"""What may stand beside a description that has no 那个 after it."""
_ON_TERMS = re.compile(f"{_ANY}(?:的话|的)?(?:那)?(?:我们?|咱|俺)?就(?:能|可以|马上|立刻|接着|继续)?(?:续|签|住|租)")
"""不涨我就续: a condition, whatever it names."""
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
    if BLOCKING.search(words.rstrip("嘛")) and not _side_question_only(words):
        return None
    if context is Context.SIGNING and not _SWITCHES.search(words):
        return None
    words = _NEVER_MIND.sub("", words)
    told = DECIDED.sub(" ", AGREED_AT_HOME.sub(" ", words))
    marked = mark(told, proposals)
    if _MENTION.search(marked) is None or _ON_TERMS.search(marked):
        return None
    return _picked(marked) or _among_clauses(marked) or _among_clauses(paused(marked))


def mentions(words: str, proposals: Sequence[Lying]) -> set[int]:
    """The numbers of all proposals a message names, whatever it says about them."""
    return {number_of(sign) for sign in _MENTION.findall(mark(words, proposals))}


def _picked(clause: str) -> Choice | None:
    """A clause made of known words that leaves exactly one proposal standing."""
    if TWO_WAYS.search(clause):
        return None
    rest = _TURNED_DOWN.sub(" ", clause)
    rest = _strip_switch(rest)
    left = {number_of(sign) for sign in _MENTION.findall(rest)}
    if len(left) != 1 or not _KNOWN.fullmatch(rest):
        return None
    if _HALF_WILLED.search(clause):
        return None
    if re.search(_BARE, rest) and not (re.search(_STRONG, rest) or _RENT_WILLED.search(rest)):
        return None
    if _OR.search(clause):
        return None
    willed = bool(_WILL.search(rest))
    if not willed and (_PRAISE.search(rest) or not (re.search(_STRONG, rest) or _ALONE.fullmatch(rest))):
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
    return all(beside(clause) for clause in asking) and len(asking) < len(split(words, keep="?"))
