"""Health: alive, ready, and what is due; 503 with a reason while the database is away."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.health import health_routes
from dialogs.events import TierDue
from tests.bot.stage import Stage


class Working:
    def __init__(self, busy: int) -> None:
        self.busy = busy


async def asked(stage: Stage, path: str, *workers: Working) -> tuple[int, dict[str, Any]]:
    app = web.Application()
    app.add_routes(health_routes(stage.store, stage.clock, workers))
    async with TestClient(TestServer(app)) as client, client.get(path) as answer:
        body: dict[str, Any] = await answer.json()
        return answer.status, body


async def test_ready_says_what_is_due_and_what_is_in_hand(stage: Stage) -> None:
    status, body = await asked(stage, "/ready")
    assert (status, body["ready"], body["next_due"], body["in_hand"]) == (200, True, None, 0)
    stored = await stage.opened()
    status, body = await asked(stage, "/ready", Working(2), Working(1))
    assert (body["due_timers"], body["due_effects"], body["dead_effects"], body["in_hand"]) == (1, 0, 0, 3)
    assert body["now"] == stage.clock.now().isoformat()
    [timer] = await stage.store.claim_timers(1, stage.clock.now(), 60)
    await stage.turns.deliver(stored.id, TierDue(timer.tag), timer=timer)
    _, body = await asked(stage, "/ready")
    assert (body["due_timers"], body["due_effects"]) == (0, 1)


async def test_the_next_moment_is_told_for_whoever_moves_the_clock(lite: Stage) -> None:
    stored = await lite.opened()
    [timer] = await lite.store.timers(stored.id)
    _, body = await asked(lite, "/ready")
    assert body["next_due"] == timer.due_at.isoformat()


async def test_a_database_that_is_away_is_not_ready_but_the_process_is_alive(lite: Stage) -> None:
    await lite.store.close()
    assert await asked(lite, "/ready") == (503, {"ready": False, "why": "the store is closed"})
    assert await asked(lite, "/health") == (200, {"alive": True})
