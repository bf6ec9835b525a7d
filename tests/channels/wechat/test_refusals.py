"""The channel met by a provider that refuses: what is not asked again, and what is sent in another way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from backend.coordination import OwnShelf, RedisShelf, Shelf
from channels.port import ChannelError, Choice, Outbound, Trouble
from channels.wechat.channel import WeChat
from channels.wechat.config import WeChatConfig
from dialogs.rungs import Rung
from tests.channels.wechat.line import ACCOUNT, TENANT, StillClock

NOTICE = Outbound("您的租约即将到期", values={"thing": "租约到期提醒", "unit": "3-1-501"}, link="http://127.0.0.1/r/1")
MENU = Outbound("请选一个", choices=(Choice("7.2.1", "一年"), Choice("7.2.2", "两年")))
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Provider:
    """Answers each path with what was laid down for it, and remembers what it was asked."""

    says: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/cgi-bin/stable_token":
            return web.json_response({"access_token": "a-token", "expires_in": 7200})
        body = await request.json()
        self.asked.append((request.path.removeprefix("/cgi-bin/message/"), body))
        kind = str(body.get("msgtype", ""))
        return web.json_response(self.says.get(kind) or self.says.get(request.path) or OK)

    @property
    def kinds(self) -> list[str]:
        return [str(body.get("msgtype", path)) for path, body in self.asked]


@dataclass
class Scene:
    provider: Provider
    clock: StillClock
    channel: Callable[[Shelf], WeChat]


@asynccontextmanager
async def scene(**change: Any) -> AsyncIterator[Scene]:
    provider, clock, app = Provider(), StillClock(), web.Application()
    app.add_routes([web.post("/{path:.*}", provider.answer)])
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        given = {"api_base": str(server.make_url("")), "subscribe_template": "consented-1", **change}
        config: WeChatConfig = msgspec.structs.replace(ACCOUNT, **given)
        yield Scene(provider, clock, lambda shelf: WeChat(config, session, shelf, clock))


async def code(channel: WeChat, rung: Rung, message: Outbound = NOTICE) -> tuple[Trouble, str]:
    with pytest.raises(ChannelError) as fault:
        await channel.send(rung, TENANT, message, "say:1")
    return fault.value.kind, fault.value.code


def refused(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": "refused rid: 65f0a1b2"}


@pytest.fixture(params=["own", "redis"])
async def two_shelves(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """Of two workers: in one process, or in two that share a Redis."""
    if request.param == "own":
        yield (OwnShelf(),) * 2
        return
    clients = [Redis.from_url(request.getfixturevalue("redis_url"), decode_responses=True) for _ in range(2)]
    await clients[0].flushdb()
    yield RedisShelf(clients[0]), RedisShelf(clients[1])
    for client in clients:
        await client.aclose()


async def test_a_subscription_notice_has_its_own_template_and_fields() -> None:
    async with scene(subscribe_fields={"thing": "thing9"}) as one:
        one.provider.says["/cgi-bin/message/subscribe/bizsend"] = {**OK, "msgid": 77}
        accepted = await one.channel(OwnShelf()).send(Rung.SUBSCRIBED, TENANT, NOTICE, "say:1")
    [(path, body)] = one.provider.asked
    assert (accepted.ref, path, body["template_id"]) == ("77", "subscribe/bizsend", "consented-1")
    assert (body["page"], body["data"]) == (NOTICE.link, {"thing9": {"value": "租约到期提醒"}})


async def test_a_notice_without_a_number_of_theirs_is_named_by_our_key() -> None:
    async with scene() as one:
        accepted = await one.channel(OwnShelf()).send(Rung.SUBSCRIBED, TENANT, NOTICE, "say:1")
    assert accepted.ref == "subscribed:say:1"


async def test_without_its_template_there_is_no_subscription_notice() -> None:
    async with scene(subscribe_template="") as one:
        assert await code(one.channel(OwnShelf()), Rung.SUBSCRIBED) == (Trouble.CONFIG, "NO_TEMPLATE")
    assert one.provider.asked == []


async def test_a_consent_used_up_is_told_apart() -> None:
    async with scene() as one:
        one.provider.says["/cgi-bin/message/subscribe/bizsend"] = refused(43101)
        assert await code(one.channel(OwnShelf()), Rung.SUBSCRIBED) == (Trouble.UNREACHABLE, "43101")


async def test_a_day_s_quota_is_asked_for_once_by_all_workers(two_shelves: tuple[Shelf, Shelf]) -> None:
    async with scene() as one:
        one.provider.says["/cgi-bin/message/template/send"] = refused(45009)
        mine, theirs = (one.channel(shelf) for shelf in two_shelves)
        assert await code(mine, Rung.TEMPLATE) == (Trouble.QUOTA, "45009")
        assert await code(theirs, Rung.TEMPLATE) == (Trouble.QUOTA, "45009")
        assert len(one.provider.asked) == 1
        await theirs.send(Rung.WINDOW, TENANT, MENU, "say:2")
        one.provider.says.clear()
        one.clock.move(hours=14)
        await theirs.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    assert one.provider.kinds == ["template/send", "msgmenu", "template/send"]


async def test_a_limited_account_says_nothing_more_on_any_rung(caplog: pytest.LogCaptureFixture) -> None:
    async with scene() as one:
        one.provider.says["text"] = refused(50002)
        channel = one.channel(OwnShelf())
        assert await code(channel, Rung.WINDOW, Outbound("您好")) == (Trouble.CONFIG, "50002")
        for rung in channel.rungs:
            assert await code(channel, rung) == (Trouble.CONFIG, "50002")
    assert one.provider.kinds == ["text"]
    assert [record.levelname for record in caplog.records if "rests until" in record.getMessage()] == ["ERROR"]


async def test_a_blocked_template_rests_and_the_other_goes_on() -> None:
    async with scene() as one:
        one.provider.says["/cgi-bin/message/template/send"] = refused(40249)
        channel = one.channel(OwnShelf())
        for _ in range(2):
            assert await code(channel, Rung.TEMPLATE) == (Trouble.CONFIG, "40249")
        await channel.send(Rung.SUBSCRIBED, TENANT, NOTICE, "say:2")
        one.clock.move(hours=24)
        assert await code(channel, Rung.TEMPLATE) == (Trouble.CONFIG, "40249")
    assert one.provider.kinds == ["template/send", "subscribe/bizsend", "template/send"]


async def test_a_menu_refused_goes_out_as_words_in_the_same_send(two_shelves: tuple[Shelf, Shelf]) -> None:
    async with scene() as one:
        one.provider.says["msgmenu"] = refused(40200)
        mine, theirs = (one.channel(shelf) for shelf in two_shelves)
        assert (await mine.send(Rung.WINDOW, TENANT, MENU, "say:1")).ref == "custom:say:1"
        await theirs.send(Rung.WINDOW, TENANT, MENU, "say:2")
        one.clock.move(hours=24)
        await mine.send(Rung.WINDOW, TENANT, MENU, "say:3")
    assert one.provider.kinds == ["msgmenu", "text", "text", "msgmenu", "text"]
    said = one.provider.asked[1][1]["text"]["content"]
    assert said.count('<a href="weixin://bizmsgmenu?msgmenucontent=') == 2


async def test_one_list_too_long_says_nothing_of_the_next() -> None:
    async with scene() as one:
        one.provider.says["msgmenu"] = refused(45098)
        channel = one.channel(OwnShelf())
        for say in ("say:1", "say:2"):
            await channel.send(Rung.WINDOW, TENANT, MENU, say)
    assert one.provider.kinds == ["msgmenu", "text", "msgmenu", "text"]


async def test_a_menu_is_not_said_again_in_words_when_it_may_have_arrived_or_nothing_may() -> None:
    async with scene() as one:
        one.provider.says["msgmenu"] = {"errcode": [1]}
        assert await code(one.channel(OwnShelf()), Rung.WINDOW, MENU) == (Trouble.UNKNOWN, "UNREADABLE")
        one.provider.says["msgmenu"] = refused(45015)
        assert await code(one.channel(OwnShelf()), Rung.WINDOW, MENU) == (Trouble.WINDOW, "45015")
    assert one.provider.kinds == ["msgmenu", "msgmenu"]


@pytest.mark.parametrize("change", [{"menu": False}, {"menu": False, "bizmsgmenu": False}])
async def test_an_account_set_to_have_no_menus_is_not_tried(change: dict[str, bool]) -> None:
    async with scene(**change) as one:
        await one.channel(OwnShelf()).send(Rung.WINDOW, TENANT, MENU, "say:1")
    [(_, body)] = one.provider.asked
    assert ("weixin://" in body["text"]["content"], "回复 2：两年" in body["text"]["content"]) == (
        change.get("bizmsgmenu", True),
        not change.get("bizmsgmenu", True),
    )


async def test_more_choices_than_a_menu_holds_are_words() -> None:
    many = Outbound("请选一个", choices=tuple(Choice(f"7.2.{n}", f"{n}") for n in range(11)))
    async with scene() as one:
        await one.channel(OwnShelf()).send(Rung.WINDOW, TENANT, many, "say:1")
    assert one.provider.kinds == ["text"]
