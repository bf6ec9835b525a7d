"""The demo without a season: nothing plays by itself but the partners, you hold the phones and move the clock."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from contextlib import AsyncExitStack

from rich.console import Console

from bot.demo import OPERATOR, Season, Services, open_season
from bot.demo_clockwork import Clockwork, Player
from bot.demo_people import CoSigners, Post
from bot.demo_phone import Phones, PhoneServer
from bot.demo_place import fresh, port


async def play_by_hand(arguments: argparse.Namespace) -> int:
    """0 when it was ended by hand. Raises SettingsError for a taken port."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    console = Console()
    number = port(arguments.port, free=False)
    async with AsyncExitStack() as stack:
        services = Services(arguments.database, arguments.redis)
        season = Season(fresh(arguments.folder), number, arguments.seed, services)
        server = await open_season(stack, season, console)
        clockwork = await begin(stack, season)
        url = await hand_out(stack, season, clockwork)
        console.print(f"手机 · The tenants' phones: [bold]{url}[/]")
        console.print(f"管家台 · The desk:          [bold]{season.url}/desk[/]   (Ctrl-C 结束 · to stop)")
        with contextlib.suppress(asyncio.CancelledError):
            await server.wait()
    return 0


async def begin(stack: AsyncExitStack, season: Season) -> Clockwork:
    """Partners and co-signers live by the clock, nobody else; the first reminders are out."""
    rows = season.ledger.rows
    cosigners = CoSigners(season.world, frozenset(row.lease.tenant.id for row in rows), season.seed)
    stack.push_async_callback(cosigners.close)
    for tenant in season.tenants.values():
        stack.push_async_callback(tenant.close)
    players: list[Player] = [Post(season.world), cosigners]
    clockwork = Clockwork(season.folder / "clock", season.start, f"{season.url}/ready", players)
    season.clockwork = clockwork
    stack.push_async_callback(clockwork.close)
    await clockwork.settle()
    return clockwork


async def hand_out(stack: AsyncExitStack, season: Season, clockwork: Clockwork) -> str:
    """Where the phones lie."""
    phones = Phones(season.world, clockwork, season.ledger.rows, season.ledger.bindings)
    server = PhoneServer(phones, OPERATOR)
    stack.push_async_callback(server.close)
    await server.open(lambda wanted: port(wanted, free=True), season.port + 1)
    return server.url
