"""The emulator's pushes, read and answered by wechatpy, the platform's best known client in Python."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from backend.sandbox.wechat import TRIES, TenantSawError, WeChatSandbox
from backend.sandbox.wechat_faults import Push
from backend.sandbox.wechat_seal import Box, Broken, field_of
from tests.servers import free_port

BEGAN = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "0" * 43
Answer = web.Response | str | None


@dataclass
class Account:
    """Somebody else's server behind a service account: ``answers`` come first, then ``reply`` for good."""

    crypto: WeChatCrypto = field(default_factory=lambda: WeChatCrypto("t1", AES_KEY, "wx1"))
    answers: list[Answer] = field(default_factory=list)
    reply: Answer = None
    heard: list[Any] = field(default_factory=list)
    waits: asyncio.Event | None = None

    async def push(self, request: web.Request) -> web.Response:
        query = request.query
        check_signature("t1", query["signature"], query["timestamp"], query["nonce"])
        assert query["encrypt_type"] == "aes"
        xml = self.crypto.decrypt_message(
            await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        self.heard.append(parse_message(xml))
        if self.waits is not None:
            await self.waits.wait()
        answer = self.answers.pop(0) if self.answers else self.reply
        if isinstance(answer, web.Response):
            return answer
        return web.Response(text="success" if answer is None else self.sealed(answer))

    def sealed(self, words: str, crypto: WeChatCrypto | None = None) -> str:
        text: str = (crypto or self.crypto).encrypt_message(create_reply(words, self.heard[-1]), "nonce9", "1788228000")
        return text


@dataclass
class Street:
    sandbox: WeChatSandbox
    account: Account
    clock: list[datetime]

    def shown(self) -> list[tuple[str, str]]:
        return [(one.kind, one.text) for one in self.sandbox.inbox("o1")]


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    clock, account = [BEGAN], Account()
    sandbox = WeChatSandbox("wx1", "s1", "t1", AES_KEY, lambda: clock[0], seed=3)
    sandbox.away = 0
    sandbox.add_follower("o1")
    app = web.Application()
    app.add_routes([web.post("/door", account.push)])
    async with TestServer(app) as server:
        sandbox.callback_url = str(server.make_url("/door"))
        yield Street(sandbox, account, clock)
        if account.waits is not None:
            account.waits.set()
    await sandbox.close()


def failing(status: int = 500) -> web.Response:
    return web.Response(status=status)


async def test_words_are_pushed_and_the_answer_is_shown(street: Street) -> None:
    street.account.reply = "您好 <b> & 再见"
    assert await street.sandbox.tenant_says("o1", "想续租 ]]> & <x>") == "您好 <b> & 再见"
    [heard] = street.account.heard
    assert (heard.type, heard.source, heard.content) == ("text", "o1", "想续租 ]]> & <x>")
    assert heard.create_time.timestamp() == BEGAN.timestamp()
    assert street.shown() == [("passive", "您好 <b> & 再见")]
    assert street.sandbox.truth()["said"] == 1


async def test_a_plain_success_shows_nothing(street: Street) -> None:
    assert await street.sandbox.tenant_says("o1", "好") is None
    street.account.answers = [web.Response(text="")]
    assert await street.sandbox.tenant_says("o1", "好") is None
    assert (street.shown(), len(street.account.heard)) == ([], 2)


async def test_a_tap_on_a_menu_says_which(street: Street) -> None:
    await street.sandbox.tenant_says("o1", "方案一", menu="offer.1.1")
    [heard] = street.account.heard
    assert (heard.content, heard._data["bizmsgmenuid"]) == ("方案一", "offer.1.1")
    assert street.sandbox.book.followers["o1"].left == 3


async def test_coming_and_going_and_pictures(street: Street) -> None:
    await street.sandbox.tenant_sends("o1", "image")
    await street.sandbox.unfollow("o1")
    await street.sandbox.follow("o1")
    await street.sandbox.follow("o1", "lease-9")
    await street.sandbox.follow("o2", "lease-8")
    events = [(one.type, getattr(one, "event", ""), getattr(one, "scene_id", "")) for one in street.account.heard]
    assert events == [
        ("image", "", ""),
        ("event", "unsubscribe", ""),
        ("event", "subscribe", ""),
        ("event", "scan", "lease-9"),
        ("event", "subscribe_scan", "lease-8"),
    ]
    assert street.sandbox.openids() == ["o1", "o2"]


async def test_a_failed_push_comes_again_with_its_number(street: Street) -> None:
    street.account.answers, street.account.reply = [failing(), failing(403), web.Response(text="{}")], "收到"
    assert await street.sandbox.tenant_says("o1", "你好") == "收到"
    assert [heard.id for heard in street.account.heard] == [street.account.heard[0].id] * TRIES
    await street.sandbox.tenant_says("o1", "你好")
    assert street.account.heard[-1].id != street.account.heard[0].id


async def test_after_the_last_try_the_tenant_sees_an_error(street: Street) -> None:
    street.account.answers = [failing() for _ in range(TRIES)]
    with pytest.raises(TenantSawError, match="o1"):
        await street.sandbox.tenant_says("o1", "你好")
    assert (len(street.account.heard), street.shown()) == (TRIES, [])


async def test_a_push_without_an_answer_in_time_is_cut(street: Street) -> None:
    street.sandbox.cut_after = 0.05
    street.account.waits = asyncio.Event()
    with pytest.raises(TenantSawError):
        await street.sandbox.tenant_says("o1", "你好")
    assert len(street.account.heard) == TRIES


async def test_a_server_that_is_away_is_a_failure(street: Street) -> None:
    street.sandbox.callback_url = f"http://127.0.0.1:{free_port()}/door"
    with pytest.raises(TenantSawError):
        await street.sandbox.tenant_says("o1", "你好")


def stranger_s(account: Account) -> str:
    return account.sealed("假的", WeChatCrypto("t1", OTHER_KEY, "wx1"))


def unsigned(account: Account) -> str:
    return account.sealed("假的", WeChatCrypto("t2", AES_KEY, "wx1"))


def of_another_account(account: Account) -> str:
    return account.sealed("假的", WeChatCrypto("t1", AES_KEY, "wx2"))


@pytest.mark.parametrize(
    "forged",
    [stranger_s, unsigned, of_another_account, lambda _: "<xml><Content>假的</Content></xml>", lambda _: "\ud7ff"],
)
async def test_an_answer_that_is_not_sealed_as_it_must_be_is_not_shown(
    street: Street, forged: Callable[[Account], str]
) -> None:
    await street.sandbox.tenant_says("o1", "你好")
    street.account.answers = [web.Response(text=forged(street.account)) for _ in range(TRIES)]
    with pytest.raises(TenantSawError):
        await street.sandbox.tenant_says("o1", "你好")
    assert street.shown() == []


@pytest.mark.parametrize("trouble", [Push.TWICE, Push.DEAF])
async def test_a_push_that_comes_twice_is_shown_once(street: Street, trouble: Push) -> None:
    street.account.reply = "收到"
    street.sandbox.pushes.next(trouble)
    assert await street.sandbox.tenant_says("o1", "你好") == "收到"
    assert len({heard.id for heard in street.account.heard}) == 1
    assert (len(street.account.heard), street.shown()) == (2, [("passive", "收到")])
    assert street.sandbox.inconsistent_answers() == []


async def test_two_answers_to_one_message_are_found_out(street: Street) -> None:
    street.account.answers = ["一", "二"]
    street.sandbox.pushes.next(Push.TWICE)
    await street.sandbox.tenant_says("o1", "你好")
    assert street.sandbox.inconsistent_answers() == [str(street.account.heard[0].id)]


async def test_receipts_are_pushed_when_asked_and_a_lost_one_is_counted(street: Street) -> None:
    follower = street.sandbox.book.followers["o1"]
    street.sandbox.api.receipts = [(follower, 200, "success"), (follower, 201, "failed:user block")]
    assert street.sandbox.next_due() == BEGAN
    assert await street.sandbox.deliver_pending() == 2
    told = [(heard.event, heard.id, heard.status) for heard in street.account.heard]
    assert told == [("templatesendjobfinish", 200, "success"), ("templatesendjobfinish", 201, "failed:user block")]
    assert (await street.sandbox.deliver_pending(), street.sandbox.next_due()) == (0, None)
    street.sandbox.api.receipts = [(follower, 202, "success")]
    street.account.answers = [failing() for _ in range(TRIES)]
    assert await street.sandbox.deliver_pending() == 1
    assert street.sandbox.book.counts["receipts_lost"] == 1


async def test_a_push_carries_the_hour_of_the_clock(street: Street) -> None:
    street.clock[0] += timedelta(days=200)
    await street.sandbox.tenant_says("o1", "你好")
    assert street.account.heard[0].create_time.timestamp() == street.clock[0].timestamp()


async def test_nobody_speaks_for_a_phone_that_is_not_there(street: Street) -> None:
    with pytest.raises(KeyError):
        await street.sandbox.tenant_says("o9", "你好")


@pytest.mark.parametrize("sealed", ["", "AAAA", "!!", "A" * 64])
def test_a_broken_envelope_is_told(sealed: str, street: Street) -> None:
    with pytest.raises(Broken):
        Box(AES_KEY, "wx1", street.sandbox._luck).open(sealed)
    with pytest.raises(Broken):
        field_of(f"<xml><A>{sealed}</B></xml>", "A")
