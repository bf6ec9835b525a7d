"""How a phone reads a message: what in it can be tapped, which lines a card has, and how it writes the time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
TOGETHER = timedelta(minutes=5)
"""Rows closer than this stand under one time."""
WEEKDAYS = "一二三四五六日"
_TAPPED = re.compile(
    r"<a\s+href=\"(?P<href>[^\"<>]*)\"[^<>]*>(?P<label>[^<>]*)</a>|(?P<bare>https?://[^\s\u3000-\u9fff\uff00-\uffef<>\"]+)"
)


@dataclass(frozen=True)
class Piece:
    """A stretch of words: plain, a link (``url``), or words to send with an id (``item``)."""

    text: str
    url: str = ""
    item: str = ""


def pieces(text: str) -> list[Piece]:
    """A message cut at what can be tapped; an anchor that leads nowhere known is plain words."""
    found, done = [], 0
    for hit in _TAPPED.finditer(text):
        found.append(Piece(text[done : hit.start()]))
        found.append(_tapped(hit))
        done = hit.end()
    found.append(Piece(text[done:]))
    return [one for one in found if one.text]


def safe_url(url: str) -> str:
    """The address if a browser may be sent there, else empty."""
    return url if url.startswith(("http://", "https://")) else ""


def card_lines(text: str) -> list[tuple[str, str]]:
    """(name, value) of each line of a card; a line without a name has an empty one."""
    split = (line.strip().partition("：") for line in text.splitlines() if line.strip())
    return [(name, value) if mark and len(name) <= 8 else ("", name + mark + value) for name, mark, value in split]


def time_words(at: datetime, now: datetime) -> str:
    """As WeChat writes it: the hour today, 昨天, the weekday within a week, then the date."""
    at, now = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    days = (now.date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return f"昨天 {at:%H:%M}"
    if 1 < days < 7:
        return f"星期{WEEKDAYS[at.weekday()]} {at:%H:%M}"
    year = f"{at.year}年" if at.year != now.year else ""
    return f"{year}{at.month}月{at.day}日 {at:%H:%M}"


def day_ahead(at: datetime, now: datetime) -> str:
    """今天, 明天, or the date of what is still to come."""
    at, now = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    days = (at.date() - now.date()).days
    return {0: "今天", 1: "明天"}.get(days, f"{at.month}月{at.day}日")


def day_words(at: datetime) -> str:
    """``9月12日 周六``."""
    at = at.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]}"


def _tapped(hit: re.Match[str]) -> Piece:
    if hit["bare"]:
        url = hit["bare"].rstrip(".,;)")
        return Piece(hit["bare"], url)
    label, href = unescape(hit["label"]), hit["href"]
    if href.startswith("weixin://bizmsgmenu?"):
        asked = parse_qs(urlsplit(href).query)
        said, item = asked.get("msgmenucontent", [label])[0], asked.get("msgmenuid", [""])[0]
        return Piece(said, item=item)
    return Piece(label, safe_url(unescape(href)))
