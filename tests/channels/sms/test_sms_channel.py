"""Both vendors over real HTTP, and the channel that chooses between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.port import Channel, ChannelError, Outbound, Trouble
from channels.sms.aliyun import Aliyun
from channels.sms.channel import Sms, Vendor
from channels.sms.config import AliyunConfig, SmsConfig, TencentConfig
from channels.sms.posting import ANSWER_MAX
from channels.sms.tencent import Tencent
from channels.sms.wording import Texts
from dialogs.rungs import Rung

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
FILE = Path(__file__).parents[3] / "templates" / "messages" / "sms.toml"
CODES = {name: f"T_{name}" for name in ("reminder", "progress", "answer", "code")}
REMINDER = Outbound("…", sms="reminder", sms_values={"code": "ABCD2345", "day": "10月2日"})
OK = {
    "aliyun": {"Code": "OK", "BizId": "biz-1"},
    "tencent": {"Response": {"SendStatusSet": [{"SerialNo": "s-1", "Code": "Ok"}]}},
}


class Desk:
    """A vendor's door that answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Any] = []

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(({**request.headers, **request.query}, await request.read()))
        said = self.answers.pop(0)
        if isinstance(said, int):
            return web.Response(status=said)
        return web.Response(body=said) if isinstance(said, bytes) else web.json_response(said)


@asynccontextmanager
async def vendors() -> AsyncIterator[tuple[Desk, Desk, Sms]]:
    one, other = Desk(), Desk()
    doors = []
    async with aiohttp.ClientSession() as session:
        for desk in (one, other):
            app = web.Application()
            app.add_routes([web.post("/", desk.take)])
            doors.append(TestServer(app))
        async with doors[0] as first, doors[1] as second:
            aliyun = AliyunConfig("AK", "SK", "寓居生活", CODES, str(first.make_url("")))
            tencent = TencentConfig("ID", "KEY", "1400", "寓居生活", CODES, endpoint=str(second.make_url("")))
            both: list[Vendor] = [Aliyun(aliyun, session, lambda: NOW), Tencent(tencent, session, lambda: NOW)]
            config = SmsConfig("寓居生活", "secret", "https://h5.example.cn")
            yield one, other, Sms(config, both, Texts(FILE, config.sign, config.page_url, config.link_mode))


async def test_a_reminder_goes_through_the_first_vendor_and_is_counted() -> None:
    async with vendors() as (aliyun, tencent, sms):
        aliyun.answers = [OK["aliyun"]]
        channel: Channel = sms
        accepted = await channel.send(Rung.SMS, "13800000001", REMINDER, "say:1:1")
        assert (accepted.ref, accepted.via, accepted.segments, accepted.price) == ("biz-1", "aliyun", 1, 45)
        [(asked, body)] = aliyun.asked
        assert (asked["PhoneNumbers"], asked["OutId"], asked["TemplateCode"]) == (
            "13800000001",
            "say:1:1",
            "T_reminder",
        )
        assert asked["TemplateParam"] == '{"day": "10月2日", "code": "ABCD2345"}'
        assert body == b""
        assert tencent.asked == []
        assert "ABCD2345" in sms.shown(Rung.SMS, REMINDER)


@pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "isv.SMS_SIGN_ILLEGAL"])
async def test_a_vendor_at_fault_is_left_for_the_other(code: str) -> None:
    async with vendors() as (aliyun, tencent, sms):
        aliyun.answers, tencent.answers = [{"Code": code, "Message": "no"}], [OK["tencent"]]
        accepted = await sms.send(Rung.SMS, "13800000001", REMINDER, "say:1:1")
        assert (accepted.ref, accepted.via) == ("s-1", "tencent")
        [(_, body)] = tencent.asked
        assert b'"+8613800000001"' in body
        assert b'"SessionContext":"say:1:1"' in body


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, Trouble.BAD_NUMBER),
        ({"Code": "isv.BUSINESS_LIMIT_CONTROL"}, Trouble.TRANSIENT),
        (502, Trouble.UNKNOWN),
        (b"not json", Trouble.UNKNOWN),
        (b" " * (ANSWER_MAX + 1), Trouble.UNKNOWN),
    ],
)
async def test_what_is_the_numbers_or_unknown_is_never_sent_again_elsewhere(said: Any, kind: Trouble) -> None:
    async with vendors() as (aliyun, tencent, sms):
        aliyun.answers = [said]
        with pytest.raises(ChannelError) as fault:
            await sms.send(Rung.SMS, "13800000001", REMINDER, "say:1:1")
        assert fault.value.kind is kind
        assert tencent.asked == []


async def test_tencents_codes_are_the_numbers_own() -> None:
    async with vendors() as (aliyun, tencent, sms):
        refused = {"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}}
        for answer, kind in (
            (refused, Trouble.OPTED_OUT),
            ({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}, Trouble.CONFIG),
            ({"Response": {"SendStatusSet": []}}, Trouble.UNKNOWN),
        ):
            aliyun.answers, tencent.answers = [{"Code": "isv.SMS_SIGN_ILLEGAL"}], [answer]
            with pytest.raises(ChannelError) as fault:
                await sms.send(Rung.SMS, "13800000001", REMINDER, "say:1:1")
            assert fault.value.kind is kind


async def test_a_passcode_is_a_text_of_its_own() -> None:
    async with vendors() as (aliyun, _, sms):
        aliyun.answers = [OK["aliyun"]]
        await sms.send_code("13800000001", "123456")
        assert aliyun.asked[0][0]["TemplateCode"] == "T_code"


async def test_a_vendor_that_cannot_be_connected_has_sent_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        config = AliyunConfig("AK", "SK", "寓", CODES, "http://127.0.0.1:1")
        with pytest.raises(ChannelError) as fault:
            await Aliyun(config, session, lambda: NOW).send("13800000001", "progress", {"code": "A"}, "k")
        assert fault.value.kind is Trouble.TRANSIENT
