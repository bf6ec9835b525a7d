"""Fixtures of the journeys: the tenant's page and the console beside each other on a real store, and browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from backend.db.connect import connect
from backend.sealing import Sealer
from bot.pagedoor import TenantPage
from bot.proofs import Means, TenantProofs
from bot.rendering import page_environment
from bot.turn import Turns
from channels.page.links import Links
from channels.page.routes import PageDoor, routes
from tests.backend.console.office import PHONE, Office, office
from tests.backend.payments.till import key_pair
from tests.bot.across import across_the_street
from tests.bot.shell import Shell
from tests.bot.stage import Stage, StageClock
from tests.journeys.browser import Tab
from tests.journeys.samples import NOW, TEMPLATES
from tests.journeys.town import Town

LINKS = Links({"k1": b"k" * 32}, "k1")


def link_of(office: Office, renewal_id: int) -> str:
    """The address a tenant is sent."""
    return f"{office.url}/r/{LINKS.mint(renewal_id, NOW + timedelta(days=30), NOW)}"


class Sms:
    """The tenant's inbox: what a vendor would bring."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []

    async def __call__(self, phone: str, code: str) -> None:
        self.codes.append((phone, code))

    async def proves(self, phone: Tab, digits: str = PHONE[-4:]) -> None:
        """From the page that asks for the digits to the page itself."""
        await phone.fill("[name=digits]", digits)
        await phone.tap("form[action$=digits] button")
        await phone.fill("[name=code]", self.codes[-1][1])
        await phone.tap("form[action$=passcode] button")


@pytest.fixture
def sms() -> Sms:
    return Sms()


@pytest.fixture
async def house(sqlite_url: str, sealer: Sealer, sms: Sms) -> AsyncIterator[Office]:
    store = await connect(sqlite_url, sealer)

    def page_doors(turns: Turns) -> list[web.RouteDef]:
        page = TenantPage(turns, {}, None)
        proofs = TenantProofs(store, turns.clock, "", Means(None, sms))
        return routes(PageDoor(page, LINKS, page_environment(TEMPLATES), turns.clock.now, proofs=proofs))

    async with office(store, more=page_doors) as made:
        yield made
    await store.close()


@pytest.fixture
async def town(sqlite_url: str, sealer: Sealer, sms: Sms) -> AsyncIterator[Town]:
    """Our whole process, the partners across the street, and the tenant's page between them."""
    clock = StageClock()
    store = await connect(sqlite_url, sealer)
    async with across_the_street(clock, key_pair()) as across:
        shell = Shell(Stage(store, clock), across.adapters)
        shell.answer_at(across.doors)
        pay_page = across.origins["pay"] + "/sandbox/pay/{prepay}"
        port, parts = unused_port(), across.adapters
        deductions = tuple(parts.deductions.values())
        origin = f"http://127.0.0.1:{port}"
        page = TenantPage(shell.stage.turns, parts.payments, parts.esign, pay_page, deductions, origin)
        proofs = TenantProofs(store, clock, "", Means(None, sms))
        app = web.Application()
        environment = page_environment(TEMPLATES)
        app.add_routes(routes(PageDoor(page, shell.stage.links, environment, clock.now, proofs=proofs)))
        async with TestServer(app, port=port) as served:
            yield Town(shell, across, str(served.make_url("")).rstrip("/"))
    await store.close()
