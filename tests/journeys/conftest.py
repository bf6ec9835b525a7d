"""Fixtures of the journeys: the tenant's page and the console beside each other on a real store, and browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from backend.db.connect import connect
from backend.sealing import Sealer
from bot.pagedoor import TenantPage
from bot.rendering import page_environment
from bot.turn import Turns
from channels.page.links import Links
from channels.page.routes import PageDoor, routes
from tests.backend.console.office import Office, office
from tests.journeys.samples import NOW, TEMPLATES

LINKS = Links({"k1": b"k" * 32}, "k1")


def link_of(office: Office, renewal_id: int) -> str:
    """The address a tenant is sent."""
    return f"{office.url}/r/{LINKS.mint(renewal_id, NOW + timedelta(days=30))}"


def page_doors(turns: Turns) -> list[web.RouteDef]:
    page = TenantPage(turns, None, None)
    return routes(PageDoor(page, LINKS, page_environment(TEMPLATES), turns.clock.now))


@pytest.fixture
async def house(sqlite_url: str, sealer: Sealer) -> AsyncIterator[Office]:
    store = await connect(sqlite_url, sealer)
    async with office(store, more=page_doors) as made:
        yield made
    await store.close()
