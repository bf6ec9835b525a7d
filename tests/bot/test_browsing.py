"""The small browser: reads forms and links as a person without scripts, and knows when a page did not come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.browsing import WECHAT, Browser, Form, Person, Unanswered

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


class Guarded:
    """Asks for digits, then for a code; the proof is a cookie. Inside WeChat it asks another house instead."""

    def __init__(self) -> None:
        self.asked = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/r/t", self.show), web.post("/r/t/digits", self.digits), web.get("/who", self.who)])
        app.add_routes([web.post("/r/t/passcode", self.passcode)])
        return app

    async def show(self, request: web.Request) -> web.Response:
        if request.cookies.get("proof") == "yes":
            return _html(PAGE)
        if "MicroMessenger" in request.headers["User-Agent"] and "code" not in request.query:
            raise web.HTTPFound("/who")
        if request.query.get("code") == "of-me":
            return _proven()
        return _html('<form method="post" action="/r/t/digits"><input name="digits"></form>')

    async def who(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/r/t?code=of-{request.cookies.get('sandbox_openid', 'nobody')}")

    async def digits(self, request: web.Request) -> web.Response:
        self.asked += 1
        right = (await request.post()).get("digits") == "8812"
        return _html(f'<form method="post" action="/r/t/{"passcode" if right else "digits"}"></form>')

    async def passcode(self, request: web.Request) -> web.Response:
        return _proven() if (await request.post()).get("code") == "123456" else _html("wrong")


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _proven() -> web.Response:
    answer = web.Response(status=303, headers={"Location": "/r/t"})
    answer.set_cookie("proof", "yes")
    return answer


@pytest.fixture
async def guarded() -> AsyncIterator[str]:
    async with TestServer(Guarded().app()) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize(
    ("person", "ends"),
    [
        (Person(), "digits"),
        (Person("0000"), "digits"),
        (Person("8812"), "passcode"),
        (Person("8812", lambda: None), "passcode"),
        (Person("8812", lambda: "123456"), "choose"),
    ],
)
async def test_whoever_holds_the_phone_proves_what_they_can(guarded: str, person: Person, ends: str) -> None:
    browser = Browser(person=person)
    page = await browser.open(f"{guarded}/r/t")
    await browser.close()
    assert page.forms[0].name == ends


async def test_inside_the_chat_the_other_house_knows_who_it_is(guarded: str) -> None:
    for openid, ends in (("me", "choose"), ("friend", "digits")):
        browser = Browser(agent=WECHAT)
        browser.carry(guarded, {"sandbox_openid": openid})
        page = await browser.open(f"{guarded}/r/t")
        await browser.close()
        assert page.forms[0].name == ends


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
