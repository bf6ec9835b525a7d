"""The operator's own word on what is owed: only a signed question is answered, only a sound answer is believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.ledger.erp import UNAVAILABLE, Erp, Item
from backend.sandbox.erp import ErpSandbox

NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
DAY = date(2026, 9, 2)


def now() -> datetime:
    return NOW


@dataclass
class Desk:
    erp: Erp
    sandbox: ErpSandbox
    session: aiohttp.ClientSession
    url: str


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    sandbox = ErpSandbox("synthetic", now)
    async with TestServer(sandbox.app()) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/receivables"))
        yield Desk(Erp(url, "synthetic", session, now), sandbox, session, url)


async def test_clear_owing_and_disputed_as_their_books_say(desk: Desk) -> None:
    desk.sandbox.owed["L-2"] = desk.sandbox.owed["L-3"] = [{"no": "B1", "due": "2026-08-28", "fen": 12000}]
    desk.sandbox.disputed.add("L-3")
    clear = await desk.erp.verify("L-1", DAY, "R1C1")
    assert (clear.verdict, clear.items, clear.deposit_fen, clear.evidence) == ("clear", (), 320000, "CHK-1")
    owing = await desk.erp.verify("L-2", DAY, "R2C1")
    assert (owing.verdict, owing.items) == ("owing", (Item("B1", date(2026, 8, 28), 12000),))
    assert (await desk.erp.verify("L-3", DAY, "R3C1")).verdict == "disputed"
    assert desk.sandbox.asked == ["R1C1", "R2C1", "R3C1"]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        '{"verdict":"clear"}',
        '{"verdict":"fine","evidence":"C1"}',
        '{"verdict":"clear","evidence":"C1","items":[{"no":"B","due":"2026-08-28","fen":1}]}',
        '{"verdict":"owing","evidence":"C1","items":[]}',
        '{"verdict":"owing","evidence":"C1","items":[{"no":"B","due":"2026-08-28","fen":-1}]}',
        '{"verdict":"owing","evidence":"C1","items":[{"no":"B","due":"2026-08-28","fen":1.5}]}',
        '{"verdict":"clear","evidence":"C1","deposit_fen":-1}',
        '{"verdict":"clear","evidence":"C1","valid_until":"2026-09-02T01:59:59+00:00"}',
        '{"verdict":"clear","evidence":"C1","valid_until":"2026-09-02T03:00:00"}',
        '{"verdict":"clear","evidence":"C1","note":"' + "x" * 300_000 + '"}',
    ],
)
async def test_an_answer_that_is_not_sound_is_never_clear(desk: Desk, said: str) -> None:
    desk.sandbox.said.append(said)
    assert (await desk.erp.verify("L-1", DAY, "R1C1")).verdict == UNAVAILABLE


async def test_a_wrong_secret_is_refused_and_nothing_is_clear(desk: Desk) -> None:
    stranger = Erp(desk.url, "another", desk.session, now)
    assert (await stranger.verify("L-1", DAY, "R1C1")).verdict == UNAVAILABLE
    assert desk.sandbox.asked == []


async def test_nobody_there_is_unavailable(desk: Desk, unused_tcp_port: int) -> None:
    away = Erp(f"http://127.0.0.1:{unused_tcp_port}/", "synthetic", desk.session, now)
    assert (await away.verify("L-1", DAY, "R1C1")).verdict == UNAVAILABLE
