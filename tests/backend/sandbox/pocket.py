"""A small real desk for the phone: the WeChat emulator, a landlord who answers its pushes over its API, a few SMS."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.handsets import Handsets, Sms
from backend.sandbox.phone import phone_routes
from backend.sandbox.phone_desk import Bubble, Kind, NotNowError, Person, SmsBubble
from backend.sandbox.wechat import TenantSawError, WeChatSandbox
from backend.sandbox.wechat_book import Shown
from backend.sandbox.wechat_seal import Box, field_of

BEGAN = datetime(2026, 9, 12, 0, 40, tzinfo=UTC)
"""08:40 on a Saturday in Shanghai."""
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PAGE = "http://127.0.0.1/r/synthetic"
ITEMS = (("7.1.1", "1. 续12个月，月租3150元"), ("7.1.2", "2. 续6个月，月租3300元"), ("7.1.3", "3. 都不合适，想谈谈"))
OFFERS = (
    "林女士您好！江畔寓1203现在月租3200元，10月12日到期。续租可以这样选：\n\n"
    "1. 续12个月：每月3150元\n   12个月合计37800元，送保洁2次\n\n2. 续6个月：每月3300元\n   6个月合计19800元\n\n"
    f"点链接可以对比：\n{PAGE}\n方案保留到9月19日。"
)
CARD = "项目：租约到期提醒\n房源：江畔寓1203\n到期日：2026年10月12日\n办理：续租方案已备好，点开查看"
_KINDS = {"template": Kind.TEMPLATE, "news": Kind.NEWS, "subscribe": Kind.SUBSCRIBE}


@dataclass
class Pocket:
    """Implements ``PhoneDesk``; ``heard`` is what the landlord was told: (event or words, menu id)."""

    wechat: WeChatSandbox
    clock: list[datetime]
    cast: list[Person]
    own: dict[str, list[Bubble]] = field(default_factory=dict)
    handsets: Handsets = field(default_factory=Handsets)
    typed: dict[str, list[SmsBubble]] = field(default_factory=dict)
    heard: list[tuple[str, str]] = field(default_factory=list)
    consents: list[tuple[str, str, bool]] = field(default_factory=list)
    due: list[tuple[datetime, str, str]] = field(default_factory=list)
    """(when, person, words) of SMS that will come."""
    origin: str = ""

    def now(self) -> datetime:
        return self.clock[0]

    async def next_event(self) -> datetime | None:
        return min((at for at, _, _ in self.due), default=None)

    async def people(self) -> Sequence[Person]:
        followers = self.wechat.book.followers
        return [replace(one, follows=one.openid in followers and followers[one.openid].follows) for one in self.cast]

    async def chat(self, person: str) -> Sequence[Bubble]:
        follower = self.wechat.book.followers.get(self._openid(person))
        shown = [_bubble(one) for one in follower.shown] if follower else []
        return sorted([*self.own.get(person, []), *shown], key=lambda one: one.at)

    async def texts(self, person: str) -> Sequence[SmsBubble]:
        inbox = self.handsets.inbox(self._person(person).phone)
        come = [SmsBubble(one.at, False, one.text, one.vendor) for one in inbox]
        return sorted([*self.typed.get(person, []), *come], key=lambda one: one.at)

    async def say(self, person: str, text: str) -> None:
        self._keep(person, text)
        await self._told(person, text, "")

    async def tap(self, person: str, item: str, label: str) -> None:
        self._keep(person, label)
        await self._told(person, label, item)

    async def text_sms(self, person: str, text: str) -> None:
        self.typed.setdefault(person, []).append(SmsBubble(self.now(), True, text))

    async def follow(self, person: str) -> None:
        await self.wechat.follow(self._openid(person))
        self._keep(person, "您关注了寓居生活", Kind.EVENT)

    async def unfollow(self, person: str) -> None:
        await self.wechat.unfollow(self._openid(person))
        self._keep(person, "您取消了关注", Kind.EVENT)

    async def scan(self, person: str, scene: str) -> None:
        await self.wechat.follow(self._openid(person), scene)
        self._keep(person, "您扫了绑定码", Kind.EVENT)

    async def consent(self, person: str, template: str, yes: bool) -> None:
        self.consents.append((person, template, yes))

    async def advance(self, to: datetime) -> None:
        self.clock[0] = to
        for at, person, words in [one for one in self.due if one[0] <= to]:
            self.comes(person, words, at)
            self.due.remove((at, person, words))

    def comes(self, person: str, words: str, at: datetime) -> None:
        """An SMS of the landlord's lies on the phone."""
        phone = self._person(person).phone
        self.handsets.take(Sms(at, "10690001", phone, "reminder", f"【寓居生活】{words}", 1, True))

    async def answer(self, request: web.Request) -> web.Response:
        """The landlord's callback: a menu for every word, a template after a menu item."""
        sealed = field_of((await request.read()).decode(), "Encrypt")
        xml = Box(AES_KEY, "wx1", self.wechat._luck).open(sealed)
        openid, event = field_of(xml, "FromUserName"), "<Event>" in xml
        menu = field_of(xml, "bizmsgmenuid") if "<bizmsgmenuid>" in xml else ""
        self.heard.append((field_of(xml, "Event" if event else "Content"), menu))
        if menu:
            value = {"thing1": {"value": "续租方案已确认"}, "time2": {"value": "2026年9月12日"}}
            sent = {"touser": openid, "template_id": "t1", "url": PAGE, "data": value}
            await self._posts("/cgi-bin/message/template/send", sent)
        elif not event:
            listed = [{"id": name, "content": label} for name, label in ITEMS]
            inside = {"head_content": OFFERS, "list": listed, "tail_content": ""}
            sent = {"touser": openid, "msgtype": "msgmenu", "msgmenu": inside}
            await self._posts("/cgi-bin/message/custom/send", sent)
        return web.Response(text="success")

    async def _posts(self, path: str, body: dict[str, Any]) -> None:
        asked = {"grant_type": "client_credential", "appid": "wx1", "secret": "s", "force_refresh": False}
        async with aiohttp.ClientSession(self.origin) as session:
            async with session.post("/cgi-bin/stable_token", json=asked) as answer:
                token = (await answer.json())["access_token"]
            raw = json.dumps(body, ensure_ascii=False).encode()
            async with session.post(path, params={"access_token": token}, data=raw) as answer:
                assert (await answer.json())["errcode"] == 0

    async def _told(self, person: str, text: str, menu: str) -> None:
        try:
            await self.wechat.tenant_says(self._openid(person), text, menu)
        except TenantSawError:
            raise NotNowError("该公众号暂时无法提供服务，请稍后再试") from None

    def _keep(self, person: str, text: str, kind: Kind = Kind.TEXT) -> None:
        self.own.setdefault(person, []).append(Bubble(self.now(), True, text, kind=kind))

    def _openid(self, person: str) -> str:
        return self._person(person).openid

    def _person(self, key: str) -> Person:
        return next(one for one in self.cast if one.key == key)


def _bubble(one: Shown) -> Bubble:
    kind = Kind.MENU if one.items else _KINDS.get(one.kind, Kind.TEXT)
    lines = [line for line in one.text.split(" · ") if line != one.title] if one.kind == "template" else [one.text]
    return Bubble(one.at, False, "\n".join(lines), one.url, one.items, kind, one.title)


CAST = (
    Person("ht-001", "林晓", "o-lin", "13800000001", "10月12日到期，想续但嫌贵", notices=(("t9", "租约到期"),)),
    Person("ht 2/二", "周予安", "o-zhou", "13800000002", "扫过门口的码，没关注", scene="bind-5f2c"),
    Person("ht-003", "许知远", "", "13800000003", "从没加过微信，只有短信"),
    Person("ht-004", "沈星", "o-shen", "", "手机号已停机，欠费1200元"),
)


@asynccontextmanager
async def pocket() -> AsyncIterator[tuple[Pocket, str]]:
    """The desk, and the address of the phone's page, all on loopback."""
    clock = [BEGAN]
    wechat = WeChatSandbox("wx1", "s", "tok", AES_KEY, lambda: clock[0], 5)
    wechat.away = 0
    made = Pocket(wechat, clock, list(CAST))
    made.due = [(BEGAN + timedelta(hours=3), "ht-003", f"您的租约将于10月12日到期，续租或退租请在本页办理：{PAGE}")]
    wechat.add_follower("o-lin")
    wechat.add_follower("o-shen")
    landlord = web.Application()
    landlord.router.add_post("/callbacks/wechat", made.answer)
    phone = web.Application()
    phone.add_routes(phone_routes(made))
    async with TestServer(wechat.app()) as api, TestServer(landlord) as told, TestServer(phone) as served:
        made.origin = str(api.make_url("/"))
        wechat.callback_url = str(told.make_url("/callbacks/wechat"))
        yield made, str(served.make_url("")).rstrip("/")
