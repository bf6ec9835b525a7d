"""The storm: every push four times, shuffled, over twenty connections, while every sender hangs at a silent WeChat."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from pathlib import Path

from aiohttp import web

from backend.db.connect import connect
from backend.sealing import sealer_of
from bot.bench_figures import Aim, Plan, Verdict, judge
from bot.bench_load import AES_KEY, APPID, SECRET, TOKEN, Load, Loaded
from bot.bench_servers import BenchFailed, Cluster, child, free_port
from bot.bench_town import OPERATOR, SEAL_KEY, settle_town
from bot.bench_wechat import loaded
from bot.clock import SHANGHAI, FileClock, set_clock
from bot.policies import Policies
from bot.turn import Turns
from dialogs.events import TierDue

COPIES, CONNECTIONS = 4, 20
SENDERS = 16
"""Calls of one process that hang at once: the chat lane's own limit."""
WISHES = 400
"""Notices that wait to be sent: the senders hang for longer than the storm lasts."""
SATURATED_SECONDS = 60.0
STORM = Aim("storm: p99 of an answer, to one second", 1.0, at_least=False)


class Silent:
    """A WeChat that gives a token and then takes every message without ever answering."""

    def __init__(self) -> None:
        self.hanging = 0
        self.port = 0
        self._over = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.router.add_post("/{any:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            self._over.set()
            await runner.cleanup()

    async def _token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "bench", "expires_in": 7200})

    async def _take(self, _: web.Request) -> web.Response:
        self.hanging += 1
        try:
            await self._over.wait()
        finally:
            self.hanging -= 1
        return web.json_response({"errcode": -1})


def measure_storm(cluster: Cluster, folder: Path, plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to. Raises BenchFailed."""
    rounds = asyncio.run(_storm(cluster, folder, plan))
    lines = [
        f"  {plan.messages} messages, {plan.messages * COPIES} pushes   p50 {one.p50 * 1e3:5.0f} ms   "
        f"p99 {one.p99 * 1e3:5.0f} ms   {plan.messages * COPIES / one.wall:5.0f} answers/s"
        for one in rounds
    ]
    return lines, [judge(STORM, [one.p99 for one in rounds], [1.0] * len(rounds))]


async def _storm(cluster: Cluster, folder: Path, plan: Plan) -> Sequence[Loaded]:
    url, port, clock = cluster.create("storm"), free_port(), folder / "storm.clock"
    noon = datetime.combine(datetime.now(SHANGHAI).date(), time(12), SHANGHAI).astimezone(UTC)
    set_clock(clock, noon)
    await asyncio.to_thread(lambda: asyncio.run(settle_town(url, plan.few)))
    talking = plan.few // 2
    wishes = range(talking + 1, min(talking + WISHES, plan.few) + 1)
    await _wish(url, clock, wishes)
    cluster.settle()
    silent, found = Silent(), []
    async with silent.listening():
        with child([sys.executable, "-m", "bot", "serve"], _environ(url, port, clock, silent), port, folder / "log"):
            for number in range(plan.rounds):
                await _saturated(silent, min(SENDERS, len(wishes) // 4))
                first = 1_000_000 * (number + 1)
                load = Load(
                    port, talking, plan.messages, first, CONNECTIONS, number, copies=COPIES, at=noon, queued=True
                )
                found.append(await asyncio.to_thread(loaded, load))
    return found


async def _wish(url: str, clock: Path, renewals: range) -> None:
    """Reminders to send, at a time of day at which they may go out, to tenants who write nothing."""
    store = await connect(url, sealer_of(SEAL_KEY))
    turns = Turns(store, Policies(), FileClock(clock), lambda _: None)
    for renewal in renewals:
        await turns.deliver(renewal, TierDue("T-15"))
    await store.close()


async def _saturated(silent: Silent, senders: int) -> None:
    """Raises BenchFailed when the senders do not hang: then nothing worth telling is measured."""
    until = asyncio.get_running_loop().time() + SATURATED_SECONDS
    while silent.hanging < senders:
        if asyncio.get_running_loop().time() > until:
            raise BenchFailed(f"only {silent.hanging} of {senders} senders hang")
        await asyncio.sleep(0.05)


def _environ(url: str, port: int, clock: Path, silent: Silent) -> dict[str, str]:
    return {
        "XUZU_DATABASE_URL": url,
        "XUZU_SEAL_KEY": SEAL_KEY,
        "XUZU_LINK_KEY": "bench-link-key-bench-link-key-00",
        "XUZU_OPERATORS": OPERATOR,
        "XUZU_PORT": str(port),
        "XUZU_CLOCK_FILE": str(clock),
        "XUZU_WECHAT_APPID": APPID,
        "XUZU_WECHAT_SECRET": SECRET,
        "XUZU_WECHAT_TOKEN": TOKEN,
        "XUZU_WECHAT_AES_KEY": AES_KEY,
        "XUZU_WECHAT_API_BASE": f"http://127.0.0.1:{silent.port}",
        "XUZU_WECHAT_NOTICE_TEMPLATE": "bench-notice",
    }
