"""Headers that keep a page to itself, and forms whose size is counted before they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from channels.page.answers import BODY_MAX, Stop, headers, html, posted, see_other

Client = TestClient[web.Request, web.Application]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def echo() -> AsyncIterator[Client]:
    """Answers with the fields it read, or with why it did not."""

    async def read(request: web.Request) -> web.Response:
        try:
            return web.json_response(await posted(request))
        except Stop as stop:
            return web.Response(status=stop.status, text=stop.trouble)

    app = web.Application()
    app.add_routes([web.post("/", read)])
    async with TestClient(TestServer(app)) as client:
        yield client


def test_nothing_foreign_is_loaded_unless_it_is_named() -> None:
    plain = headers()["Content-Security-Policy"]
    assert "script-src 'self'; img-src 'self';" in plain
    assert "unsafe" not in plain
    named = headers("https://pictures.test", "https://scripts.test")["Content-Security-Policy"]
    assert "script-src 'self' https://scripts.test; img-src 'self' https://pictures.test;" in named


def test_pages_and_redirects_are_never_kept() -> None:
    for answer in (html("words"), html("words", 404), see_other("/r/t")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert (see_other("/r/t").status, see_other("/r/t").headers["Location"]) == (303, "/r/t")


async def test_a_form_is_read(echo: Client) -> None:
    async with echo.post("/", data={"a": "1", "b": "二"}) as answer:
        assert await answer.json() == {"a": "1", "b": "二"}


@pytest.mark.parametrize("lengths", [True, False], ids=["told", "untold"])
async def test_too_much_is_refused_whether_its_length_is_told_or_not(echo: Client, lengths: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(BODY_MAX // 512):
            yield b"a" * 1024

    body = b"a" * (BODY_MAX + 1) if lengths else chunks()
    async with echo.post("/", data=body, headers=FORM) as answer:
        assert (answer.status, await answer.text()) == (413, "large")


async def test_what_is_no_form_is_refused(echo: Client) -> None:
    async with echo.post("/", json={"a": 1}) as answer:
        assert answer.status == 415
    async with echo.post("/", data=b"a=%ff%fe&" * 40, headers=FORM) as answer:
        assert answer.status == 400
