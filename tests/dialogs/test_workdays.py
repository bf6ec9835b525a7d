"""Days people work in China, and what a holiday does to a reminder and to a legal term."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from dialogs.policy import Policy
from dialogs.workdays import before_holiday, covered, day_of, is_holiday, is_workday, legal_deadline, shanghai

POLICY = Policy()
SPRING_FESTIVAL = [date(2026, 2, day) for day in range(15, 24)]
"""15 to 23 February 2026 (requirements S12)."""


def test_a_shanghai_day_begins_at_sixteen_hours_utc_of_the_day_before() -> None:
    assert shanghai(date(2026, 9, 16)) == datetime(2026, 9, 15, 16, tzinfo=UTC)
    assert shanghai(date(2026, 9, 16), time(9, 30)) == datetime(2026, 9, 16, 1, 30, tzinfo=UTC)
    assert day_of(datetime(2026, 9, 15, 15, 59, tzinfo=UTC)) == date(2026, 9, 15)
    assert day_of(datetime(2026, 9, 15, 16, 0, tzinfo=UTC)) == date(2026, 9, 16)


@pytest.mark.parametrize("day", SPRING_FESTIVAL, ids=str)
def test_what_falls_into_the_spring_festival_moves_before_it(day: date) -> None:
    assert is_holiday(day, POLICY)
    assert not is_workday(day, POLICY)
    assert before_holiday(day, POLICY) == date(2026, 2, 14)


def test_a_plain_weekend_is_no_holiday_and_one_worked_for_a_bridge_is_a_workday() -> None:
    saturday, worked = date(2026, 9, 19), date(2026, 9, 20)
    assert (is_holiday(saturday, POLICY), is_workday(saturday, POLICY)) == (False, False)
    assert (is_holiday(worked, POLICY), is_workday(worked, POLICY)) == (False, True)
    assert before_holiday(saturday, POLICY) == saturday


@pytest.mark.parametrize(
    ("last", "ends"),
    [
        (date(2026, 9, 16), date(2026, 9, 16)),
        (date(2026, 9, 19), date(2026, 9, 20)),
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 2, 15), date(2026, 2, 24)),
    ],
    ids=["workday", "saturday before a worked sunday", "national day", "spring festival"],
)
def test_a_term_that_ends_on_a_day_off_ends_on_the_next_workday(last: date, ends: date) -> None:
    assert legal_deadline(last, POLICY) == ends


def test_the_operators_word_stands_over_the_calendar() -> None:
    closed, opened = date(2026, 9, 16), date(2026, 10, 1)
    policy = Policy(days_off=(closed,), days_on=(opened,))
    assert is_holiday(closed, policy)
    assert not is_workday(closed, policy)
    assert before_holiday(closed, policy) == date(2026, 9, 15)
    assert not is_holiday(opened, policy)
    assert is_workday(opened, policy)
    assert legal_deadline(opened, policy) == opened


def test_a_year_the_calendar_does_not_know_has_weekends_and_the_operators_days() -> None:
    assert covered(2026)
    assert not covered(2200)
    friday, saturday = date(2200, 1, 3), date(2200, 1, 4)
    assert (is_workday(friday, POLICY), is_workday(saturday, POLICY)) == (True, False)
    assert not is_holiday(friday, POLICY)
    assert is_holiday(friday, Policy(days_off=(friday,)))


def test_days_off_without_an_end_do_not_loop_for_ever() -> None:
    year = tuple(date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365))
    policy = Policy(days_off=year)
    assert before_holiday(date(2026, 6, 30), policy) == date(2026, 5, 30)
    assert legal_deadline(date(2026, 6, 30), policy) == date(2026, 7, 31)
