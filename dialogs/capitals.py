"""Amounts in capitals, as contracts and receipts write them beside the figures: 叁仟贰佰元整."""

from __future__ import annotations

from .money import Fen

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
MOST = 10**14
"""Fen that can be written: below a 万亿 of yuan."""


def capitals(amount: Fen) -> str:
    """``320050`` fen → 叁仟贰佰元伍角整. Raises ValueError below zero or from ``MOST`` on."""
    if not 0 <= amount < MOST:
        raise ValueError(f"{amount} fen cannot be written in capitals")
    yuan, rest = divmod(int(amount), 100)
    jiao, fen = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"{whole}整"
    if not fen:
        return f"{whole}{_DIGITS[jiao]}角整"
    gap = "零" if yuan and not jiao else ""
    return f"{whole}{gap}{f'{_DIGITS[jiao]}角' if jiao else ''}{_DIGITS[fen]}分"


def _whole(yuan: int) -> str:
    if yuan == 0:
        return "零"
    groups = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    written = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        if written and (group < 1000 or groups[place + 1] == 0 or written.endswith("零")):
            written += "零"
        written += _group(group) + _GROUPS[place]
    return written


def _group(number: int) -> str:
    """1 to 9999, a 零 for each gap inside."""
    written, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(written)
            continue
        written += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return written
