"""Time phrases: the words that name a time, and the instant they mean when said now."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ..workdays import day_of, shanghai
from .numerals import value

_N = "[0-9一二两三四五六七八九十]{1,3}"
_DAY = (
    f"大后天|后天|明[天早晚儿个]|明日|今[天晚儿]|今日|(?:这|本)?个?周末|(?:这|本|下下|下)?个?(?:周|星期"
    f"|礼拜)[一二三四五六日天1-6]|(?:这|本|下下|下)个?(?:周|星期|礼拜)|礼拜天|星期天|"
    f"(?:这|本|下下|下)个?月(?:初|底|中)?|月底前?|月初|月中|年底|年后|年前|过完?年后?|(?:元旦|春节|国庆|五一|中秋"
    f"|清明|端午|过节|节|双?十一|考试|放假)(?:假期)?(?:过后|以后|之后|后|回来)|{_N}月{_N}[日号]|{_N}月份?(?:初"
    f"|底)?|{_N}[号日](?!楼|房|线|卫|门|楼|方案)|过{_N}天|{_N}(?:个)?(?:天|周|星期|礼拜|月|小时|钟头|分钟)(?:以"
    f"|之)?后|过(?:两|几)(?:天|周)"
)
_HOUR = (
    f"(?:早上?|上午|中午|下午|傍晚|晚上?|夜里|凌晨)?{_N}[点:时](?:半|{_N}分?|钟)?|早上|上午|中午|下午|傍晚|晚上"
    f"|睡前|下班|吃完饭"
)
TIME = f"(?:(?:{_DAY})的?(?:{_HOUR})?(?:{_HOUR})?|(?:{_HOUR})+)(?:以后|之后|过后|后|以前|之前|前|左右)?"
"""The shortest stretch that names a time."""
_TIME = re.compile(TIME)
_WEEKDAY = {
    sign: place for place, signs in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天")) for sign in signs
}
_HALVES = (
    ("凌晨", 6, 0),
    ("早", 9, 0),
    ("上午", 10, 0),
    ("中午", 12, 12),
    ("下午", 14, 12),
    ("傍晚", 18, 12),
    ("下班", 18, 12),
    ("晚", 19, 12),
    ("夜", 19, 12),
    ("睡前", 19, 12),
    ("吃完饭", 19, 12),
)
_FEASTS = {"元旦": (1, 1, 3), "五一": (5, 1, 5), "国庆": (10, 1, 7)}
"""Month, day and length of feasts that keep their date; others are asked about after two weeks."""
_USUAL = time(10)
FARTHEST = timedelta(days=60)


def spoken(text: str) -> str:
    """The stretch of the tenant's own text that names a time, or empty."""
    found = _TIME.search(text)
    return found.group().strip() if found else ""


def moment(words: str, now: datetime) -> datetime:
    """The UTC instant meant by a stretch found by ``spoken``; tomorrow at ten (Shanghai) where it names none we know.

    Never in the past and never more than ``FARTHEST`` ahead: we ask again before a lease ends unnoticed.
    """
    today = day_of(now)
    day, at = _day(words, today), _clock(words)
    if day is None and at is None:
        return shanghai(today + timedelta(days=1), _USUAL)
    meant = shanghai(day or today, at or _USUAL)
    if meant <= now:
        meant = (
            now + timedelta(hours=2)
            if day == today and at is None
            else shanghai(max(day or today, today) + timedelta(days=1), at or _USUAL)
        )
    return min(meant, now + FARTHEST)


def _day(words: str, today: date) -> date | None:
    for sign, days in (("大后", 3), ("后天", 2), ("明", 1), ("今", 0)):
        if sign in words:
            return today + timedelta(days=days)
    return _weekday(words, today) or _after(words, today) or _feast(words, today) or _of_month(words, today)


def _weekday(words: str, today: date) -> date | None:
    found = re.search(r"(下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天1-6末])?", words)
    if not found or re.search("[0-9一两二三几]个?(?:周|星期|礼拜)(?:以|之)?后", words):
        return None
    ahead = {"下下": 14, "下": 7, None: 0}[found[1]]
    place = 5 if found[2] == "末" else _WEEKDAY.get(found[2] or "一", 0)
    day = today - timedelta(days=today.weekday()) + timedelta(days=ahead + place)
    return day if day >= today else day + timedelta(days=7)


def _after(words: str, today: date) -> date | None:
    found = re.search(r"([0-9一二两三四五六七八九十几]{1,3})个?(天|周|星期|礼拜|月)", words)
    if not found or not re.search("过|后", words):
        return None
    count = 3 if "几" in found[1] else value(found[1])
    length = {"天": 1, "月": 30}.get(found[2], 7)
    return None if count is None else today + timedelta(days=min(int(count) * length, FARTHEST.days))


def _feast(words: str, today: date) -> date | None:
    for name, (month, first, days) in _FEASTS.items():
        if name in words:
            end = date(today.year, month, first) + timedelta(days=days)
            return end if end >= today else date(today.year + 1, month, first) + timedelta(days=days)
    return today + timedelta(days=14) if re.search("节|年后|过完?年|考试|放假", words) else None


def _of_month(words: str, today: date) -> date | None:
    found = re.search(r"(?:([0-9一二三四五六七八九十]{1,3})月)?([0-9一二三四五六七八九十]{1,3})[日号]", words)
    if found:
        month = value(found[1]) if found[1] else None
        number = value(found[2])
        return _dated(today, int(month) if month else None, int(number)) if number else None
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if "月底" in words:
        return max(today, first - timedelta(days=3)) if "下" not in words else first + timedelta(days=27)
    return first if re.search("下个?月|月初", words) else None


def _dated(today: date, month: int | None, number: int) -> date | None:
    """The next such day; None for a 30 February."""
    for ahead in range(13):
        count = today.year * 12 + today.month - 1 + ahead
        year, place = count // 12, count % 12 + 1
        if month not in (None, place):
            continue
        try:
            day = date(year, place, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def _clock(words: str) -> time | None:
    found = re.search(r"([0-9一二两三四五六七八九十]{1,3})[点:时](半|([0-9]{1,2}))?", words)
    half = next(((hour, shift) for sign, hour, shift in _HALVES if sign in words), None)
    if not found:
        return time(half[0]) if half else None
    hour = value(found[1])
    if hour is None or hour > 23:
        return None
    late = half is not None and half[1] == 12 and hour < 12
    minute = 30 if found[2] == "半" else int(found[3] or 0)
    return time(int(hour) + (12 if late else 0), minute if minute < 60 else 0)
