"""Reads numbers as tenants write them: 3180, 3k, 三千一, 一百五, 三二五零, 2千8."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0} | {str(i): i for i in range(10)}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000, "k": 1000, "w": 10000}
NUMBER = (
    r"(?:\d+(?:\.\d+)?[千百万kw]?\d?|[零〇一二两三四五六七八九十百千万]+(?=一个?月|一年)"
    r"|[零〇一二两三四五六七八九十百千万]+)"
)
"""A stretch that may be a number; ``value`` says whether it is one."""
_PATTERN = re.compile(NUMBER)


class Amount(NamedTuple):
    """A number and where it stands in the text."""

    value: float
    start: int
    end: int
    written: str


@lru_cache(maxsize=1024)
def value(written: str) -> float | None:
    """The number, or None: for a range (一两百), for something that is none (千万), for more than nine digits."""
    if len(written) > 9:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", written):
        return float(written)
    scaled = re.fullmatch(r"(\d+\.\d+)([千百万kw])", written)
    if scaled:
        return float(scaled[1]) * _UNITS[scaled[2]]
    if re.fullmatch(r"\d{2,}[千百万kw]\d?", written):
        return None
    if not any(sign in _UNITS for sign in written):
        return float("".join(str(_DIGITS[sign]) for sign in written))
    return _by_units(written)


def _by_units(written: str) -> float | None:
    """三千一 = 3100: a last digit right after a unit counts in the next smaller one, unless 零 stands before it."""
    total, digit, unit = 0, None, 1
    for sign in written:
        if sign in _UNITS:
            if digit is None and sign != "十":
                return None
            unit = _UNITS[sign]
            total += (1 if digit is None else digit) * unit
            digit = None
        elif sign in "零〇0" and digit is None:
            digit, unit = None, 10
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[sign]
    if digit is None:
        return float(total)
    return float(total + digit * max(unit // 10, 1))


def amounts(words: str) -> list[Amount]:
    """Every number of a text, in order."""
    found = []
    for match in _PATTERN.finditer(words):
        number = value(match.group())
        if number is not None:
            found.append(Amount(number, match.start(), match.end(), match.group()))
    return found
