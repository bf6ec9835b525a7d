"""A vendor's front door: shut by the clock, at both edges, and too large a body never reaches the desk behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from backend.sandbox.sms_door import BODY_LIMIT, Door
from backend.sandbox.sms_faults import Fault
from backend.sandbox.wechatpay_faults import Troubles

NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
Client = TestClient[web.Request, web.Application]


class Street:
    """The door, its clock and bad days, and how often somebody behind it acted."""

    def __init__(self) -> None:
        self.now, self.acts, self.closed = NOON, 0, 0
        self.faults: Troubles[Fault] = Troubles()
        self.door = Door(lambda: self.now, self.faults, lambda: web.Response(text="busy"), lambda *_: "")

    async def act(self, request: web.Request) -> web.Response:
        await request.read()
        self.acts += 1
        return web.Response(text="done")

    async def close(self) -> None:
        self.closed += 1


@asynccontextmanager
async def street() -> AsyncIterator[tuple[Street, Client]]:
    here = Street()
    async with TestClient(TestServer(here.door.app(here.act, here.close))) as client:
        yield here, client


async def asked(client: Client, raw: bytes = b"") -> tuple[int, str]:
    async with client.post("/", data=raw) as answer:
        return answer.status, await answer.text()


async def test_an_outage_begins_and_ends_by_the_clock() -> None:
    async with street() as (here, client):
        here.door.outage(NOON, NOON + timedelta(hours=6))
        statuses = []
        for hours in (-1, 0, 5, 6):
            here.now = NOON + timedelta(hours=hours)
            statuses.append((await asked(client))[0])
        assert (statuses, here.acts, here.door.turned_away) == ([200, 503, 503, 200], 2, 2)


async def test_a_line_that_is_cut_answers_nobody_and_does_nothing() -> None:
    async with street() as (here, client):
        here.door.outage(NOON, NOON + timedelta(hours=1), cut=True)
        with pytest.raises(aiohttp.ClientError):
            await asked(client)
        assert (here.acts, here.door.turned_away) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "answer", "acts"),
    [
        (Fault.BUSY, (200, "busy"), 0),
        (Fault.BROKEN_AFTER, (502, "<html>bad gateway</html>"), 1),
        (None, (200, "done"), 1),
    ],
)
async def test_what_befalls_one_call(fault: Fault | None, answer: tuple[int, str], acts: int) -> None:
    async with street() as (here, client):
        here.faults.next(fault)
        assert await asked(client) == answer
        assert here.acts == acts


async def test_too_large_a_body_is_not_read() -> None:
    async with street() as (here, client):
        assert (await asked(client, b"x" * (BODY_LIMIT + 1)))[0] == 413
        assert here.acts == 0


async def test_who_hangs_is_let_go_when_the_house_closes() -> None:
    async with street() as (here, client):
        here.faults.next(Fault.SILENT_AFTER)
        with pytest.raises(TimeoutError):
            await client.post("/", timeout=aiohttp.ClientTimeout(total=0.2))
    assert (here.acts, here.closed) == (1, 1)
