"""The page served on loopback, and a browser-like client that keeps cookies and reads forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.rendering import page_environment
from channels.page.links import Links
from channels.page.routes import PageDoor, routes
from tests.channels.page.page_stand import OneRenewal, OneTenant
from tests.journeys.samples import NOW, TEMPLATES, renewal

LINKS = Links({"k1": b"k" * 32}, "k1")


class Visitor:
    """Opens one link and presses buttons as a browser without scripts does."""

    def __init__(self, client: TestClient[web.Request, web.Application], token: str) -> None:
        self.client = client
        self.path = f"/r/{token}"
        self.html = self.location = ""

    async def opens(self, more: str = "", *, agent: str = "Browser/1") -> int:
        headers = {"User-Agent": agent}
        async with self.client.get(self.path + more, headers=headers, allow_redirects=False) as answer:
            self.html = await answer.text()
            self.location = answer.headers.get("Location", "")
            return answer.status

    async def fills(self, action: str, **typed: str) -> int:
        """Post the form on the page with what was typed; the answer's own status and words."""
        answer = await self.posts(action, self.form(action) | typed)
        self.html, self.location = await answer.text(), answer.headers.get("Location", "")
        return answer.status

    def form(self, action: str, containing: str = "") -> dict[str, str]:
        """The hidden fields of the first form for ``action`` that contains this text."""
        forms = re.findall(rf'<form method="post" action="{re.escape(self.path)}/{action}".*?</form>', self.html, re.S)
        chosen = next(form for form in forms if containing in form)
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', chosen))

    async def posts(self, action: str, form: dict[str, str]) -> aiohttp.ClientResponse:
        return await self.client.post(f"{self.path}/{action}", data=form, allow_redirects=False)

    async def presses(self, action: str, containing: str = "") -> str:
        """Post the form and follow the redirect; the page that then stands there."""
        answer = await self.posts(action, self.form(action, containing))
        assert answer.status == 303
        async with self.client.get(answer.headers["Location"]) as page:
            self.html = await page.text()
        return self.html


@pytest.fixture
def stand() -> OneRenewal:
    return OneRenewal(renewal())


@pytest.fixture
def tenant() -> OneTenant:
    """Whoever has to be proven, where ``guarded`` is served."""
    return OneTenant()


def served(door: PageDoor) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    app.add_routes(routes(door))
    return TestClient(TestServer(app), cookie_jar=aiohttp.CookieJar(unsafe=True))


@pytest.fixture
async def client(stand: OneRenewal) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """Where nobody is asked for a proof."""
    async with served(PageDoor(stand, LINKS, page_environment(TEMPLATES), lambda: NOW)) as open_page:
        yield open_page


@pytest.fixture
async def guarded(stand: OneRenewal, tenant: OneTenant) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    door = PageDoor(stand, LINKS, page_environment(TEMPLATES), lambda: NOW, proofs=tenant, public_url="https://p.test")
    async with served(door) as page:
        yield page


@pytest.fixture
def visitor(client: TestClient[web.Request, web.Application]) -> Visitor:
    return Visitor(client, LINKS.mint(1, NOW + timedelta(days=30), NOW))


@pytest.fixture
def stranger(guarded: TestClient[web.Request, web.Application]) -> Visitor:
    """Has the link, and nothing else yet."""
    return Visitor(guarded, LINKS.mint(1, NOW + timedelta(days=30), NOW))
