"""What the emulator does for pages, met by a client of its own: silent authorisation, the ticket, codes to scan."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.sandbox.wechat import TenantSawError
from tests.backend.sandbox.test_wechat import APPID, SECRET, TENANT, Stranger, stranger

__all__ = ["stranger"]
BACK = "http://127.0.0.1:9/p/back?x=1"
QR = {
    "expire_seconds": 1800,
    "action_name": "QR_STR_SCENE",
    "action_info": {"scene": {"scene_str": "once-1"}},
}


async def authorized(stranger: Stranger, phone: str = TENANT, **changes: str) -> tuple[int, str]:
    """(status, where the browser is sent)."""
    asked = {"appid": APPID, "redirect_uri": BACK, "response_type": "code", "scope": "snsapi_base", "state": "s1"}
    async with stranger.session.get(
        f"{stranger.origin}/connect/oauth2/authorize",
        params=asked | changes,
        headers={"Cookie": f"sandbox_openid={phone}"},
        allow_redirects=False,
    ) as answer:
        return answer.status, answer.headers.get("Location", "")


async def whose(stranger: Stranger, code: str, secret: str = SECRET) -> dict[str, object]:
    asked = {"appid": APPID, "secret": secret, "code": code, "grant_type": "authorization_code"}
    async with stranger.session.get(f"{stranger.origin}/sns/oauth2/access_token", params=asked) as answer:
        told: dict[str, object] = json.loads(await answer.read())
        return told


async def code_of(stranger: Stranger, openid: str = TENANT) -> str:
    status, where = await authorized(stranger, openid)
    assert status == 302
    [code] = parse_qs(urlsplit(where).query)["code"]
    return code


async def test_a_page_learns_whose_phone_it_is_once(stranger: Stranger) -> None:
    stranger.sandbox.add_person("o-never-followed")
    status, where = await authorized(stranger, "o-never-followed")
    assert status == 302
    assert where.startswith(f"{BACK}&code=")
    assert where.endswith("&state=s1")
    [code] = parse_qs(urlsplit(where).query)["code"]
    assert (await whose(stranger, code, "another"))["errcode"] == 40125
    assert (await whose(stranger, code))["openid"] == "o-never-followed"
    assert (await whose(stranger, code))["errcode"] == 40163
    assert (await whose(stranger, "made-up"))["errcode"] == 40029


async def test_a_code_lives_five_minutes(stranger: Stranger) -> None:
    code = await code_of(stranger)
    stranger.waits(minutes=5)
    assert (await whose(stranger, code))["errcode"] == 40029


@pytest.mark.parametrize(
    "change", [{"appid": "wx2"}, {"response_type": "token"}, {"scope": "snsapi_userinfo"}, {"redirect_uri": "ftp://x"}]
)
async def test_whoever_asks_wrongly_is_not_sent_on(stranger: Stranger, change: dict[str, str]) -> None:
    assert await authorized(stranger, **change) == (400, "")


async def test_only_the_configured_host_and_only_phones(stranger: Stranger) -> None:
    stranger.sandbox.api.pages.host = "h5.example.cn"
    assert await authorized(stranger) == (400, "")
    stranger.sandbox.api.pages.host = "127.0.0.1"
    assert (await authorized(stranger))[0] == 302
    assert await authorized(stranger, "") == (403, "")


async def test_whose_phone_it_is_may_stand_in_the_address(stranger: Stranger) -> None:
    status, where = await authorized(stranger, "o-nobody", openid=TENANT)
    assert status == 302
    [code] = parse_qs(urlsplit(where).query)["code"]
    assert (await whose(stranger, code))["openid"] == TENANT


async def test_the_ticket_of_a_page_s_script(stranger: Stranger) -> None:
    async def asked(kind: str) -> dict[str, object]:
        query = {"access_token": stranger.token, "type": kind}
        async with stranger.session.get(f"{stranger.origin}/cgi-bin/ticket/getticket", params=query) as answer:
            told: dict[str, object] = json.loads(await answer.read())
            return told

    told = await asked("jsapi")
    assert told["ticket"] == (await asked("jsapi"))["ticket"]
    assert (await asked("wx_card"))["errcode"] == 40097


async def test_a_code_is_drawn_and_scanned_while_it_lives(stranger: Stranger) -> None:
    ticket = str((await stranger.posts("/cgi-bin/qrcode/create", QR))["ticket"])
    query = {"ticket": ticket}
    async with stranger.session.get(f"{stranger.origin}/cgi-bin/showqrcode", params=query) as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert (await answer.text()).startswith("<svg ")
    assert (stranger.sandbox.api.pages.scene(ticket), stranger.sandbox.api.pages.newest_scene()) == ("once-1",) * 2
    with pytest.raises(TenantSawError):
        await stranger.sandbox.scan("o-new", ticket)
    assert stranger.sandbox.book.followers["o-new"].follows
    stranger.waits(minutes=30)
    with pytest.raises(KeyError):
        await stranger.sandbox.scan("o-late", ticket)
    assert stranger.sandbox.api.pages.newest_scene() == ""
    async with stranger.session.get(f"{stranger.origin}/cgi-bin/showqrcode", params=query) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action_name": "QR_LIMIT_SCENE"}, 40053),
        ({"action_info": {"scene": {"scene_str": ""}}}, 40053),
        ({"action_info": "once"}, 40053),
        ({"expire_seconds": 0}, 40052),
        ({"expire_seconds": 2_592_001}, 40052),
    ],
)
async def test_codes_that_are_not_made(stranger: Stranger, change: dict[str, object], code: int) -> None:
    assert (await stranger.posts("/cgi-bin/qrcode/create", QR | change))["errcode"] == code
