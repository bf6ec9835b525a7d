"""``xuzu reconcile``: one day compared with every partner now, as a table."""

from __future__ import annotations

import sys
from datetime import date, timedelta

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.adapters import wire
from bot.app import clock_of, open_store, policies_of, reconciler_of
from bot.clock import shanghai_day
from bot.partners import Partners
from bot.settings import Settings
from bot.turn import Turns


async def reconcile_command(settings: Settings, said: str | None) -> int:
    """0 everything agrees or was mended, 1 differences wait for people, 2 no day."""
    clock = clock_of(settings)
    try:
        day = date.fromisoformat(said) if said else shanghai_day(clock.now()) - timedelta(days=1)
    except ValueError:
        print(f"{said}: no day; write it as 2026-11-23", file=sys.stderr)
        return 2
    store = await open_store(settings)
    async with aiohttp.ClientSession() as session:
        try:
            adapters = await wire(settings, session, clock)
            turns = Turns(store, policies_of(settings), clock, lambda _: None)
            partners = Partners(turns, adapters.esign, adapters.payments, adapters.deductions)
            reconciler = reconciler_of(turns, adapters, partners, settings.operators)
            for operator in settings.operators:
                for source in reconciler.sources:
                    await reconciler.compare(operator, day, source)
            await adapters.close()
            left = [one for operator in settings.operators for one in await store.differences(operator)]
            compared = [one for operator in settings.operators for one in await store.compared(operator)]
        finally:
            await store.close()
    table = Table("day", "with", "result", "note", title=f"reconciliation of {day}")
    for one in compared:
        if one.day == day:
            result = ", ".join(f"{kind} {count}" for kind, count in one.counts.items())
            table.add_row(str(one.day), one.source, result or "nothing that day", one.note)
    console = Console(highlight=False)
    console.print(table)
    for difference in left:
        console.print(
            f"{difference.day} {difference.source} {difference.kind} {difference.ref}: "
            f"ours {difference.ours or '-'}, theirs {difference.theirs or '-'}"
        )
    return 1 if left else 0
