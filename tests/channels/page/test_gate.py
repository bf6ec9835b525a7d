"""The gate in front of every handler: the link first, then the proof, then the form's own token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.rendering import page_environment
from channels.page.answers import Stop, html
from channels.page.door import PageDoor
from channels.page.gate import COOKIE, COOKIE_MAX, Gate, browser, in_wechat
from channels.page.links import Link
from channels.page.proof import proof_cookie, seal_proof
from tests.channels.page.conftest import LINKS
from tests.channels.page.page_stand import OneRenewal, OneTenant
from tests.journeys.samples import NOW, TEMPLATES, renewal

LINK = LINKS.read(LINKS.mint(1, NOW + timedelta(days=30), NOW), NOW)
Passes = Callable[..., Awaitable[tuple[Link, bool]]]


@pytest.fixture
def stand() -> OneRenewal:
    return OneRenewal(renewal())


@pytest.fixture
def gate(stand: OneRenewal) -> Gate:
    environment = page_environment(TEMPLATES)
    return Gate(PageDoor(stand, LINKS, environment, lambda: NOW, secure=True, proofs=OneTenant()))


@pytest.fixture
def passes(gate: Gate) -> Passes:
    async def tried(token: str, cookies: str = "") -> tuple[Link, bool]:
        request = make_mocked_request("GET", f"/r/{token}", headers={"Cookie": cookies}, match_info={"token": token})
        return await gate.link(request)

    return tried


def token(issued: datetime = NOW) -> str:
    return LINKS.mint(1, NOW + timedelta(days=30), issued)


async def test_a_true_link_passes_and_is_proven_by_its_cookie(passes: Passes) -> None:
    value, _ = seal_proof(LINKS, LINK, "phone", NOW)
    assert (await passes(token()))[1] is False
    assert (await passes(token(), f"{proof_cookie(LINK)}={value}"))[1] is True
    assert (await passes(token(), f"{proof_cookie(LINK)}={value}x"))[1] is False


@pytest.mark.parametrize(("spoilt", "status"), [("v1.k1.x.y", 404), (LINKS.mint(1, NOW), 410)])
async def test_what_is_forged_or_over_stops_here(passes: Passes, stand: OneRenewal, spoilt: str, status: int) -> None:
    with pytest.raises(Stop) as stopped:
        await passes(spoilt)
    assert stopped.value.status == status


async def test_a_revoked_link_stops_here(passes: Passes, stand: OneRenewal) -> None:
    stand.revoked_at = NOW
    assert (await passes(token()))[0].renewal_id == 1, "issued at that very instant: it is the new one"
    with pytest.raises(Stop, match="revoked"):
        await passes(token(NOW - timedelta(milliseconds=1)))


def test_cookies_are_for_the_server_alone(gate: Gate) -> None:
    response = html("words")
    gate.prove(response, LINK, "wechat")
    cookie = response.cookies[proof_cookie(LINK)]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/r")
    assert cookie["max-age"] == str(30 * 86400)


def test_a_browser_keeps_its_own_cookie_and_a_long_one_is_cut() -> None:
    fresh = make_mocked_request("GET", "/r/t")
    assert browser(fresh) == browser(fresh) != browser(make_mocked_request("GET", "/r/t"))
    known = make_mocked_request("GET", "/r/t", headers={"Cookie": f"{COOKIE}={'a' * 900}"})
    assert browser(known) == "a" * COOKIE_MAX


@pytest.mark.parametrize(
    ("agent", "inside"), [("Mozilla/5.0 MicroMessenger/8.0", True), ("Mozilla/5.0 Chrome/120", False), ("", False)]
)
def test_wechats_own_browser_is_known_by_its_name(agent: str, inside: bool) -> None:
    assert in_wechat(make_mocked_request("GET", "/r/t", headers={"User-Agent": agent})) is inside
