"""What a page asks of WeChat: the vector of the sheet, an address in the documented order, a code used once."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.coordination import OwnShelf
from channels.wechat.api import Api
from channels.wechat.config import WeChatConfig
from channels.wechat.pages import Pages, signed

NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
CONFIG = WeChatConfig("wx1", "s", "t", "k" * 43)


def test_the_signature_of_the_sheet() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value"
    assert signed(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url) == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    assert signed(ticket, "Wm3WZYTPz0wzccnW", 1414587457, f"{url}#part") == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


async def test_the_address_of_the_authorisation() -> None:
    async with aiohttp.ClientSession() as session:
        pages = Pages(CONFIG, Api(CONFIG, session, OwnShelf(), lambda: NOW), lambda: NOW)
        assert pages.authorize_url("https://h5.example/r/a.b", "s&1") == (
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&redirect_uri=https%3A%2F%2Fh5.example"
            "%2Fr%2Fa.b&response_type=code&scope=snsapi_base&state=s%261#wechat_redirect"
        )


async def test_a_code_tells_an_openid_once_and_a_snapshot_tells_none() -> None:
    answers = {
        "good": {"openid": "o-1"},
        "used": {"errcode": 40163, "errmsg": "code been used"},
        "bad": {"errcode": 40029, "errmsg": "invalid code"},
        "snapshot": {"openid": "o-fake", "is_snapshotuser": 1},
    }

    async def exchange(request: web.Request) -> web.Response:
        assert (request.query["appid"], request.query["secret"]) == ("wx1", "s")
        assert request.query["grant_type"] == "authorization_code"
        return web.json_response(answers[request.query["code"]])

    app = web.Application()
    app.add_routes([web.get("/sns/oauth2/access_token", exchange)])
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        config = WeChatConfig("wx1", "s", "t", "k" * 43, api_base=str(server.make_url("")))
        pages = Pages(config, Api(config, session, OwnShelf(), lambda: NOW), lambda: NOW)
        assert [await pages.openid_of(code) for code in answers] == ["o-1", None, None, None]


class Platform:
    """Gives tickets: for pages, and for codes to scan."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, object]] = []

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": "a-token", "expires_in": 7200})

    async def page_ticket(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.query["type"], request.query["access_token"]))
        return web.json_response({"errcode": 0, "errmsg": "ok", "ticket": "a-ticket", "expires_in": 7200})

    async def scene(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.query["access_token"], await request.json()))
        return web.json_response(
            {"ticket": "gQH47/+ticket==", "expire_seconds": 1800, "url": "http://weixin.qq.com/q/x"}
        )

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/cgi-bin/stable_token", self.token),
                web.get("/cgi-bin/ticket/getticket", self.page_ticket),
                web.post("/cgi-bin/qrcode/create", self.scene),
            ]
        )
        return app


async def test_twenty_pages_are_signed_with_one_ticket() -> None:
    platform, shelf = Platform(), OwnShelf()
    async with TestServer(platform.app()) as server, aiohttp.ClientSession() as session:
        config = WeChatConfig("wx1", "s", "t", "k" * 43, api_base=str(server.make_url("")))
        workers = [Pages(config, Api(config, session, shelf, lambda: NOW), lambda: NOW) for _ in range(20)]
        signatures = await asyncio.gather(*[one.sign("https://h5.example/r/a#part") for one in workers])
    assert platform.asked == [("/cgi-bin/ticket/getticket", "jsapi", "a-token")]
    assert len({one.nonce for one in signatures}) == 20
    for one in signatures:
        assert (one.appid, one.timestamp) == ("wx1", int(NOW.timestamp()))
        said = f"jsapi_ticket=a-ticket&noncestr={one.nonce}&timestamp={one.timestamp}&url=https://h5.example/r/a"
        assert one.signature == hashlib.sha1(said.encode()).hexdigest()


async def test_a_code_to_scan_binds_once_and_its_picture_is_fetched_by_its_ticket() -> None:
    platform = Platform()
    async with TestServer(platform.app()) as server, aiohttp.ClientSession() as session:
        config = WeChatConfig("wx1", "s", "t", "k" * 43, api_base=str(server.make_url("")))
        pages = Pages(config, Api(config, session, OwnShelf(), lambda: NOW), lambda: NOW)
        picture = await pages.qr_picture("bind-1", 1800)
    assert picture == "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH47%2F%2Bticket%3D%3D"
    [(_, token, body)] = platform.asked
    assert (token, body) == (
        "a-token",
        {
            "expire_seconds": 1800,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "bind-1"}},
        },
    )
