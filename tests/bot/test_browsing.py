"""The small browser: reads forms and links as a person without scripts, and knows when a page did not come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.browsing import Browser, Form, Unanswered

PAGE = """<!doctype html><body data-seen="/r/t/seen" data-csrf="token-1">
<form action="/r/t/choose" method="post"><input name="proposal" value="keep"><input name="offer" value="1"></form>
<form action="/r/t/choose" method="post"><input name="proposal" value="rise"><input type="submit"></form>
<form method="post"><input name="rent"></form>
<a class="main big" href="/sign">sign</a><a href="/elsewhere">no</a></body>"""


class Site:
    """Notes what was posted, and by whom."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.cookies: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/r/t", self.show), web.post("/{tail:.*}", self.take), web.get("/broken", self.broken)])
        return app

    async def show(self, request: web.Request) -> web.Response:
        self.cookies.append(request.cookies.get("who", ""))
        answer = web.Response(text=PAGE, content_type="text/html")
        answer.set_cookie("who", "me")
        return answer

    async def take(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        self.posted.append((request.path, fields))
        raise web.HTTPSeeOther("/r/t")

    async def broken(self, _: web.Request) -> web.Response:
        return web.Response(status=502)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def url(site: Site) -> AsyncIterator[str]:
    async with TestServer(site.app()) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    opened = Browser()
    yield opened
    await opened.close()


async def test_forms_and_the_main_links_are_read(url: str, browser: Browser) -> None:
    page = await browser.open(f"{url}/r/t")
    assert [form.name for form in page.forms] == ["choose", "choose", ""]
    assert page.form("choose") == Form("/r/t/choose", {"proposal": "keep", "offer": "1"})
    assert page.form("choose", 9) == Form("/r/t/choose", {"proposal": "rise"}), "the last one where there are fewer"
    assert page.form("confirm") is None
    assert page.links == ("/sign",)
    assert (page.status, page.beacon, page.token) == (200, "/r/t/seen", "token-1")


async def test_pressing_sends_the_hidden_fields_and_what_was_typed(url: str, site: Site, browser: Browser) -> None:
    page = await browser.open(f"{url}/r/t")
    form = page.form("choose")
    assert form is not None
    after = await browser.press(page, form, note="hello")
    assert site.posted == [("/r/t/choose", {"proposal": "keep", "offer": "1", "note": "hello"})]
    assert after.url == f"{url}/r/t"
    await browser.press(page, page.forms[2], rent="3000")
    assert site.posted[-1] == ("/r/t", {"rent": "3000"}), "a form without an action posts to its own page"
    assert site.cookies == ["", "me", "me"], "the cookie is kept"


@pytest.mark.parametrize("scripts", [True, False])
async def test_only_a_browser_with_scripts_reports_that_the_page_is_seen(url: str, site: Site, scripts: bool) -> None:
    browser = Browser(scripts=scripts)
    await browser.open(f"{url}/r/t")
    await browser.close()
    assert site.posted == ([("/r/t/seen", {"csrf": "token-1"})] if scripts else [])


async def test_two_phones_share_no_cookies(url: str, site: Site, browser: Browser) -> None:
    await browser.open(f"{url}/r/t")
    other = Browser()
    await other.open(f"{url}/r/t")
    await other.close()
    assert site.cookies == ["", ""]


async def test_a_page_that_does_not_come_is_unanswered(url: str, browser: Browser) -> None:
    with pytest.raises(Unanswered, match="502"):
        await browser.open(f"{url}/broken")
    with pytest.raises(Unanswered, match="ClientConnectorError"):
        await browser.open("http://127.0.0.1:1/")
