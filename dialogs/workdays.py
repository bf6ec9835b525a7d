"""Which days people work in China, and which are statutory holidays; the operator's word stands over the calendar's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

import chinese_calendar

from .policy import Policy

SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no summer time since 1991: a fixed offset is exact and needs no table."""

_LONGEST_HOLIDAY = 31


def shanghai(day: date, at: time = time.min) -> datetime:
    """The UTC instant of a wall-clock time on a Shanghai day."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def day_of(now: datetime) -> date:
    """The Shanghai calendar day of an aware instant."""
    return now.astimezone(SHANGHAI).date()


@lru_cache(maxsize=64)
def covered(year: int) -> bool:
    """Does the public calendar know this year? When not, weekends are all we know: warn the operator."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_holiday(day: date, policy: Policy) -> bool:
    """A statutory holiday (with its bridging days), not a plain weekend."""
    if day in policy.days_on:
        return False
    return day in policy.days_off or _public_holiday(day)


def is_workday(day: date, policy: Policy) -> bool:
    """Do people work? Weekends worked in exchange for a bridge count as workdays."""
    if day in policy.days_on:
        return True
    return day not in policy.days_off and _public_workday(day)


def before_holiday(day: date, policy: Policy) -> date:
    """The day itself, or the last one before the holiday it falls into: reminders move earlier, never later."""
    return _walk(day, -1, policy)


def legal_deadline(day: date, policy: Policy) -> date:
    """A period whose last day is nobody's workday ends on the next one that is (Civil Code 203)."""
    for _ in range(_LONGEST_HOLIDAY):
        if is_workday(day, policy):
            return day
        day += timedelta(days=1)
    return day


def _walk(day: date, step: int, policy: Policy) -> date:
    for _ in range(_LONGEST_HOLIDAY):
        if not is_holiday(day, policy):
            return day
        day += timedelta(days=step)
    return day


@lru_cache(maxsize=4096)
def _public_holiday(day: date) -> bool:
    if not covered(day.year):
        return False
    off, name = chinese_calendar.get_holiday_detail(day)
    return bool(off) and name is not None


@lru_cache(maxsize=4096)
def _public_workday(day: date) -> bool:
    if not covered(day.year):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))
