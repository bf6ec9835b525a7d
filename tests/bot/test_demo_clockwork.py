"""The demo's time: it stands still until all is quiet, then goes to the next moment at which anybody has to act."""

from __future__ import annotations

import asyncio
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
HOUR = timedelta(hours=1)


class Readiness:
    """The server's ``/ready``: what stands first is told first, the last answer repeats."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = [quiet()]

    async def answer(self, _: web.Request) -> web.Response:
        body = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return web.json_response(body)


def quiet(following: datetime | None = None, **more: Any) -> dict[str, Any]:
    due = {"due_effects": 0, "due_timers": 0, "in_hand": 0, "ready": True}
    return {**due, "next_due": following.isoformat() if following else None, **more}


class Guest:
    """Acts at the instants it has in mind; may find nobody at home first."""

    def __init__(self, *moments: datetime, away: int = 0) -> None:
        self.moments = list(moments)
        self.acted: list[datetime] = []
        self.looked = 0
        self._away = away

    async def pump(self, now: datetime) -> int:
        ready = [one for one in self.moments if one <= now]
        if ready and self._away:
            self._away -= 1
            raise Unanswered("502")
        self.moments = [one for one in self.moments if one > now]
        self.acted += [now] * len(ready)
        return len(ready)

    async def look(self, now: datetime) -> None:
        self.looked += 1

    def next_at(self) -> datetime | None:
        return min(self.moments, default=None)


@pytest.fixture
def ready() -> Readiness:
    return Readiness()


@pytest.fixture
async def url(ready: Readiness) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/ready", ready.answer)])
    async with TestServer(app) as server:
        yield str(server.make_url("/ready"))


async def played(
    path: Path, url: str, *guests: Guest, until: timedelta = timedelta(days=1), stop: int = 99
) -> Clockwork:
    work = Clockwork(path, START, url, guests)

    async def tick(_: datetime) -> bool:
        return work.instants >= stop

    try:
        await work.play(START + until, tick)
    finally:
        await work.close()
    return work


async def test_time_jumps_from_moment_to_moment(tmp_path: Path, url: str) -> None:
    first, second = Guest(START + HOUR, START + 5 * HOUR), Guest(START + 2 * HOUR)
    work = await played(tmp_path / "clock", url, first, second)
    assert first.acted == [START + HOUR, START + 5 * HOUR]
    assert second.acted == [START + 2 * HOUR]
    assert work.instants == 4
    assert work.now == START + timedelta(days=1)
    assert FileClock(tmp_path / "clock").now() == work.now


async def test_the_servers_own_next_moment_counts_too(tmp_path: Path, url: str, ready: Readiness) -> None:
    ready.answers = [quiet(START + 3 * HOUR), quiet()]
    guest = Guest()
    work = await played(tmp_path / "clock", url, guest, stop=2)
    assert work.now == START + 3 * HOUR
    assert guest.looked == 2


async def test_a_moment_that_is_past_still_moves_time_on(tmp_path: Path, url: str, ready: Readiness) -> None:
    ready.answers = [quiet(START - HOUR)]
    work = await played(tmp_path / "clock", url, stop=3)
    assert work.now == START + timedelta(seconds=2)


async def test_time_waits_for_the_server_to_finish(tmp_path: Path, url: str, ready: Readiness) -> None:
    busy = [quiet(in_hand=1), quiet(due_effects=2), quiet(due_timers=1), {"ready": False}]
    ready.answers = [*busy, quiet()]
    guest = Guest()
    await played(tmp_path / "clock", url, guest, stop=1)
    assert ready.answers == [quiet()]
    assert guest.looked == 1, "only once it was quiet"


async def test_who_finds_nobody_at_home_tries_again_at_the_same_instant(tmp_path: Path, url: str) -> None:
    guest = Guest(START, away=2)
    await played(tmp_path / "clock", url, guest, stop=1)
    assert guest.acted == [START]


async def test_a_server_that_never_rests_is_an_error(
    tmp_path: Path, url: str, ready: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_clockwork, "QUIET_TRIES", 5)
    ready.answers = [quiet(in_hand=3)]
    with pytest.raises(NeverQuiet, match="'in_hand': 3"):
        await played(tmp_path / "clock", url)


async def test_a_server_that_is_away_is_waited_for_and_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_clockwork, "QUIET_TRIES", 2)
    with pytest.raises(NeverQuiet, match=START.isoformat().replace("+", r"\+")):
        await played(tmp_path / "clock", "http://127.0.0.1:1/ready")


async def test_somebody_may_wait_for_an_instant(tmp_path: Path, url: str) -> None:
    work = Clockwork(tmp_path / "clock", START, url, [Guest(START + HOUR)])
    waiting = asyncio.create_task(work.reached(2))

    async def tick(_: datetime) -> bool:
        return work.instants >= 2

    await work.play(START + timedelta(days=1), tick)
    await asyncio.wait_for(waiting, 5)
    await work.close()
