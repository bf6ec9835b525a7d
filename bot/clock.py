"""What time it is: the machine's, or one written in a file so that a demo can play weeks in minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, aware UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """Reads an ISO instant from a file that somebody else moves forward (the demo); never goes backwards."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = -1
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        stamp = self._path.stat().st_mtime_ns
        if stamp != self._stamp:
            self._now = max(self._now, datetime.fromisoformat(self._path.read_text()).astimezone(UTC))
            self._stamp = stamp
        return self._now


def set_clock(path: Path, now: datetime) -> None:
    """Move a FileClock: written beside and renamed, so that a reader never sees half an instant."""
    fresh = path.with_suffix(".next")
    fresh.write_text(now.isoformat())
    fresh.replace(path)


def shanghai_day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
