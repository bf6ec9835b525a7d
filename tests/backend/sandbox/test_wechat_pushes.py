"""The emulator's pushes as a foreign library reads them, and how often it asks before the tenant sees an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from backend.sandbox.wechat import TRIES, TenantSawError, WeChatSandbox
from backend.sandbox.wechat_faults import Push
from tests.servers import free_port

BEGAN = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
APPID, TOKEN, TENANT = "wx1234567890abcdef", "tok", "oSyntheticTenant0001"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
Answer = Callable[[str], web.Response]


@dataclass
class Listener:
    """Somebody else's service on wechatpy: opens each push, and answers as it is told, the last answer for ever."""

    answers: list[Answer]
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        query = request.query
        crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
        assert query["encrypt_type"] == "aes"
        xml = crypto.decrypt_message(await request.text(), query["msg_signature"], query["timestamp"], query["nonce"])
        self.heard.append(parse_message(xml)._data)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return answer(xml)

    def fields(self, *names: str) -> list[tuple[str, ...]]:
        return [tuple(one.get(name) or "" for name in names) for one in self.heard]


def success(xml: str) -> web.Response:
    return web.Response(text="success")


def empty(xml: str) -> web.Response:
    return web.Response(text="")


def broken(xml: str) -> web.Response:
    return web.Response(status=500)


def plain_json(xml: str) -> web.Response:
    return web.json_response({"code": 0})


def no_text(xml: str) -> web.Response:
    return web.Response(body=b"\xff\xfe", content_type="text/xml", charset="utf-8")


def reply(token: str = TOKEN, key: str = AES_KEY, appid: str = APPID) -> Answer:
    """A sealed text by the library's own hand."""

    def answer(xml: str) -> web.Response:
        words = TextReply(content="您好 <b>", message=parse_message(xml)).render()
        return web.Response(text=WeChatCrypto(token, key, appid).encrypt_message(words, "n1", "1700000000"))

    return answer


@dataclass
class Town:
    sandbox: WeChatSandbox
    listener: Listener
    clock: list[datetime]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    clock = [BEGAN]
    sandbox = WeChatSandbox(APPID, "s1", TOKEN, AES_KEY, lambda: clock[0], seed=3)
    sandbox.away = 0
    sandbox.add_follower(TENANT)
    listener = Listener([success])
    app = web.Application()
    app.add_routes([web.post("/hear", listener.hear)])
    async with TestServer(app) as server:
        sandbox.callback_url = str(server.make_url("/hear"))
        yield Town(sandbox, listener, clock)
    await sandbox.close()


async def test_words_and_taps_as_a_foreign_library_reads_them(town: Town) -> None:
    await town.sandbox.tenant_says(TENANT, "续租 ]]> <b>&amp; 123")
    await town.sandbox.tenant_says(TENANT, "123")
    await town.sandbox.tenant_says(TENANT, "第一个", menu="o9.2.1")
    await town.sandbox.tenant_sends(TENANT, "image")
    assert town.listener.fields("FromUserName", "MsgType", "Content", "bizmsgmenuid") == [
        (TENANT, "text", "续租 ]]> <b>&amp; 123", ""),
        (TENANT, "text", "123", ""),
        (TENANT, "text", "第一个", "o9.2.1"),
        (TENANT, "image", "", ""),
    ]
    numbers = [one for (one,) in town.listener.fields("MsgId")]
    assert len({*numbers}) == 4
    assert all(one.isdigit() for one in numbers)
    assert {one for (one,) in town.listener.fields("CreateTime")} == {str(int(BEGAN.timestamp()))}


async def test_coming_scanning_and_going(town: Town) -> None:
    """The library tells a subscription by QR code by a name of its own, and takes the prefix off its scene."""
    await town.sandbox.follow("oNew", "lease-9")
    await town.sandbox.follow("oNew", "lease-9")
    await town.sandbox.unfollow("oNew")
    await town.sandbox.follow("oNew")
    assert town.listener.fields("MsgType", "Event", "EventKey") == [
        ("event", "subscribe_scan", "lease-9"),
        ("event", "SCAN", "lease-9"),
        ("event", "unsubscribe", ""),
        ("event", "subscribe", ""),
    ]
    assert town.sandbox.openids() == ["oNew", TENANT]
    assert town.sandbox.book.followers["oNew"].follows


async def test_a_follow_opens_the_small_window(town: Town) -> None:
    await town.sandbox.follow("oNew")
    follower = town.sandbox.book.followers["oNew"]
    assert (follower.left, follower.until) == (3, BEGAN + timedelta(minutes=1))


@pytest.mark.parametrize(("answer", "said"), [(success, None), (empty, None), (reply(), "您好 <b>")])
async def test_an_answer_ends_the_push(town: Town, answer: Answer, said: str | None) -> None:
    town.listener.answers = [answer]
    assert await town.sandbox.tenant_says(TENANT, "你好") == said
    assert len(town.listener.heard) == 1
    assert [shown.text for shown in town.sandbox.inbox(TENANT)] == ([said] if said else [])
    assert town.sandbox.truth()["shown_passive"] == (1 if said else 0)


@pytest.mark.parametrize(
    "answer",
    [broken, plain_json, no_text, reply(token="other"), reply(key="0" * 43), reply(appid="wx0000000000others")],
    ids=["500", "json", "no text", "signature", "key", "account"],
)
async def test_what_is_no_answer_is_asked_for_again_and_then_the_tenant_sees_an_error(
    town: Town, answer: Answer
) -> None:
    town.listener.answers = [answer]
    with pytest.raises(TenantSawError):
        await town.sandbox.tenant_says(TENANT, "你好")
    assert len(town.listener.heard) == TRIES == 4
    assert len({*town.listener.fields("MsgId", "CreateTime")}) == 1
    assert town.sandbox.inbox(TENANT) == []


async def test_a_late_answer_is_shown_once(town: Town) -> None:
    town.listener.answers = [broken, broken, reply()]
    assert await town.sandbox.tenant_says(TENANT, "你好") == "您好 <b>"
    assert len(town.listener.heard) == 3
    assert len(town.sandbox.inbox(TENANT)) == 1


@pytest.mark.parametrize("trouble", list(Push))
async def test_a_push_twice_finds_out_who_answers_in_two_ways(town: Town, trouble: Push) -> None:
    town.sandbox.pushes.next(trouble)
    town.listener.answers = [reply(), success]
    await town.sandbox.tenant_says(TENANT, "你好")
    [(number,), (again,)] = town.listener.fields("MsgId")
    assert number == again
    assert town.sandbox.inconsistent_answers() == [number]


async def test_nobody_there_is_tried_as_often(town: Town) -> None:
    town.sandbox.callback_url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(TenantSawError):
        await town.sandbox.tenant_says(TENANT, "你好")
    assert town.sandbox.truth()["said"] == 1


async def test_who_is_too_slow_is_cut(town: Town) -> None:
    town.sandbox.cut_after = 0.2
    nonces, over = set(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        nonces.add(request.query["nonce"])
        await over.wait()
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/slow", slow)])
    async with TestServer(app) as server:
        town.sandbox.callback_url = str(server.make_url("/slow"))
        with pytest.raises(TenantSawError):
            await town.sandbox.tenant_says(TENANT, "你好")
        over.set()
    assert len(nonces) == TRIES


@pytest.mark.parametrize(("blocked", "status"), [(False, "success"), (True, "failed:user block")])
async def test_receipts_come_back_when_they_are_due(town: Town, blocked: bool, status: str) -> None:
    if blocked:
        town.sandbox.block(TENANT)
    assert town.sandbox.next_due() is None
    number = await sent_template(town)
    assert town.sandbox.next_due() == BEGAN
    assert await town.sandbox.deliver_pending() == 1
    assert town.listener.fields("Event", "MsgID", "Status") == [("TEMPLATESENDJOBFINISH", str(number), status)]
    assert (await town.sandbox.deliver_pending(), town.sandbox.next_due()) == (0, None)
    assert len(town.sandbox.inbox(TENANT)) == (0 if blocked else 1)


async def test_a_receipt_nobody_answers_is_lost(town: Town) -> None:
    await sent_template(town)
    town.listener.answers = [broken]
    assert await town.sandbox.deliver_pending() == 1
    assert (town.sandbox.book.counts["receipts_lost"], await town.sandbox.deliver_pending()) == (1, 0)


async def sent_template(town: Town, path: str = "/cgi-bin/message/template/send", template: str = "t1") -> int:
    """The msgid of a notice sent over the wire."""
    asked = {"grant_type": "client_credential", "appid": APPID, "secret": "s1"}
    body = {"touser": TENANT, "template_id": template, "data": {"thing1": {"value": "lease"}}}
    async with TestServer(town.sandbox.app()) as api, aiohttp.ClientSession() as session:
        async with session.post(api.make_url("/cgi-bin/stable_token"), json=asked) as answer:
            query = {"access_token": (await answer.json())["access_token"]}
        async with session.post(api.make_url(path), params=query, json=body) as answer:
            return int((await answer.json())["msgid"])
