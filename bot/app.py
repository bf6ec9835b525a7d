"""Puts one process together: the store, the doors, the workers; what is not configured is not served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from aiohttp import web
from backend.db.connect import connect
from backend.sealing import Sealer, key_from_text
from dialogs.machine import refuse_orphans

from backend.console.routes import routes as console_routes
from backend.db.port import Store
from bot.adapters import Adapters, wire
from bot.clock import Clock, FileClock, SystemClock
from bot.dispatcher import Dispatcher
from bot.documents import Documents
from bot.effects.chat import chat_hands
from bot.effects.desk import desk_hands
from bot.effects.esign import esign_hands
from bot.effects.ledger import ledger_hands
from bot.effects.lock import lock_hands
from bot.effects.pay import pay_hands
from bot.health import health_routes
from bot.intake import Intake
from bot.pagedoor import PageDoor
from bot.partners import Partners
from bot.policies import Policies
from bot.poller import Poller
from bot.settings import Settings
from bot.speaker import Speaker
from bot.ticker import Ticker
from bot.turn import Turns
from bot.wakeups import Wakeups
from channels.page.links import Links
from channels.page.routes import routes as page_routes

log = logging.getLogger("xuzu")

TEMPLATES = Path(__file__).parent.parent / "templates"
STORE: web.AppKey[Store] = web.AppKey("store", Store)


def clock_of(settings: Settings) -> Clock:
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


async def open_store(settings: Settings) -> Store:
    """The store named by the settings. Raises StoreDown, or SchemaBehind when ``xuzu migrate`` has not run."""
    return await connect(settings.database_url, Sealer(key_from_text(settings.seal_key)))


async def build(settings: Settings) -> web.Application:
    """The application with everything the settings connect; workers start and stop with it."""
    store = await open_store(settings)
    refuse_orphans(await store.live_flows())
    session = aiohttp.ClientSession()
    adapters = await wire(settings, session)
    wakeups = Wakeups(adapters.publish)
    adapters.listen(wakeups.ring)
    turns = Turns(store, Policies(), clock_of(settings), wakeups.wake)
    app = web.Application(client_max_size=64 * 1024)
    app[STORE] = store
    app.cleanup_ctx.append(_closing(store, session, adapters))
    links = Links({"1": settings.link_key.encode()}, settings.public_url)
    speaker = Speaker(TEMPLATES, links, turns)
    workers = _workers(settings, turns, adapters, speaker, wakeups)
    if settings.role in ("web", "all"):
        _doors(app, settings, turns, adapters, speaker, links)
    app.add_routes(health_routes(store, turns.clock, [one for one in workers if hasattr(one, "busy")]))
    if settings.role in ("worker", "all"):
        app.cleanup_ctx.append(_running([worker.run for worker in workers]))
    return app


def _workers(
    settings: Settings, turns: Turns, adapters: Adapters, speaker: Speaker, wakeups: Wakeups
) -> list[Dispatcher | Ticker | Poller]:
    hands = {**desk_hands(turns.store), **ledger_hands(turns.store)}
    hands |= chat_hands(turns.store, adapters.channels, speaker)
    if adapters.esign is not None:
        hands |= esign_hands(turns.store, adapters.esign, Documents(TEMPLATES).supplement)
    if adapters.payments is not None:
        hands |= pay_hands(turns.store, adapters.payments)
    if adapters.locks is not None:
        hands |= lock_hands(turns.store, adapters.locks)
    partners = Partners(turns, adapters.esign, adapters.payments)
    dispatcher = Dispatcher(turns, hands, wakeups, adapters.worker, poll=settings.poll_seconds)
    ticker = Ticker(turns, settings.operators, poll=settings.poll_seconds)
    return [dispatcher, ticker, Poller(partners, settings.operators, turns.clock, poll=settings.poll_seconds)]


def _doors(
    app: web.Application, settings: Settings, turns: Turns, adapters: Adapters, speaker: Speaker, links: Links
) -> None:
    intake = Intake(turns, speaker)
    partners = Partners(turns, adapters.esign, adapters.payments)
    app.add_routes(adapters.routes(intake.hear, partners.envelope_moved, partners.payment_moved))
    door = PageDoor(turns, adapters.payments, adapters.esign, settings)
    app.add_routes(page_routes(door, links, turns.clock.now, TEMPLATES))
    if settings.desk_key or settings.open_desk:
        key = None if settings.open_desk else settings.desk_key
        for operator in settings.operators[:1]:
            app.add_routes(console_routes(turns.store, operator, key, turns.deliver, turns.clock.now, TEMPLATES))
    else:
        log.warning("the desk is not served: set XUZU_DESK_KEY")


def _running(
    runs: list[Callable[[], object]],
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def context(_: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.ensure_future(run()) for run in runs]  # type: ignore[arg-type]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return context


def _closing(
    store: Store, session: aiohttp.ClientSession, adapters: Adapters
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def context(_: web.Application) -> AsyncIterator[None]:
        yield
        async with AsyncExitStack() as stack:
            stack.push_async_callback(store.close)
            stack.push_async_callback(session.close)
            await adapters.close()

    return context
