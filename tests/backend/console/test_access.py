"""Who may look: the key, the cookie it buys, and the names the server may be called by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from backend.console.access import COOKIE, FAILURES_MAX, SESSION, Access, from_our_page

NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
KEY = "a-key-for-the-desk"


def carrying(cookie: str = "", **headers: str) -> web.Request:
    sent = {"Host": "desk.example", **headers} | ({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})
    return make_mocked_request("GET", "/desk", headers=sent)


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        Access(key)


def test_a_session_is_good_for_twelve_hours() -> None:
    access = Access(KEY)
    cookie = access.session(NOW)
    assert access.may_look(carrying(cookie), NOW + SESSION - timedelta(seconds=1))
    assert not access.may_look(carrying(cookie), NOW + SESSION)


def test_a_session_with_any_one_character_changed_is_none() -> None:
    access = Access(KEY)
    cookie = access.session(NOW)
    flips = [cookie[:at] + ("1" if char != "1" else "2") + cookie[at + 1 :] for at, char in enumerate(cookie)]
    assert not any(access.may_look(carrying(flip), NOW) for flip in flips)
    assert not access.may_look(carrying(Access("another key").session(NOW)), NOW)


@pytest.mark.parametrize("cookie", ["", ".", "x", "9999999999.", "9999999999." + "0" * 64])
def test_what_is_no_session(cookie: str) -> None:
    assert not Access(KEY).may_look(carrying(cookie), NOW)


@pytest.mark.parametrize(
    ("said", "heard"),
    [(f"Bearer {KEY}", True), (f"bearer {KEY}", True), (KEY, False), ("Bearer ", False), (f"Basic {KEY}", False)],
)
def test_programs_bring_the_key_itself(said: str, heard: bool) -> None:
    assert Access(KEY).may_call(carrying(Authorization=said)) is heard


def test_a_cookie_opens_no_api() -> None:
    access = Access(KEY)
    assert not access.may_call(carrying(access.session(NOW)))


@pytest.mark.parametrize(
    ("host", "may"),
    [("127.0.0.1:8080", True), ("localhost", True), ("[::1]:8080", True), ("rebound.example:8080", False), ("", False)],
)
def test_without_a_key_only_a_loopback_name_is_answered(host: str, may: bool) -> None:
    asked = make_mocked_request("GET", "/desk", headers={"Host": host})
    assert (Access(None).may_look(asked, NOW), Access(None).may_call(asked)) == (may, may)


def test_ten_wrong_keys_in_a_minute_and_everybody_waits() -> None:
    access = Access(KEY)
    for second in range(FAILURES_MAX):
        assert not access.throttled(NOW + timedelta(seconds=second))
        access.note_failure(NOW + timedelta(seconds=second))
    assert access.throttled(NOW + timedelta(seconds=59))
    assert not access.throttled(NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://desk.example"}, False),
        ({"Origin": "https://desk.example"}, True),
        ({"Origin": "https://desk.example:8443"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_comes_from_our_own_page_or_from_elsewhere(headers: dict[str, str], ours: bool) -> None:
    assert from_our_page(carrying(**headers)) is ours
