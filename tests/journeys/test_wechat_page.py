"""The page opened inside WeChat, in a real browser: silent authorisation tells the tenant from a friend."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from backend.coordination import OwnShelf
from backend.db.connect import connect
from backend.db.port import Stored
from backend.sealing import Sealer
from bot.browsing import WECHAT
from bot.pagedoor import TenantPage
from bot.proofs import Means, TenantProofs
from bot.rendering import page_environment
from bot.speaker import link_end
from channels.page.routes import PageDoor, routes
from channels.wechat.api import Api
from channels.wechat.config import WeChatConfig
from channels.wechat.pages import Pages
from dialogs.states import State
from tests.bot.stage import OPENID, Stage, StageClock, row
from tests.journeys.browser import Tab, tab
from tests.journeys.conftest import Sms
from tests.journeys.samples import TEMPLATES

pytestmark = pytest.mark.browser
DIGITS = "0001"


@dataclass
class Authorisation:
    """WeChat's two doors for it: whoever holds the phone is sent back with a code that counts once."""

    holder: str = OPENID
    codes: dict[str, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/connect/oauth2/authorize", self.ask), web.get("/sns/oauth2/access_token", self.tell)])
        return app

    async def ask(self, request: web.Request) -> web.Response:
        assert request.query["scope"] == "snsapi_base"
        code = f"code{next(self.numbers)}"
        self.codes[code] = self.holder
        raise web.HTTPFound(f"{request.query['redirect_uri']}?code={code}&state={request.query['state']}")

    async def tell(self, request: web.Request) -> web.Response:
        openid = self.codes.pop(request.query["code"], None)
        return web.json_response({"openid": openid} if openid else {"errcode": 40163, "errmsg": "code been used"})


@dataclass
class Chat:
    stage: Stage
    wechat: Authorisation
    url: str

    def link(self, stored: Stored) -> str:
        return (
            f"{self.url}/r/{self.stage.links.mint(stored.id, link_end(stored.renewal.lease), self.stage.clock.now())}"
        )

    async def offered(self, openid: str | None = None) -> Stored:
        """``openid`` empty: the ledger knows no WeChat of this tenant."""
        return await self.stage.brought(await self.stage.opened(row(openid=openid)), State.REMINDED)


@pytest.fixture
async def chat(sqlite_url: str, sealer: Sealer, sms: Sms) -> AsyncIterator[Chat]:
    stage = Stage(await connect(sqlite_url, sealer), StageClock())
    wechat, port = Authorisation(), unused_port()
    async with TestServer(wechat.app()) as across, aiohttp.ClientSession() as session:
        origin = str(across.make_url("")).rstrip("/")
        config = WeChatConfig("wx0", "secret", "token", "a" * 43, api_base=origin, oauth_base=origin)
        pages = Pages(config, Api(config, session, OwnShelf(), stage.clock.now), stage.clock.now)
        url = f"http://127.0.0.1:{port}"
        proofs = TenantProofs(stage.store, stage.clock, url, Means(pages, sms))
        app = web.Application()
        page = TenantPage(stage.turns, {}, None)
        app.add_routes(
            routes(PageDoor(page, stage.links, page_environment(TEMPLATES), stage.clock.now, False, proofs, url))
        )
        async with TestServer(app, port=port):
            yield Chat(stage, wechat, url)
    await stage.store.close()


async def silent(phone: Tab) -> bool:
    html = str(await phone.look("document.documentElement.outerHTML"))
    return not any(word in html for word in ("租客1号", "租*", "云栖", "120", "3,200", "方案 1"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_the_tenants_own_wechat_opens_the_page_without_a_question(chat: Chat, sms: Sms, scripts: bool) -> None:
    stored = await chat.offered()
    async with tab(360, scripts=scripts, agent=WECHAT) as phone:
        await phone.goto(chat.link(stored))
        assert "方案 1" in await phone.text()
        assert await phone.look("location.search") == "", "no code stays in the address"
        assert await phone.wide() == await phone.small() == []
        await phone.tap(".card form[action$=choose] button")
        await phone.tap("form[action$=confirm] button")
        assert "已确认" in await phone.text()
    assert sms.codes == []
    assert (await chat.stage.again(stored)).renewal.state is State.CHECKING


async def test_a_link_forwarded_to_a_friend_in_the_chat_tells_nothing(chat: Chat) -> None:
    stored = await chat.offered()
    chat.wechat.holder = "o-friend"
    async with tab(360, scripts=False, agent=WECHAT) as phone:
        await phone.goto(chat.link(stored))
        assert "请用您自己的微信打开" in await phone.text()
        assert await silent(phone)
        assert await phone.wide() == []
    assert await chat.stage.unmoved(stored)
    assert await chat.stage.store.addresses(stored.tenant) == {"wechat": OPENID}


async def test_a_new_wechat_is_bound_by_the_phone_and_known_from_then_on(chat: Chat, sms: Sms) -> None:
    stored = await chat.offered(openid="")
    chat.wechat.holder = "o-new"
    async with tab(360, scripts=False, agent=WECHAT) as phone:
        await phone.goto(chat.link(stored))
        assert await silent(phone)
        await sms.proves(phone, DIGITS)
        assert "方案 1" in await phone.text()
    assert await chat.stage.store.addresses(stored.tenant) == {"wechat": "o-new"}
    async with tab(360, scripts=False, agent=WECHAT) as phone:
        await phone.goto(chat.link(stored))
        assert "方案 1" in await phone.text(), "the next visit asks nothing"
    assert len(sms.codes) == 1
    assert await chat.stage.unmoved(stored)
