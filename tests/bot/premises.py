"""Page and desk of the stage, served on loopback for simulated tenants and staff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.console.desk import Desk
from backend.console.routes import routes as console_routes
from backend.db.port import Stored
from bot.app import TEMPLATES
from bot.pagedoor import TenantPage
from bot.rendering import page_environment
from bot.speaker import link_end
from channels.page.routes import PageDoor
from channels.page.routes import routes as page_routes
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import LINKS, OPERATOR


@asynccontextmanager
async def premises(shell: Shell, across: Across) -> AsyncIterator[str]:
    """The address; the desk asks for no key."""
    turns, environment = shell.stage.turns, page_environment(TEMPLATES)
    pay_page = across.settings.pay.pay_page if across.settings.pay is not None else ""
    page = TenantPage(turns, shell.adapters.payments, shell.adapters.esign, pay_page)
    app = web.Application()
    app.add_routes(page_routes(PageDoor(page, LINKS, environment, turns.clock.now)))
    app.add_routes(console_routes(Desk(turns.store, OPERATOR, None, environment, turns.deliver, turns.clock.now)))
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def page_of(url: str, stored: Stored) -> str:
    """The tenant's own link, at this address."""
    return f"{url}/r/{LINKS.mint(stored.id, link_end(stored.renewal.lease))}"
