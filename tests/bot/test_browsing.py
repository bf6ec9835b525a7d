"""The simulated tenant's browser reads forms, links and the beacon as a person's phone would, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.browsing import Browser, Unanswered

PAGE = """<html><body data-seen="/r/t/seen" data-csrf="c1">
<form action="/r/t/choose" method="post"><input name="csrf" value="c1"><input name="n" value="1"></form>
<form action="/r/t/choose" method="post"><input name="csrf" value="c1"><input name="n" value="2"></form>
<form method="post"><input name="outcome" value=""></form>
<a class="button main" href="http://127.0.0.1:9/h5">go</a><a href="/elsewhere">not this</a></body></html>"""


@pytest.fixture
async def house() -> AsyncIterator[tuple[TestServer, list[tuple[str, dict[str, str]]]]]:
    heard: list[tuple[str, dict[str, str]]] = []

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def press(request: web.Request) -> web.Response:
        heard.append((request.path, {name: str(value) for name, value in (await request.post()).items()}))
        return web.Response(text="<p>thanks</p>", content_type="text/html")

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.add_routes([web.get("/r/t", show), web.post("/r/t", press), web.post("/r/t/{name}", press)])
    app.add_routes([web.get("/broken", broken)])
    async with TestServer(app) as server:
        yield server, heard


async def test_forms_are_found_by_name_and_number_and_pressed_with_what_they_hide(
    house: tuple[TestServer, list[tuple[str, dict[str, str]]]],
) -> None:
    server, heard = house
    browser = Browser()
    page = await browser.open(str(server.make_url("/r/t")))
    assert page.links == ("http://127.0.0.1:9/h5",)
    second, beyond = page.form("choose", 2), page.form("choose", 9)
    assert second == beyond, "the last one where there are fewer"
    assert second is not None
    await browser.press(page, second, more="typed")
    assert page.form("confirm") is None
    await browser.press(page, page.forms[2], outcome="sign")
    await browser.close()
    assert heard == [
        ("/r/t/choose", {"csrf": "c1", "n": "2", "more": "typed"}),
        ("/r/t", {"outcome": "sign"}),
    ]


async def test_a_phone_with_scripts_reports_that_the_page_is_on_the_screen(
    house: tuple[TestServer, list[tuple[str, dict[str, str]]]],
) -> None:
    server, heard = house
    browser = Browser(scripts=True)
    await browser.open(str(server.make_url("/r/t")))
    await browser.close()
    assert heard == [("/r/t/seen", {"csrf": "c1"})]


async def test_a_server_that_is_away_or_broken_is_no_answer(
    house: tuple[TestServer, list[tuple[str, dict[str, str]]]],
) -> None:
    server, _ = house
    browser = Browser()
    with pytest.raises(Unanswered, match="500"):
        await browser.open(str(server.make_url("/broken")))
    url = str(server.make_url("/r/t"))
    await server.close()
    with pytest.raises(Unanswered):
        await browser.open(url)
    await browser.close()
