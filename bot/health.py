"""Is this process alive, is it ready, and what is due right now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from backend.db.port import Store, StoreDown
from bot.clock import Clock


class Busy(Protocol):
    @property
    def busy(self) -> int: ...


def health_routes(store: Store, clock: Clock, workers: Sequence[Busy]) -> list[web.RouteDef]:
    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        try:
            pulse = await store.pulse(clock.now())
        except StoreDown as down:
            return web.json_response({"ready": False, "why": str(down)}, status=503)
        following = await store.next_due()
        return web.json_response(
            {
                "ready": True,
                "now": clock.now().isoformat(),
                "due_effects": pulse.effects,
                "due_timers": pulse.timers,
                "dead_effects": pulse.dead,
                "in_hand": sum(worker.busy for worker in workers),
                "next_due": following.isoformat() if following else None,
            }
        )

    return [web.get("/health", alive), web.get("/ready", ready)]
