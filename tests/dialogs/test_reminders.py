"""The ladder's clock: each tier on its day, earlier over a holiday, the newest only when late, and never back."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from dialogs.policy import Policy, Tier, Tone
from dialogs.reminders import days_left, due_at, first_due, is_newer, ladder, newest_due, next_due
from dialogs.workdays import shanghai

POLICY = Policy()
T30, T15, T7 = POLICY.tiers
END = date(2026, 12, 16)
"""No holiday lies in its last thirty days."""
MORNING = time(9, 30)


@pytest.mark.parametrize(
    ("tier", "day"), [(T30, date(2026, 11, 16)), (T15, date(2026, 12, 1)), (T7, date(2026, 12, 9))]
)
def test_a_tier_is_due_on_its_day_at_the_send_time(tier: Tier, day: date) -> None:
    assert due_at(tier, END, POLICY) == shanghai(day, MORNING)


@pytest.mark.parametrize("end", [date(2026, 2, 22) + timedelta(days=n) for n in range(9)], ids=str)
def test_a_last_week_that_begins_in_the_spring_festival_is_told_before_it(end: date) -> None:
    """T-7 falls on 15 to 23 February 2026 (requirements S12)."""
    assert due_at(T7, end, POLICY) == shanghai(date(2026, 2, 14), MORNING)


def test_the_first_tier_of_a_window_opened_late_is_due_on_the_opening_day() -> None:
    assert first_due(END, POLICY, date(2026, 11, 1)) == shanghai(date(2026, 11, 16), MORNING)
    assert first_due(END, POLICY, date(2026, 12, 5)) == shanghai(date(2026, 12, 5), MORNING)


def test_an_operator_without_tiers_still_opens_the_window() -> None:
    assert first_due(END, Policy(tiers=()), date(2026, 11, 1)) == shanghai(date(2026, 11, 1), MORNING)


def test_after_downtime_only_the_newest_due_tier_counts() -> None:
    before = shanghai(date(2026, 11, 16), time(9, 29))
    assert newest_due(END, POLICY, before) is None
    assert newest_due(END, POLICY, before + timedelta(minutes=1)) == T30
    assert newest_due(END, POLICY, shanghai(date(2026, 12, 10))) == T7


def test_the_next_tier_is_the_first_one_still_to_come() -> None:
    assert next_due(END, POLICY, shanghai(date(2026, 11, 16), MORNING)) == (T15, shanghai(date(2026, 12, 1), MORNING))
    assert next_due(END, POLICY, shanghai(date(2026, 12, 9), MORNING)) is None


@pytest.mark.parametrize(
    ("name", "than", "newer"),
    [("T-30", "", True), ("T-15", "T-30", True), ("T-30", "T-15", False), ("T-7", "T-7", False), ("T-99", "", False)],
)
def test_tiers_only_go_forward(name: str, than: str, newer: bool) -> None:
    assert is_newer(name, than, POLICY) is newer


def test_tiers_are_climbed_in_the_order_of_their_days_however_they_were_written_down() -> None:
    early = Tier("T-60", 60, Tone.WARM)
    assert ladder(Policy(tiers=(T7, early, T30))) == (early, T30, T7)


def test_days_left_count_shanghai_days_and_never_below_none() -> None:
    assert days_left(END, shanghai(date(2026, 12, 15)) + timedelta(hours=23, minutes=59)) == 1
    assert days_left(END, shanghai(END)) == 0
    assert days_left(END, shanghai(date(2026, 12, 20))) == 0
