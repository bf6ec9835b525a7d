"""Played time: the clock moves to the next moment at which anybody has something to do, once all is quiet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import demo_clockwork
from bot.browsing import Unanswered
from bot.clock import FileClock
from bot.demo_clockwork import Clockwork, NeverQuiet

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


class Alarm:
    """Somebody who acts at these moments; away for the first try of each when ``shy``."""

    def __init__(self, *moments: datetime, shy: bool = False) -> None:
        self.moments = sorted(moments)
        self.acted: list[datetime] = []
        self._shy = shy

    async def pump(self, now: datetime) -> int:
        if not self.moments or self.moments[0] > now:
            return 0
        if self._shy:
            self._shy = False
            raise Unanswered("away")
        self.acted.append(now)
        del self.moments[0]
        return 1

    async def look(self, now: datetime) -> None:
        return None

    def next_at(self) -> datetime | None:
        return self.moments[0] if self.moments else None


@pytest.fixture
async def answers() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    state: dict[str, Any] = {"ready": True, "due_effects": 0, "due_timers": 0, "in_hand": 0, "next_due": None}

    async def ready(_: web.Request) -> web.Response:
        return web.json_response(state)

    app = web.Application()
    app.add_routes([web.get("/ready", ready)])
    async with TestServer(app) as server:
        yield str(server.make_url("/ready")), state


async def never_over(_: datetime) -> bool:
    return False


async def test_time_jumps_from_moment_to_moment_and_the_file_follows(
    answers: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    url, _ = answers
    alarm = Alarm(START + timedelta(hours=5), START + timedelta(days=3), shy=True)
    clockwork = Clockwork(tmp_path / "clock", START, url, [alarm])
    await clockwork.play(START + timedelta(days=4), never_over)
    await clockwork.close()
    assert alarm.acted == [START + timedelta(hours=5), START + timedelta(days=3)]
    assert FileClock(tmp_path / "clock").now() == START + timedelta(days=4)
    assert clockwork.instants == 3


async def test_it_ends_when_the_season_is_over(answers: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    url, _ = answers
    clockwork = Clockwork(tmp_path / "clock", START, url, [Alarm(START + timedelta(hours=1))])

    async def over(now: datetime) -> bool:
        return now > START

    await clockwork.play(START + timedelta(days=365), over)
    await clockwork.close()
    assert clockwork.now == START + timedelta(hours=1)


async def test_a_server_that_works_in_circles_is_reported(
    answers: tuple[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, state = answers
    state["due_effects"] = 3
    monkeypatch.setattr(demo_clockwork, "QUIET_TRIES", 5)
    clockwork = Clockwork(tmp_path / "clock", START, url, [])
    with pytest.raises(NeverQuiet, match="'due_effects': 3"):
        await clockwork.settle()
    await clockwork.close()
