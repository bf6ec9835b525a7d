"""Which of several leases somebody speaks of: asked by number and home, read from a number or a home, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from backend.db.port import Stored
from bot.rendering import home
from dialogs.understanding.normalise import normalise

LIVES = timedelta(minutes=30)
"""A conversation about one home goes on for so long after its last word; then we ask again."""
STORM = timedelta(minutes=10)
"""Pictures that follow the question so soon do not ask it again."""
MOST = 9
"""More homes than one digit can name are for a person."""
_OTHER = re.compile(
    "(?:我想|我要|想)?(?:换|说)?(?:另外?|换)一?(?:套|间|处)(?:房子?)?(?:吧|说|聊)?|.{0,4}说的(?:不是|是另).{0,8}"
)
_NUMBER = re.compile(
    r"第?\s*([1-9一二三四五六七八九])\s*(?:号|个|套|间|处)?(?:吧|的|呢|啊|哈|那个|那套|那间)*[\s.。!~]*"
)
_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True))


def in_order(renewals: Sequence[Stored]) -> list[Stored]:
    """The order in which they are numbered: always the same."""
    return sorted(renewals, key=lambda one: one.id)


def homes(renewals: Sequence[Stored]) -> str:
    """``1. 江畔1幢101`` … one line each."""
    return "\n".join(f"{place}. {home(one.renewal.lease)}" for place, one in enumerate(in_order(renewals), 1))


def picked(text: str, renewals: Sequence[Stored]) -> Stored | None:
    """The lease a text names by its number in the list, or by a room or home that only one of them has."""
    words, listed = normalise(text), in_order(renewals)
    number = _NUMBER.fullmatch(words)
    if number is not None:
        place = _DIGITS.get(number[1]) or int(number[1])
        return listed[place - 1] if place <= len(listed) else None
    named = [one for one in listed if _names(words, one)]
    return named[0] if len(named) == 1 else None


def wants_other(text: str) -> bool:
    """Is the talk to go on about another home?"""
    return _OTHER.fullmatch(normalise(text)) is not None


def _names(words: str, stored: Stored) -> bool:
    unit = stored.renewal.lease.unit
    whole = normalise(home(stored.renewal.lease))
    room = re.escape(normalise(unit.room))
    return whole in words or re.search(rf"(?<![0-9a-z]){room}(?![0-9a-z])", words) is not None
