"""Puts one process together: the store, the doors, the workers; what is not configured is not served."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import aiohttp
import msgspec
from aiohttp import web

from backend.console.desk import Desk
from backend.console.routes import routes as console_routes
from backend.db.connect import connect
from backend.db.port import Store
from backend.sealing import sealer_of
from bot.adapters import Adapters, Ears, wire
from bot.clock import Clock, FileClock, SystemClock
from bot.dispatcher import Dispatcher, Hand
from bot.documents import Documents
from bot.effects.chat import Mouth, chat_hands
from bot.effects.deduct import Deducting
from bot.effects.desk import desk_hands
from bot.effects.esign import esign_hands
from bot.effects.ledger import ledger_hands
from bot.effects.lock import lock_hands
from bot.effects.pay import pay_hands
from bot.health import health_routes
from bot.intake import Intake
from bot.pagedoor import TenantPage
from bot.partners import Partners
from bot.policies import Policies
from bot.poller import Poller
from bot.printing import check_printer
from bot.proofs import Means, TenantProofs
from bot.reading import reader_of
from bot.reconciler import Reconciler, Sources
from bot.rendering import page_environment
from bot.settings import Settings, SettingsError
from bot.speaker import Speaker
from bot.ticker import Ticker
from bot.tills import Tills
from bot.turn import Turns
from bot.wakeups import Wakeups
from channels.page.links import Links
from channels.page.routes import PageDoor
from channels.page.routes import routes as page_routes
from dialogs.effects import Effect
from dialogs.machine import refuse_orphans
from dialogs.money import ZERO, Fen
from dialogs.policy import Policy
from dialogs.understanding.port import Reader

log = logging.getLogger("xuzu")

TEMPLATES = Path(__file__).parent.parent / "templates"
STORE: web.AppKey[Store] = web.AppKey("store", Store)
Context = Callable[[web.Application], AsyncIterator[None]]


class Worker(Protocol):
    """A part that works in the background until it is cancelled; ``busy`` counts what it has in hand or must begin."""

    @property
    def busy(self) -> int: ...

    async def run(self) -> None: ...


class Parts(msgspec.Struct):
    """What one process is made of."""

    settings: Settings
    turns: Turns
    adapters: Adapters
    speaker: Speaker
    links: Links
    wakeups: Wakeups
    reader: Reader


def clock_of(settings: Settings) -> Clock:
    return FileClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


async def open_store(settings: Settings) -> Store:
    """The store named by the settings. Raises StoreDown, SettingsError, and SchemaBehind until ``xuzu migrate``."""
    try:
        sealer = sealer_of(settings.seal_key)
    except ValueError as wrong:
        raise SettingsError(f"XUZU_SEAL_KEY: {wrong}; 64 hex digits are wanted") from None
    try:
        return await connect(settings.database_url, sealer)
    except ValueError as wrong:
        raise SettingsError(f"XUZU_DATABASE_URL: {wrong}") from None


def links_of(settings: Settings) -> Links:
    """Raises SettingsError for a key that is too short."""
    try:
        return Links({"1": settings.link_key.encode()}, "1")
    except ValueError as wrong:
        raise SettingsError(f"XUZU_LINK_KEY: {wrong}") from None


async def build(settings: Settings) -> web.Application:
    """The application with everything the settings connect; workers start and stop with it.

    Raises StoreDown, SchemaBehind, SettingsError, and ValueError when the table orphans a live renewal.
    """
    links = links_of(settings)
    store = await open_store(settings)
    refuse_orphans(await store.live_flows())
    session = aiohttp.ClientSession()
    clock = clock_of(settings)
    adapters = await wire(settings, session, clock)
    wakeups = Wakeups(adapters.publish)
    adapters.listen(wakeups.ring)
    turns = Turns(store, policies_of(settings), clock, wakeups.wake)
    speaker = Speaker(TEMPLATES, links, settings.public_url, clock)
    parts = Parts(settings, turns, adapters, speaker, links, wakeups, reader_of(settings.assistant, session))
    return _assemble(parts, session)


def policies_of(settings: Settings) -> Policies:
    """The rules until an operator publishes others: nothing is deducted unless a limit was named."""
    limits = [one.limit for one in (settings.entrust, settings.alipay) if one is not None]
    return Policies(default=Policy(deduct_limit=Fen(max(limits, default=ZERO))))


def _assemble(parts: Parts, session: aiohttp.ClientSession) -> web.Application:
    app = web.Application(client_max_size=64 * 1024)
    app[STORE] = parts.turns.store
    app.cleanup_ctx.append(_closing(parts, session))
    role = parts.settings.role
    workers = _workers(parts) if role in ("worker", "all") else []
    if role in ("web", "all"):
        _doors(app, parts)
    app.add_routes(health_routes(parts.turns.store, parts.turns.clock, workers))
    app.cleanup_ctx.append(_running(workers))
    return app


def _workers(parts: Parts) -> list[Worker]:
    turns, settings, adapters = parts.turns, parts.settings, parts.adapters
    dispatcher = Dispatcher(turns, _hands(parts), parts.wakeups, adapters.worker, poll=settings.poll_seconds)
    ticker = Ticker(turns, settings.operators, poll=settings.poll_seconds)
    partners = Partners(turns, adapters.esign, adapters.payments, adapters.deductions)
    poller = Poller(partners, settings.operators, turns.clock, poll=settings.poll_seconds)
    reconciler = reconciler_of(turns, adapters, partners, settings.operators, settings.poll_seconds)
    return [dispatcher, ticker, poller, reconciler]


def reconciler_of(
    turns: Turns, adapters: Adapters, partners: Partners, operators: Sequence[str], poll: float = 1.0
) -> Reconciler:
    """Compares with everybody who is connected."""
    sources = Sources(tuple(adapters.payments.values()), adapters.esign, adapters.locks)
    return Reconciler(
        turns.store, partners, sources, lambda stored: turns.subject(stored).policy, operators, turns.clock, poll=poll
    )


def _hands(parts: Parts) -> dict[type[Effect], Hand]:
    store, adapters = parts.turns.store, parts.adapters
    mouth = Mouth(parts.turns, adapters.channels, parts.speaker, adapters.template)
    hands = desk_hands(store) | ledger_hands(store, adapters.erp) | chat_hands(mouth)
    if adapters.esign is not None:
        check_printer()
        hands |= esign_hands(store, adapters.esign, Documents(TEMPLATES).paper)
    if adapters.payments:
        hands |= pay_hands(store, Tills(adapters.payments), Deducting(store, adapters.deductions))
    if adapters.locks is not None:
        hands |= lock_hands(store, adapters.locks)
    return hands


def _doors(app: web.Application, parts: Parts) -> None:
    settings, turns, adapters = parts.settings, parts.turns, parts.adapters
    partners = Partners(turns, adapters.esign, adapters.payments, adapters.deductions)
    wechat = Intake(turns, parts.speaker, "wechat", adapters.passive, parts.reader)
    ears = Ears(wechat.hear, Intake(turns, parts.speaker, "sms", reader=parts.reader).hear)
    app.add_routes(adapters.routes(ears, partners.envelope_moved, partners.payment_moved, partners.mandate_moved))
    environment = page_environment(TEMPLATES)
    secure = settings.public_url.startswith("https:")
    pay_page = settings.pay.pay_page if settings.pay is not None else ""
    proofs, origin = _proofs(parts), settings.public_url.rstrip("/")
    deductions = tuple(adapters.deductions.values())
    page = TenantPage(turns, adapters.payments, adapters.esign, pay_page, deductions, origin)
    asked = proofs if settings.page_proof else None
    door = PageDoor(page, parts.links, environment, turns.clock.now, secure, asked, origin)
    app.add_routes(page_routes(door))
    if not settings.desk_key and not settings.open_desk:
        log.warning("the desk is not served: set XUZU_DESK_KEY")
        return
    key = None if settings.open_desk else settings.desk_key
    operator = settings.operators[0]
    desk = Desk(turns.store, operator, key, environment, turns.deliver, turns.clock.now, secure)
    binding = proofs.picture_to_bind if proofs.wechat else None
    app.add_routes(console_routes(msgspec.structs.replace(desk, binding=binding, template=adapters.template)))


def _proofs(parts: Parts) -> TenantProofs:
    settings, turns, wechat = parts.settings, parts.turns, parts.adapters.wechat
    sms = parts.adapters.sms
    send_code = sms.send_code if sms is not None else None
    means = Means(wechat.pages if wechat is not None else None, send_code, parts.adapters.template)
    return TenantProofs(turns.store, turns.clock, settings.public_url, means)


def _running(workers: Sequence[Worker]) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_watched(worker.run())) for worker in workers]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return context


async def _watched(run: Coroutine[None, None, None]) -> None:
    """A background part that breaks ends the process: a supervisor starts it whole; half of one helps nobody."""
    try:
        await run
    except Exception:
        log.exception("a background part broke; the process ends")
        os.kill(os.getpid(), signal.SIGTERM)


def _closing(parts: Parts, session: aiohttp.ClientSession) -> Context:
    async def context(_: web.Application) -> AsyncIterator[None]:
        yield
        async with AsyncExitStack() as stack:
            stack.push_async_callback(parts.turns.store.close)
            stack.push_async_callback(session.close)
            await parts.adapters.close()

    return context
