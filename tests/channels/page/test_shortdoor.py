"""A code out of an SMS becomes a fresh link; wrong ones are answered alike, and not for ever."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from channels.page.shortdoor import TRIES_A_MINUTE
from tests.channels.page.conftest import LINKS
from tests.channels.page.page_stand import OneRenewal
from tests.journeys.samples import NOW

Client = TestClient[web.Request, web.Application]
Typing = Callable[[str], Awaitable[tuple[int, str, str]]]


@pytest.fixture
def types(client: Client) -> Typing:
    """Types a code into the form: (status, where to, words)."""

    async def typed(code: str) -> tuple[int, str, str]:
        async with client.get("/r") as page:
            hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', await page.text()))
        async with client.post("/r", data=hidden | {"code": code}, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    return typed


@pytest.mark.parametrize("typed", ["7KQ2M9XA", " 7kq2 m9xa "])
async def test_the_code_leads_to_a_fresh_link(types: Typing, client: Client, typed: str) -> None:
    status, where, _ = await types(typed)
    assert status == 303
    link = LINKS.read(where.removeprefix("/r/"), NOW)
    assert (link.renewal_id, link.issued_at) == (1, NOW)
    async with client.get(where) as page:
        assert page.status == 200


async def test_the_code_inside_an_address_does_too(client: Client, stand: OneRenewal) -> None:
    async with client.get("/c/7kq2m9xa", allow_redirects=False) as answer:
        assert answer.status == 303
        assert LINKS.read(answer.headers["Location"].removeprefix("/r/"), NOW).renewal_id == 1
    async with client.get("/c/00000000", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/r")
    assert stand.applied == {}


async def test_unknown_codes_and_junk_are_answered_alike(types: Typing) -> None:
    answers = [await types(code) for code in ("00000000", "7KQ2M9X", "", "代码")]
    assert {(status, where) for status, where, _ in answers} == {(404, "")}
    assert all("打不开" in words and "7KQ2M9X<" not in words for _, _, words in answers)


async def test_the_door_is_found_with_a_slash_too(client: Client) -> None:
    for path in ("/r", "/r/"):
        async with client.get(path) as page:
            assert page.status == 200
            assert 'action="/r"' in await page.text()


async def test_a_code_without_the_doors_form_token_is_refused(client: Client) -> None:
    async with client.post("/r", data={"code": "7KQ2M9XA"}, allow_redirects=False) as answer:
        assert answer.status == 403


async def test_guessing_is_stopped(client: Client, types: Typing) -> None:
    for _ in range(TRIES_A_MINUTE):
        async with client.get("/c/11111111", allow_redirects=False) as answer:
            assert answer.status == 303
    status, _, words = await types("7KQ2M9XA")
    assert status == 429
    assert "请稍等一分钟" in words


async def test_a_store_that_is_away_is_said_so(types: Typing, client: Client, stand: OneRenewal) -> None:
    stand.busy = True
    assert (await types("7KQ2M9XA"))[0] == 503
    async with client.get("/c/7KQ2M9XA") as answer:
        assert answer.status == 503
