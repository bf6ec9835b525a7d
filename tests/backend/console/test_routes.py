"""The console's doors over loopback HTTP: who is let in, and that looking changes nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from yarl import URL

from backend.console.access import COOKIE, FAILURES_MAX, SESSION
from backend.console.desk import Desk
from backend.console.routes import routes
from backend.db.port import Store
from bot.rendering import page_environment
from tests.backend.console.office import KEY, OPERATOR, Office
from tests.journeys.samples import NOW, TEMPLATES

PAGES = ("/desk", "/desk/report", "/desk/reach?days=20", "/desk/reconciliation", "/desk/renewals/1")


@pytest.mark.parametrize("path", PAGES)
async def test_without_the_key_there_is_only_the_door(keyed: Office, path: str) -> None:
    await keyed.opens_lease()
    status, html = await keyed.looks(path)
    assert status == 401
    assert 'name="key"' in html
    assert "YJ-2025-0812" not in html


async def test_the_key_buys_a_cookie_and_leaving_gives_it_back(keyed: Office) -> None:
    assert await keyed.enters(f" {KEY} ") == 303
    assert (await keyed.looks("/desk"))[0] == 200
    assert (await keyed.looks("/desk/enter"))[0] == 303
    async with keyed.client.post(keyed.url + "/desk/leave") as left:
        assert left.status == 200
    assert (await keyed.looks("/desk"))[0] == 401


async def test_the_cookie_is_for_the_desk_alone_and_no_script_s(keyed: Office) -> None:
    async with keyed.client.post(keyed.url + "/desk/enter", data={"key": KEY}, allow_redirects=False) as entered:
        cookie = entered.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/desk", True, "Lax")
    assert KEY not in cookie.value


async def test_a_session_ends_by_itself(keyed: Office) -> None:
    await keyed.enters()
    keyed.clock.at += SESSION
    assert (await keyed.looks("/desk"))[0] == 401


@pytest.mark.parametrize("key", ["wrong", "", "a-key-for-the-desl"])
async def test_a_wrong_key_opens_nothing(keyed: Office, key: str) -> None:
    assert await keyed.enters(key) == 403
    assert (await keyed.looks("/desk"))[0] == 401


async def test_guessing_is_slowed_down_and_then_forgiven(keyed: Office) -> None:
    assert [await keyed.enters("guess") for _ in range(FAILURES_MAX)] == [403] * FAILURES_MAX
    assert await keyed.enters() == 429
    keyed.clock.at += timedelta(minutes=1)
    assert await keyed.enters() == 303


async def test_a_huge_key_is_not_even_read(keyed: Office) -> None:
    assert await keyed.enters("k" * 5000) == 413


@pytest.mark.parametrize("header", [b"Cookie: xuzu_desk=\xff\xfe.\xff", b"Authorization: Bearer \xff\xfe"])
@pytest.mark.parametrize("path", ["/desk", "/desk/api/tasks"])
async def test_bytes_that_are_no_text_are_just_wrong(keyed: Office, header: bytes, path: str) -> None:
    assert await status_of(keyed.url, b"GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (path.encode(), header)) == 401


async def test_a_rebound_name_is_not_served_without_a_key(at_desk: Office) -> None:
    assert (await at_desk.looks("/desk", Host="rebound.example"))[0] == 403
    assert (await at_desk.asks("GET", "/desk/api/tasks", Host="rebound.example"))[0] == 401
    assert (await at_desk.looks("/desk"))[0] == 200


@pytest.mark.parametrize("path", PAGES)
async def test_looking_changes_nothing(at_desk: Office, path: str) -> None:
    stored = await at_desk.opens_lease()
    for _ in range(2):
        assert (await at_desk.looks(path))[0] == 200
    assert await at_desk.again(stored) == stored
    assert await at_desk.store.log(stored.id) == []


async def test_pages_forbid_scripts_frames_and_caches(at_desk: Office) -> None:
    async with at_desk.client.get(at_desk.url + "/desk") as page:
        policy = page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy


async def test_the_stylesheet_is_ours_and_kept(at_desk: Office) -> None:
    async with at_desk.client.get(at_desk.url + "/static/desk.css") as css:
        assert (css.status, css.content_type) == (200, "text/css")
        assert "immutable" in css.headers["Cache-Control"]


def test_an_empty_key_is_refused_at_once(ledger: Store) -> None:
    async def nothing(number: int, event: object) -> None:
        raise AssertionError(f"{event} was delivered to {number}")

    with pytest.raises(ValueError, match="empty"):
        routes(Desk(ledger, OPERATOR, "", page_environment(TEMPLATES), nothing, lambda: NOW))


async def status_of(url: str, head: bytes) -> int:
    """The status of a request written by hand, with bytes that no client would send."""
    reader, writer = await asyncio.open_connection(URL(url).host, URL(url).port)
    writer.write(head + b"Connection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1])
