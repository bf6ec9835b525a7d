"""What the statistical part looks at: pieces of the words, where they were said, and which rules spoke."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .kinds import kinds_in, pairs_of
from .moments import TIME
from .numerals import amounts
from .options import BARE, STRONG
from .port import Context

_HEAD, _TAIL = 100, 59
_OPTION = re.compile(f"[{chr(STRONG + 1)}-{chr(BARE + 99)}]")
_TIME = re.compile(TIME)
_LYING_RENT = re.compile(f"[{chr(BARE + 1)}-{chr(BARE + 99)}]")
_LENGTH = re.compile(r"(?:[0-9一二两三四五六七八九十几]{1,3}\s*(?:个?月|年)半?|半年|一年半)(?![前后])")
_RENT, _LEAST_OFF = 500, 10
_SUMS = 8
"""More numbers than this are no message about a rent."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LONGEST_PIECE = 3
_LENGTHS = (4, 8, 14, 24, 40)


def features(marked: str, context: Context, votes: Iterable[str]) -> set[str]:
    """Names of all that was seen. ``marked``: the words with options marked; ``votes``: why each rule spoke."""
    where = context.value
    found = set(_shape(marked, where))
    for vote in votes:
        found.add(f"={vote}")
        found.add(f"{where}={vote}")
    kinds = kinds_in(marked)
    for kind in (*kinds, *pairs_of(kinds)):
        found.add(f"<{kind}>")
    for piece in set(_pieces(_plain(marked))):
        found.add(piece)
        if len(piece) < _LONGEST_PIECE:
            found.add(f"{where}:{piece}")
    return found


def _plain(marked: str) -> str:
    """Options, lengths, sums and other numbers as one sign each; the ends of the message as a sign too."""
    words = marked if len(marked) <= _HEAD + _TAIL else f"{marked[:_HEAD]} {marked[-_TAIL:]}"
    words = _OPTION.sub("①", _LYING_RENT.sub("¤", _LENGTH.sub("Ⓜ", words)))
    for amount in reversed(amounts(words)[:_SUMS]):
        if amount.value >= _LEAST_OFF:
            sign = "¥" if amount.value >= _RENT else "¢"
            words = words[: amount.start] + sign + words[amount.end :]
    return f"^{_NUMBER.sub('0', words)}$"


def _pieces(words: str) -> Iterator[str]:
    """Every stretch of one to three signs, blanks left out, and English words whole."""
    tight = words.replace(" ", "")
    for size in range(1, _LONGEST_PIECE + 1):
        for place in range(len(tight) - size + 1):
            yield tight[place : place + size]
    yield from (f"#{word}" for word in re.findall(r"[a-z']{2,}", words))


def _shape(marked: str, where: str) -> Iterator[str]:
    options = len(set(_OPTION.findall(marked)))
    yield f"{where}"
    yield f"options:{min(options, 3)}"
    yield f"{where}:options:{min(options, 3)}"
    yield f"length:{sum(len(marked) > longest for longest in _LENGTHS)}"
    yield f"{where}:length:{sum(len(marked) > longest for longest in _LENGTHS)}"
    if _TIME.search(marked):
        yield "time"
        yield f"{where}:time"
    if marked.rstrip(" .。!~").endswith(("?", "吗", "么", "嘛", "呢", "不", "没")):
        yield "asks"
        yield f"{where}:asks"
