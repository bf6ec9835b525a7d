"""The clock: the machine's in aware UTC, or one from a file that somebody else moves, never backwards."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SHANGHAI, FileClock, SystemClock, set_clock, shanghai_day

FIRST = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def test_the_machines_clock_is_aware() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def moved(path: Path, at: datetime, stamp: int) -> None:
    """A file system may count in coarse steps: the stamp is set, so that each move shows."""
    set_clock(path, at)
    os.utime(path, ns=(stamp, stamp))


def test_a_clock_in_a_file_follows_whoever_moves_it_and_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    moved(path, FIRST, 1)
    clock = FileClock(path)
    assert clock.now() == FIRST
    moved(path, FIRST + timedelta(hours=5), 2)
    assert clock.now() == FIRST + timedelta(hours=5)
    moved(path, FIRST, 3)
    assert clock.now() == FIRST + timedelta(hours=5)


def test_any_time_zone_in_the_file_comes_out_as_utc(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    set_clock(path, FIRST.astimezone(SHANGHAI))
    assert FileClock(path).now() == FIRST
    assert FileClock(path).now().tzinfo is UTC


def test_a_reader_never_sees_half_an_instant(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    set_clock(path, FIRST)
    set_clock(path, FIRST + timedelta(days=1))
    assert [one.name for one in tmp_path.iterdir()] == ["clock"], "written beside, then renamed over it"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 9, 1, 15, 59, tzinfo=UTC), date(2026, 9, 1)),
        (datetime(2026, 9, 1, 16, 0, tzinfo=UTC), date(2026, 9, 2)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_day_turns_at_midnight_in_shanghai(at: datetime, day: date) -> None:
    assert shanghai_day(at) == day
