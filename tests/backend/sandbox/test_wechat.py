"""The emulator's API met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.sandbox.wechat import WeChatSandbox
from backend.sandbox.wechat_api import FORCED_A_DAY
from backend.sandbox.wechat_book import Book, Follower
from backend.sandbox.wechat_faults import Fault
from backend.sandbox.wechatpay_faults import Troubles

BEGAN = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN, TEMPLATE, CUSTOM, USER = (
    f"/cgi-bin/{path}" for path in ("stable_token", "message/template/send", "message/custom/send", "user/info")
)
ACCOUNT = {"grant_type": "client_credential", "appid": "wx1", "secret": "s1"}
Told = dict[str, object]


@dataclass
class Stranger:
    sandbox: WeChatSandbox
    session: aiohttp.ClientSession
    origin: str
    clock: list[datetime]
    token: str = ""

    async def posts(self, path: str, body: object) -> Told:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        async with self.session.post(self.origin + path, params={"access_token": self.token}, data=raw) as answer:
            assert answer.status == 200
            told: Told = json.loads(await answer.read())
            return told

    async def signs_in(self, **changes: object) -> Told:
        told = await self.posts(TOKEN, ACCOUNT | changes)
        self.token = str(told.get("access_token", self.token))
        return told

    async def notifies(self, **changes: object) -> Told:
        values = {"thing1": {"value": "租约到期"}, "time2": {"value": "2026-09-30"}}
        body = {"touser": "o1", "template_id": "t1", "url": "http://127.0.0.1/r/1", "data": values}
        return await self.posts(TEMPLATE, body | changes)

    async def says(self, text: str = "您好", openid: str = "o1") -> object:
        told = await self.posts(CUSTOM, {"touser": openid, "msgtype": "text", "text": {"content": text}})
        return told["errcode"]

    def follower(self, openid: str = "o1") -> Follower:
        return self.sandbox.book.followers[openid]

    def later(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    clock = [BEGAN]
    sandbox = WeChatSandbox("wx1", "s1", "t1", AES_KEY, lambda: clock[0], seed=3)
    sandbox.add_follower("o1")
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        made = Stranger(sandbox, session, str(provider.make_url("")).rstrip("/"), clock)
        await made.signs_in()
        yield made


async def test_a_stable_token_is_the_same_until_five_minutes_before_its_end(stranger: Stranger) -> None:
    first = stranger.token
    assert await stranger.signs_in() == {"errcode": 0, "errmsg": "ok", "access_token": first, "expires_in": 7200}
    stranger.later(minutes=114)
    assert (await stranger.signs_in())["expires_in"] == 360
    assert stranger.token == first
    stranger.later(minutes=1)
    await stranger.signs_in()
    assert stranger.token != first


async def test_the_token_before_lives_its_time_out(stranger: Stranger) -> None:
    first = stranger.token
    stranger.later(minutes=116)
    await stranger.signs_in()
    stranger.token = first
    assert (await stranger.notifies())["errcode"] == 0
    stranger.later(minutes=5)
    assert (await stranger.notifies())["errcode"] == 42001


async def test_force_is_thirty_seconds_apart_and_twenty_a_day(stranger: Stranger) -> None:
    tokens = {stranger.token}
    for _ in range(2):
        await stranger.signs_in(force_refresh=True)
        tokens.add(stranger.token)
    assert len(tokens) == 2
    for _ in range(FORCED_A_DAY + 5):
        stranger.later(seconds=30)
        await stranger.signs_in(force_refresh=True)
        tokens.add(stranger.token)
    assert len(tokens) == 1 + FORCED_A_DAY


@pytest.mark.parametrize(
    ("changes", "code"), [({"appid": "wx2"}, 40013), ({"grant_type": "x"}, 40013), ({"secret": "s2"}, 40125)]
)
async def test_a_wrong_account_gets_no_token(stranger: Stranger, changes: dict[str, object], code: int) -> None:
    told = await stranger.signs_in(**changes)
    assert (told["errcode"], "access_token" in told) == (code, False)


async def test_without_the_token_nothing_is_done(stranger: Stranger) -> None:
    stranger.token = "invented"
    assert (await stranger.notifies())["errcode"] == 40001
    assert await stranger.says() == 40001
    assert stranger.sandbox.inbox("o1") == []


async def test_a_template_is_shown_and_numbered(stranger: Stranger) -> None:
    told = await stranger.notifies()
    assert told == {"errcode": 0, "errmsg": "ok", "msgid": told["msgid"]}
    [shown] = stranger.sandbox.inbox("o1")
    assert (shown.kind, shown.title, shown.url) == ("template", "租约到期", "http://127.0.0.1/r/1")
    assert "2026-09-30" in shown.text
    assert stranger.sandbox.next_due() == BEGAN


async def test_a_client_msg_id_goes_out_once_in_ten_minutes(stranger: Stranger) -> None:
    first = (await stranger.notifies(client_msg_id="k1"))["msgid"]
    stranger.later(minutes=10)
    assert (await stranger.notifies(client_msg_id="k1"))["msgid"] == first
    stranger.later(seconds=1)
    assert (await stranger.notifies(client_msg_id="k1"))["msgid"] != first
    await stranger.notifies()
    await stranger.notifies()
    assert len(stranger.sandbox.inbox("o1")) == 4
    assert stranger.sandbox.book.counts["repeats_withheld"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": ""}, 40037),
        ({"data": "x"}, 40037),
        ({"data": {"thing1": {"value": "长" * 21}}}, 47003),
        ({"data": {"thing1": {"value": ""}}}, 47003),
        ({"data": {"thing1": "no value inside"}}, 47003),
        ({"data": {"phrase3": {"value": "六个汉字太长"}}}, 47003),
    ],
)
async def test_a_template_that_is_not_right_is_refused(stranger: Stranger, changes: Told, code: int) -> None:
    assert (await stranger.notifies(**changes))["errcode"] == code
    assert stranger.sandbox.inbox("o1") == []


@pytest.mark.parametrize(("raw", "code"), [(b"{", 47001), (b"[]", 47001), (b'{"a": "\\u60a8"}', 40033)])
async def test_a_body_that_is_not_right_is_refused(stranger: Stranger, raw: bytes, code: int) -> None:
    assert (await stranger.posts(CUSTOM, raw))["errcode"] == code


async def test_an_oversized_body_is_not_taken(stranger: Stranger) -> None:
    async with stranger.session.post(stranger.origin + CUSTOM, data=b"x" * 70_000) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("body", [{"msgtype": "hologram"}, {"msgtype": "text"}, {"msgtype": "text", "text": "bare"}])
async def test_a_custom_message_of_no_kind_is_refused(stranger: Stranger, body: Told) -> None:
    assert (await stranger.posts(CUSTOM, {"touser": "o1", **body}))["errcode"] == 40008


async def test_five_in_forty_eight_hours_after_words(stranger: Stranger) -> None:
    assert await stranger.says() == 45015
    stranger.follower().refill(stranger.clock[0], (timedelta(hours=48), 5))
    assert await stranger.says("长" * 683) == 45002
    assert [await stranger.says() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    stranger.later(hours=48, seconds=1)
    await stranger.signs_in()
    assert await stranger.says() == 45015
    assert len(stranger.sandbox.inbox("o1")) == 5


def test_quotas_do_not_add_up_and_the_larger_one_counts() -> None:
    said, clicked = (timedelta(hours=48), 5), (timedelta(minutes=1), 3)
    one = Follower("o1")
    one.refill(BEGAN, clicked)
    assert (one.left, one.until) == (3, BEGAN + timedelta(minutes=1))
    one.refill(BEGAN, said)
    one.refill(BEGAN, clicked)
    assert (one.left, one.until) == (5, BEGAN + timedelta(hours=48))
    one.left = 2
    one.refill(BEGAN, clicked)
    assert (one.left, one.until) == (3, BEGAN + timedelta(minutes=1))


async def test_followers_who_are_not_there(stranger: Stranger) -> None:
    stranger.sandbox.add_follower("o2")
    stranger.follower().follows = False
    stranger.sandbox.refuse("o2")
    assert [(await stranger.notifies(touser=openid))["errcode"] for openid in ("o1", "o2")] == [43004, 48002]
    assert [await stranger.says(openid=openid) for openid in ("o1", "o2", "o3")] == [43004, 48002, 40003]


async def test_who_follows(stranger: Stranger) -> None:
    async def asks(openid: str) -> Told:
        query = {"access_token": stranger.token, "openid": openid}
        async with stranger.session.get(stranger.origin + USER, params=query) as answer:
            told: Told = json.loads(await answer.read())
            return told

    assert (await asks("o1"))["subscribe"] == 1
    stranger.follower().follows = False
    assert (await asks("o1"))["subscribe"] == 0
    assert (await asks("o9"))["errcode"] == 40003


async def test_ordered_faults_befall_the_next_calls(stranger: Stranger) -> None:
    stranger.sandbox.faults.next(Fault.BUSY, Fault.STALE_ACCESS)
    assert [(await stranger.notifies())["errcode"] for _ in range(3)] == [-1, 40001, 40001]
    await stranger.signs_in()
    stranger.sandbox.faults.next(Fault.RESET_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await stranger.notifies()
    assert len(stranger.sandbox.inbox("o1")) == 1


async def test_a_silent_answer_ends_when_the_emulator_closes(stranger: Stranger) -> None:
    stranger.sandbox.faults.next(Fault.SILENT_AFTER)
    with pytest.raises(TimeoutError):
        async with stranger.session.post(
            stranger.origin + TOKEN, json=ACCOUNT, timeout=aiohttp.ClientTimeout(total=0.05)
        ):
            pytest.fail("it answered")
    assert stranger.sandbox.book.counts["tokens"] == 1


def test_the_same_seed_gives_the_same_troubles() -> None:
    def drawn(seed: int) -> list[Fault | None]:
        troubles = Troubles({Fault.BUSY: 0.3, Fault.RESET_AFTER: 0.3}, seed)
        return [troubles.draw(f"call {number % 7}") for number in range(60)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert {Fault.BUSY, Fault.RESET_AFTER, None} == set(drawn(1))


def test_two_answers_to_one_message_are_told() -> None:
    book = Book()
    book.answers = {"1": {"a"}, "2": {"a", "b"}, "3": {None, "a"}}
    assert book.inconsistent() == ["2", "3"]
