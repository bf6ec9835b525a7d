"""The emulator's API met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.sandbox.wechat import TenantSawError, WeChatSandbox
from backend.sandbox.wechat_faults import Fault
from tests.servers import free_port

BEGAN = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
APPID, SECRET, TENANT = "wx1234567890abcdef", "synthetic-secret", "oSyntheticTenant0001"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECONDS = 10.0
"""How long a call may take before the test gives up."""
TEMPLATE, CUSTOM = "/cgi-bin/message/template/send", "/cgi-bin/message/custom/send"


@dataclass
class Stranger:
    sandbox: WeChatSandbox
    session: aiohttp.ClientSession
    origin: str
    clock: list[datetime]
    token: str = ""

    async def posts(self, path: str, body: object) -> dict[str, object]:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        query = {"access_token": self.token} if self.token else {}
        async with self.session.post(self.origin + path, params=query, data=raw) as answer:
            assert answer.status == 200
            told: dict[str, object] = json.loads(await answer.read())
            return told

    async def takes_token(self, **changes: object) -> dict[str, object]:
        asked = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET, "force_refresh": False}
        told = await self.posts("/cgi-bin/stable_token", asked | changes)
        self.token = str(told.get("access_token", self.token))
        return told

    async def notifies(self, value: str = "租约到期", **changes: object) -> dict[str, object]:
        asked = {
            "touser": TENANT,
            "template_id": "t1",
            "url": "http://127.0.0.1/",
            "data": {"thing1": {"value": value}},
        }
        return await self.posts(TEMPLATE, asked | changes)

    async def says(self, text: str = "您好", to: str = TENANT) -> int:
        told = await self.posts(CUSTOM, {"touser": to, "msgtype": "text", "text": {"content": text}})
        return int(str(told["errcode"]))

    def waits(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)

    async def hears(self, *, tap: bool = False) -> None:
        """A tenant's words; nobody answers for the callback, so that they end at the phone's error."""
        with pytest.raises(TenantSawError):
            await self.sandbox.tenant_says(TENANT, "你好", menu="o.1.1" if tap else "")


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    clock = [BEGAN]
    sandbox = WeChatSandbox(APPID, SECRET, "tok", AES_KEY, lambda: clock[0], seed=3)
    sandbox.callback_url, sandbox.away = f"http://127.0.0.1:{free_port()}/", 0
    sandbox.add_follower(TENANT)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        made = Stranger(sandbox, session, str(provider.make_url("")).rstrip("/"), clock)
        await made.takes_token()
        yield made


# --- the token --------------------------------------------------------------------------------------------------------
async def test_everybody_who_asks_gets_the_same_token_until_its_last_five_minutes(stranger: Stranger) -> None:
    first = await stranger.takes_token()
    assert first["expires_in"] == 7200
    stranger.waits(minutes=114)
    again = await stranger.takes_token()
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 360)
    stranger.waits(minutes=1)
    renewed = await stranger.takes_token()
    assert (renewed["access_token"] != first["access_token"], renewed["expires_in"]) == (True, 7200)


async def test_the_renewed_token_s_elder_serves_to_its_end(stranger: Stranger) -> None:
    elder = stranger.token
    stranger.waits(minutes=116)
    await stranger.takes_token()
    stranger.token = elder
    assert (await stranger.notifies())["errcode"] == 0
    stranger.waits(minutes=4)
    assert (await stranger.notifies())["errcode"] == 42001


async def test_a_token_nobody_gave_is_invalid(stranger: Stranger) -> None:
    for token in ("made-up", ""):
        stranger.token = token
        assert (await stranger.notifies())["errcode"] == 40001


async def test_force_gives_a_new_one_thirty_seconds_apart_and_twenty_a_day(stranger: Stranger) -> None:
    seen = {stranger.token}
    await stranger.takes_token(force_refresh=True)
    seen.add(stranger.token)
    await stranger.takes_token(force_refresh=True)
    assert (stranger.token in seen, len(seen)) == (True, 2)
    for _ in range(30):
        stranger.waits(seconds=31)
        await stranger.takes_token(force_refresh=True)
        seen.add(stranger.token)
    assert len(seen) == 1 + 20


@pytest.mark.parametrize(
    ("change", "code"),
    [({"appid": "wx0"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "password"}, 40013)],
    ids=["appid", "secret", "grant"],
)
async def test_wrong_settings_get_no_token(stranger: Stranger, change: dict[str, object], code: int) -> None:
    told = await stranger.takes_token(**change)
    assert (told["errcode"], "access_token" in told) == (code, False)


# --- notices ----------------------------------------------------------------------------------------------------------
async def test_a_notice_is_shown_with_its_link_and_counted(stranger: Stranger) -> None:
    told = await stranger.notifies()
    assert (told["errcode"], isinstance(told["msgid"], int)) == (0, True)
    [shown] = stranger.sandbox.inbox(TENANT)
    assert (shown.kind, shown.title, shown.url, shown.at) == ("template", "租约到期", "http://127.0.0.1/", BEGAN)
    assert stranger.sandbox.truth() == {
        "said": 0, "shown_template": 1, "shown_subscribe": 0, "shown_custom": 0, "shown_passive": 0,
        "at_night": [], "after_refusal": [], "over_budget": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("thing1", "长" * 20, 0),
        ("thing1", "长" * 21, 47003),
        ("thing1", "", 47003),
        ("character_string3", "9" * 32, 0),
        ("character_string3", "9" * 33, 47003),
        ("character_string3", "合同1", 47003),
        ("phrase2", "已经到期", 0),
        ("phrase2", "已经到期了吗", 47003),
        ("amount4", "¥1234567890", 0),
        ("amount4", "¥123456789012", 47003),
        ("time5", "2026年9月30日", 0),
    ],
)
async def test_values_by_their_kind(stranger: Stranger, name: str, value: str, code: int) -> None:
    told = await stranger.notifies(data={name: {"value": value}})
    assert told["errcode"] == code
    assert code == 0 or name in str(told["errmsg"])
    assert len(stranger.sandbox.inbox(TENANT)) == (code == 0)


async def test_one_key_within_ten_minutes_is_one_notice(stranger: Stranger) -> None:
    first = await stranger.notifies(client_msg_id="k1")
    stranger.waits(minutes=10)
    assert await stranger.notifies(client_msg_id="k1") == first
    assert (await stranger.notifies(client_msg_id="k2"))["msgid"] != first["msgid"]
    assert len(stranger.sandbox.inbox(TENANT)) == 2
    stranger.waits(seconds=1)
    assert (await stranger.notifies(client_msg_id="k1"))["msgid"] != first["msgid"]
    assert len(stranger.sandbox.inbox(TENANT)) == 3


async def test_without_a_key_each_call_is_a_notice(stranger: Stranger) -> None:
    await stranger.notifies()
    await stranger.notifies()
    assert len(stranger.sandbox.inbox(TENANT)) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"touser": "\\u4f60"}', 40033),
        (b"{", 47001),
        (b"[]", 47001),
        (b"\xff\xfe", 47001),
        ({"touser": "oNobody"}, 40003),
        ({"touser": TENANT}, 40037),
        ({"touser": TENANT, "template_id": "t1", "data": []}, 40037),
        ({"touser": TENANT, "template_id": "t1", "data": {"thing1": "bare"}}, 47003),
    ],
    ids=["escaped", "cut", "list", "no text", "nobody", "no template", "no data", "no value"],
)
async def test_a_body_that_is_not_the_sheet_s(stranger: Stranger, body: object, code: int) -> None:
    assert (await stranger.posts(TEMPLATE, body))["errcode"] == code
    assert stranger.sandbox.inbox(TENANT) == []


# --- the window -------------------------------------------------------------------------------------------------------
async def test_nobody_who_has_not_spoken_can_be_spoken_to(stranger: Stranger) -> None:
    assert await stranger.says() == 45015


@pytest.mark.parametrize(
    ("tap", "units", "open_for"),
    [(False, 5, timedelta(hours=48)), (True, 3, timedelta(minutes=1))],
    ids=["words", "tap"],
)
async def test_so_many_in_so_long(stranger: Stranger, tap: bool, units: int, open_for: timedelta) -> None:
    await stranger.hears(tap=tap)
    stranger.clock[0] += open_for
    await stranger.takes_token()
    assert [await stranger.says() for _ in range(units + 1)] == [*[0] * units, 45047]
    stranger.waits(seconds=1)
    assert await stranger.says() == 45015


async def test_quotas_do_not_add_up(stranger: Stranger) -> None:
    await stranger.hears()
    assert await stranger.says() == 0
    await stranger.hears()
    assert [await stranger.says() for _ in range(6)] == [*[0] * 5, 45047]


async def test_a_tap_takes_nothing_from_a_larger_window(stranger: Stranger) -> None:
    await stranger.hears()
    await stranger.hears(tap=True)
    stranger.waits(minutes=2)
    assert [await stranger.says() for _ in range(3)] == [0, 0, 0]
    await stranger.hears(tap=True)
    stranger.waits(minutes=2)
    assert await stranger.says() == 45015


async def test_notices_need_no_window_and_use_none_of_it(stranger: Stranger) -> None:
    await stranger.hears()
    for _ in range(6):
        assert (await stranger.notifies())["errcode"] == 0
    assert [await stranger.says() for _ in range(6)] == [*[0] * 5, 45047]


@pytest.mark.parametrize(("text", "code"), [("x" * 2048, 0), ("长" * 683, 45002), ("", 40008)])
async def test_a_text_by_its_bytes(stranger: Stranger, text: str, code: int) -> None:
    await stranger.hears()
    assert await stranger.says(text) == code


async def test_a_link_in_a_text_can_be_tapped(stranger: Stranger) -> None:
    await stranger.hears()
    await stranger.says("请点 http://127.0.0.1:8080/r/abc，谢谢")
    assert stranger.sandbox.inbox(TENANT)[-1].url == "http://127.0.0.1:8080/r/abc"


# --- followers --------------------------------------------------------------------------------------------------------
async def test_whom_no_message_reaches(stranger: Stranger) -> None:
    stranger.sandbox.refuse(TENANT)
    assert (await stranger.notifies())["errcode"] == 48002
    with pytest.raises(TenantSawError):
        await stranger.sandbox.unfollow(TENANT)
    assert (await stranger.notifies())["errcode"] == 43004
    assert await stranger.says(to="oNobody") == 40003


async def test_whether_somebody_follows(stranger: Stranger) -> None:
    async def asked(openid: str) -> dict[str, object]:
        query = {"access_token": stranger.token, "openid": openid}
        async with stranger.session.get(f"{stranger.origin}/cgi-bin/user/info", params=query) as answer:
            told: dict[str, object] = json.loads(await answer.read())
            return told

    assert (await asked(TENANT))["subscribe"] == 1
    stranger.sandbox.book.followers[TENANT].follows = False
    assert (await asked(TENANT))["subscribe"] == 0
    assert (await asked("oNobody"))["errcode"] == 40003


# --- bad days ---------------------------------------------------------------------------------------------------------
async def test_busy_and_forgetful(stranger: Stranger) -> None:
    stranger.sandbox.faults.next(Fault.BUSY, Fault.STALE_ACCESS)
    assert (await stranger.notifies())["errcode"] == -1
    assert (await stranger.notifies())["errcode"] == 40001
    assert stranger.sandbox.inbox(TENANT) == []
    await stranger.takes_token()
    assert (await stranger.notifies())["errcode"] == 0


async def test_a_connection_cut_after_it_was_done(stranger: Stranger) -> None:
    stranger.sandbox.faults.next(Fault.RESET_AFTER)
    with pytest.raises(aiohttp.ClientError):
        await stranger.notifies(client_msg_id="k1")
    assert len(stranger.sandbox.inbox(TENANT)) == 1
    assert (await stranger.notifies(client_msg_id="k1"))["errcode"] == 0
    assert len(stranger.sandbox.inbox(TENANT)) == 1


async def test_no_answer_although_it_was_done(stranger: Stranger) -> None:
    stranger.sandbox.faults.next(Fault.SILENT_AFTER)
    asking = asyncio.create_task(stranger.notifies(client_msg_id="k1"))
    async with asyncio.timeout(SECONDS):
        while not stranger.sandbox.inbox(TENANT):
            await asyncio.wait([asking], timeout=0.01)
    assert not asking.done()
    asking.cancel()
    await asyncio.wait([asking])
    assert asking.cancelled()
