"""A vendor's post room: in the order of the clock, with patience for a door that is shut, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from backend.sandbox import sms_post
from backend.sandbox.sms_post import RETRIES, PostRoom

NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


class Doorstep:
    """Our door: keeps what comes, and answers as it is told to."""

    def __init__(self) -> None:
        self.now, self.url = NOON, ""
        self.came: list[object] = []
        self.answers: list[tuple[int, str]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        status, text = self.answers.pop(0) if self.answers else (200, '{"code": 0}')
        return web.Response(status=status, text=text, content_type="application/json")


@asynccontextmanager
async def post_room() -> AsyncIterator[tuple[Doorstep, PostRoom]]:
    door, app = Doorstep(), web.Application()
    app.router.add_post("/", door.take)
    room = PostRoom(lambda: door.now, lambda said: isinstance(said, dict) and said.get("code") == 0)
    async with TestServer(app) as server:
        door.url = str(server.make_url("/"))
        yield door, room
        await room.close()


async def test_letters_come_when_they_are_due_oldest_first() -> None:
    async with post_room() as (door, room):
        for minutes in (5, 1, 3):
            room.write(door.url, minutes, NOON + timedelta(minutes=minutes))
        assert await room.deliver_pending() == 0
        assert room.next_due() == NOON + timedelta(minutes=1)
        door.now = NOON + timedelta(minutes=3)
        assert await room.deliver_pending() == 2
        assert (door.came, room.next_due()) == ([1, 3], NOON + timedelta(minutes=5))


@pytest.mark.parametrize("answer", [(500, '{"code": 0}'), (200, '{"code": 7}'), (200, "thanks"), (200, "[]")])
async def test_what_is_not_acknowledged_comes_again(answer: tuple[int, str]) -> None:
    async with post_room() as (door, room):
        door.answers = [answer]
        room.write(door.url, "receipt", NOON)
        assert await room.deliver_pending() == 1
        assert room.next_due() == NOON + RETRIES[0]
        door.now = NOON + RETRIES[0]
        assert await room.deliver_pending() == 1
        assert (door.came, room.next_due(), room.given_up) == (["receipt"] * 2, None, 0)


async def test_after_one_five_and_ten_minutes_it_is_given_up() -> None:
    async with post_room() as (door, room):
        door.answers = [(503, "")] * 4
        room.write(door.url, "receipt", NOON)
        waits = []
        for _ in range(4):
            await room.deliver_pending()
            if due := room.next_due():
                waits.append(int((due - door.now).total_seconds()) // 60)
                door.now = due
        assert (waits, len(door.came), room.next_due(), room.given_up) == ([1, 5, 10], 4, None, 1)


async def test_a_text_is_said_again_at_once_a_few_times() -> None:
    async with post_room() as (door, room):
        door.answers = [(500, ""), (500, "")]
        assert await room.say(door.url, "2")
        assert door.came == ["2"] * 3
        door.answers = [(500, "")] * 9
        assert not await room.say(door.url, "3")
        assert door.came[3:] == ["3"] * 4


async def test_a_server_that_is_away_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms_post, "AWAY_SECONDS", 0)
    async with post_room() as (door, room):
        room.write(f"http://127.0.0.1:{unused_port()}/", "receipt", NOON)
        assert await room.deliver_pending() == 1
        assert (room.next_due(), door.came) == (NOON + RETRIES[0], [])
