"""From the reminder to somebody who never followed: one SMS, its receipt, and what its silence leads to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters import Adapters, wire
from bot.effects.chat import Mouth, chat_hands
from bot.intake import Intake
from bot.settings import AliyunSmsSettings, Settings, SettingsError, SmsSettings
from channels.port import Inbound, InboundKind
from dialogs.effects import Lane, Ring, Task
from dialogs.events import MessageFailed, MessageSent, RungDue, Unreach
from dialogs.states import State
from tests.bot.hands import dispatcher
from tests.bot.stage import LINK_KEY, OPERATOR, Stage, heard, row

PHONE = "13800000001"
TEMPLATES = {name: f"T_{name}" for name in ("reminder", "progress", "answer", "code")}


class Vendor:
    """Aliyun's door on loopback: answers as told, remembers the queries."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.answers: list[Any] = []

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        said = self.answers.pop(0) if self.answers else {"Code": "OK", "BizId": f"biz-{len(self.asked)}"}
        return web.Response(status=said) if isinstance(said, int) else web.json_response(said)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def settings(url: str) -> Settings:
    sms = SmsSettings("寓居生活", "secret-path", page_url="https://h5.example.cn")
    return Settings(
        "sqlite:///unused.db", "5e" * 32, LINK_KEY, (OPERATOR,), sms=sms,
        aliyun_sms=AliyunSmsSettings("AK", "SK", TEMPLATES, url),
    )  # fmt: skip


@pytest.fixture
async def adapters(vendor: Vendor, lite: Stage) -> AsyncIterator[Adapters]:
    app = web.Application()
    app.add_routes([web.post("/", vendor.take)])
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield await wire(settings(str(server.make_url(""))), session, lite.clock)


async def speaks(lite: Stage, adapters: Adapters) -> int:
    mouth = Mouth(lite.turns, adapters.channels, lite.speaker)
    return await dispatcher(lite, chat_hands(mouth)).run_once(Lane.CHAT)


async def test_a_reminder_without_wechat_goes_by_sms_and_its_silence_to_a_person(
    lite: Stage, vendor: Vendor, adapters: Adapters
) -> None:
    stored = await lite.brought(await lite.opened(row(openid="")), State.REMINDED)
    assert await speaks(lite, adapters) == 1
    [asked] = vendor.asked
    assert (asked["PhoneNumbers"], asked["TemplateCode"]) == (PHONE, "T_reminder")
    for private in ("租客", "云栖", "3,200", "1201"):
        assert private not in asked["TemplateParam"]
    [sent] = [one.event for one in await lite.store.log(stored.id) if isinstance(one.event, MessageSent)]
    assert (sent.rung, sent.more) == ("sms", False)
    [(_, words)] = await lite.store.thread(stored.id)
    assert words.channel == "sms"
    assert words.text.startswith("【寓居生活】您的租约将于10月2日到期")
    [attempt] = await lite.store.attempts(stored.id)
    assert (attempt.via, attempt.ref, attempt.segments, attempt.price) == ("aliyun", "biz-1", 1, 45)
    stored = await lite.tell(stored, RungDue())
    assert [one.task for one in await lite.wished(stored, Ring)][-1:] == [Task.CALL]


async def test_an_sms_of_which_nobody_knows_is_not_repeated_and_its_receipt_finds_it(
    lite: Stage, vendor: Vendor, adapters: Adapters
) -> None:
    vendor.answers = [502]
    stored = await lite.brought(await lite.opened(row(openid="")), State.REMINDED)
    await speaks(lite, adapters)
    lite.clock.move(seconds=90)
    assert await speaks(lite, adapters) == 0
    assert len(vendor.asked) == 1
    key = vendor.asked[0]["OutId"]
    intake = Intake(lite.turns, lite.speaker, "sms")
    receipt = heard("", "r1", openid=PHONE, kind=InboundKind.RECEIPT, ref="biz-9", delivered=True, hint=key)
    await intake.hear(receipt)
    await intake.hear(receipt)
    [attempt] = await lite.store.attempts(stored.id)
    assert (attempt.key, attempt.status, attempt.ref) == (key, "delivered", "biz-9")


async def test_a_dead_number_and_no_wechat_is_mended_by_a_person_and_the_page_still_tells(
    lite: Stage, vendor: Vendor, adapters: Adapters
) -> None:
    vendor.answers = [{"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "no"}]
    stored = await lite.brought(await lite.opened(row(openid="")), State.REMINDED)
    await speaks(lite, adapters)
    [failed] = [one.event for one in await lite.store.log(stored.id) if isinstance(one.event, MessageFailed)]
    assert failed.kind is Unreach.BAD_NUMBER
    assert (await lite.again(stored)).renewal.state is State.UNREACHABLE
    assert Task.REPAIR_CONTACT in [one.task for one in await lite.wished(stored, Ring)]
    assert [words.channel for _, words in await lite.store.thread(stored.id)] == ["page"]


async def test_words_by_sms_are_answered_by_the_standard_text_and_show_no_terms(
    lite: Stage, vendor: Vendor, adapters: Adapters
) -> None:
    stored = await lite.brought(await lite.opened(row(openid="")), State.REMINDED)
    await lite.settle_all()
    intake = Intake(lite.turns, lite.speaker, "sms")
    said = Inbound(InboundKind.TEXT, "u1", PHONE, lite.clock.now(), "续租有哪些方案？")
    assert await intake.hear(said) is None
    await speaks(lite, adapters)
    assert [one["TemplateCode"] for one in vendor.asked] == ["T_answer"]
    offer = (await lite.again(stored)).renewal.offer
    assert offer is not None
    assert not offer.shown, "no terms can stand in an SMS"


async def test_sms_without_a_vendor_is_a_setting_to_mend(lite: Stage) -> None:
    bare = msgspec.structs.replace(settings("http://127.0.0.1:9"), aliyun_sms=None)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SettingsError, match="XUZU_ALIYUN_SMS"):
            await wire(bare, session, lite.clock)
