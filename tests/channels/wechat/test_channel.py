"""The service account as a channel, against the emulator: what arrives on the phone, and what each refusal means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from redis.asyncio import Redis

from backend.coordination import OwnShelf, RedisShelf
from backend.sandbox.wechat_faults import Fault
from channels.port import Channel, ChannelError, Choice, InboundKind, Outbound, Trouble
from channels.wechat.channel import MENU_MAX, TEXT_MAX, WeChat, reply_text
from channels.wechat.config import NOTICE_FIELDS, WeChatConfig
from dialogs.rungs import Rung
from tests.channels.wechat.line import BEGAN, TENANT, Line

NOTICE = Outbound(
    "您的租约即将到期",
    "租约到期提醒",
    {"thing": "租约到期提醒", "unit": "3-1-501", "time": "2026-09-30"},
    "http://127.0.0.1/r/1",
)


async def refusal(sending: object) -> tuple[Trouble, str]:
    assert asyncio.iscoroutine(sending)
    with pytest.raises(ChannelError) as fault:
        await sending
    return fault.value.kind, fault.value.code


async def test_a_notice_reaches_a_follower_and_its_receipt_comes_back(line: Line) -> None:
    accepted = await line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    [shown] = line.sandbox.inbox(TENANT)
    assert (shown.kind, shown.title, shown.url) == ("template", "租约到期提醒", NOTICE.link)
    assert await line.sandbox.deliver_pending() == 1
    [receipt] = line.ear.heard
    assert (receipt.kind, receipt.ref, receipt.delivered) == (InboundKind.RECEIPT, accepted.ref, True)


async def test_the_receipt_of_a_notice_to_who_has_blocked_us(line: Line) -> None:
    line.sandbox.block(TENANT)
    accepted = await line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    await line.sandbox.deliver_pending()
    [receipt] = line.ear.heard
    assert (receipt.ref, receipt.delivered, receipt.failure) == (accepted.ref, False, "opted_out")
    assert line.sandbox.inbox(TENANT) == []


async def test_a_notice_repeated_with_its_key_is_shown_once(line: Line) -> None:
    channel = line.channel()
    first = await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    line.clock.move(minutes=9)
    assert await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1") == first
    line.clock.move(minutes=1)
    assert await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1") == first
    assert await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:2") != first
    assert len(line.sandbox.inbox(TENANT)) == 2


async def test_values_too_long_for_the_template_are_shortened(line: Line) -> None:
    long = msgspec.structs.replace(NOTICE, values=dict.fromkeys(NOTICE_FIELDS, "长" * 200))
    await line.channel().send(Rung.TEMPLATE, TENANT, long, "say:1")
    [shown] = line.sandbox.inbox(TENANT)
    assert shown.title == "长" * 19 + "…"


async def test_after_ten_minutes_the_key_protects_no_more(line: Line) -> None:
    """The platform forgets it: only our own ledger keeps a repeat from going out."""
    channel = line.channel()
    first = await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    line.clock.move(minutes=10, seconds=1)
    assert await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1") != first
    assert len(line.sandbox.inbox(TENANT)) == 2


async def test_a_contract_s_number_with_chinese_in_it_is_taken(line: Line) -> None:
    odd = msgspec.structs.replace(NOTICE, values={**NOTICE.values, "no": "合同2025号-001"})
    await line.channel().send(Rung.TEMPLATE, TENANT, odd, "say:1")
    [shown] = line.sandbox.inbox(TENANT)
    assert shown.text == "租约到期提醒 · 3-1-501 · 2025-001 · 2026-09-30"


async def test_words_inside_the_window_and_when_it_has_closed(line: Line) -> None:
    channel = line.channel()
    assert await refusal(channel.send(Rung.WINDOW, TENANT, NOTICE, "say:1")) == (Trouble.WINDOW, "45015")
    await line.sandbox.tenant_says(TENANT, "你好")
    line.clock.move(hours=47)
    for number in range(5):
        accepted = await channel.send(Rung.WINDOW, TENANT, NOTICE, f"say:{number}")
        assert accepted.ref == f"custom:say:{number}"
    assert await refusal(channel.send(Rung.WINDOW, TENANT, NOTICE, "say:6")) == (Trouble.WINDOW, "45047")
    line.clock.move(hours=2)
    assert await refusal(channel.send(Rung.WINDOW, TENANT, NOTICE, "say:7")) == (Trouble.WINDOW, "45015")
    assert [shown.text for shown in line.sandbox.inbox(TENANT)] == [NOTICE.text] * 5


async def test_after_a_tap_on_a_menu_there_are_three_in_a_minute(line: Line) -> None:
    channel = line.channel()
    await line.sandbox.tenant_says(TENANT, "选第一个", menu="offer.1.1")
    for number in range(3):
        await channel.send(Rung.WINDOW, TENANT, NOTICE, f"say:{number}")
    assert await refusal(channel.send(Rung.WINDOW, TENANT, NOTICE, "say:4")) == (Trouble.WINDOW, "45047")
    line.clock.move(seconds=61)
    assert await refusal(channel.send(Rung.WINDOW, TENANT, NOTICE, "say:5")) == (Trouble.WINDOW, "45015")


async def test_a_long_text_is_cut_where_the_platform_would_refuse_it(line: Line) -> None:
    await line.sandbox.tenant_says(TENANT, "你好")
    await line.channel().send(Rung.WINDOW, TENANT, Outbound("长" * 2000), "say:1")
    [shown] = line.sandbox.inbox(TENANT)
    assert 2000 < len(shown.text.encode()) <= 2048


async def test_who_does_not_follow_cannot_be_reached(line: Line) -> None:
    await line.sandbox.unfollow(TENANT)
    assert await refusal(line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")) == (Trouble.UNREACHABLE, "43004")
    assert await refusal(line.channel().send(Rung.TEMPLATE, "oNobody", NOTICE, "say:1")) == (
        Trouble.UNREACHABLE,
        "40003",
    )


async def test_who_refuses_our_messages_has_opted_out(line: Line) -> None:
    line.sandbox.refuse(TENANT)
    assert await refusal(line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")) == (Trouble.OPTED_OUT, "48002")


async def test_a_busy_platform_is_tried_again(line: Line) -> None:
    line.sandbox.faults.next(None, Fault.BUSY)
    assert await refusal(line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")) == (Trouble.TRANSIENT, "-1")
    assert (await line.channel().send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")).ref


async def test_without_a_template_or_a_title_there_is_no_notice(line: Line) -> None:
    bare = msgspec.structs.replace(line.config, notice_template="")
    channel = WeChat(bare, line.session, OwnShelf(), line.clock)
    assert await refusal(channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")) == (Trouble.CONFIG, "NO_TEMPLATE")
    assert await refusal(line.channel().send(Rung.TEMPLATE, TENANT, Outbound("只是一句话"), "say:1")) == (
        Trouble.CONFIG,
        "NO_NOTICE",
    )
    assert line.token_calls == 0


async def test_it_is_a_channel_that_can_write_first(line: Line) -> None:
    channel: Channel = line.channel()
    caps = await channel.caps(Rung.WINDOW, BEGAN)
    assert (channel.name, caps.menu_max, caps.text_max) == ("wechat", MENU_MAX, TEXT_MAX)
    assert (await channel.caps(Rung.TEMPLATE, BEGAN)).menu_max == 0
    assert Rung.TEMPLATE in channel.rungs


async def test_a_token_refused_for_ever_takes_two_calls_and_ends_clearly(line: Line) -> None:
    line.sandbox.faults.next(*[Fault.STALE_ACCESS] * 50)
    channel = line.channel()
    assert await refusal(channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")) == (Trouble.CONFIG, "40001")
    assert (line.token_calls, line.template_calls) == (2, 2)
    assert await refusal(channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:2")) == (Trouble.CONFIG, "40001")
    assert (line.token_calls, line.template_calls) == (3, 4)
    assert line.sandbox.inbox(TENANT) == []


async def test_a_token_refused_once_is_swapped_and_nobody_notices(line: Line) -> None:
    channel = line.channel()
    await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    line.sandbox.api.forget_token()
    await channel.send(Rung.TEMPLATE, TENANT, NOTICE, "say:2")
    assert (line.token_calls, len(line.sandbox.inbox(TENANT))) == (2, 2)


async def test_a_token_that_ended_before_we_thought_is_swapped(line: Line) -> None:
    behind = WeChat(line.config, line.session, line.shelf, lambda: BEGAN)
    await behind.send(Rung.TEMPLATE, TENANT, NOTICE, "say:1")
    line.clock.move(hours=3)
    await behind.send(Rung.TEMPLATE, TENANT, NOTICE, "say:2")
    assert (line.token_calls, len(line.sandbox.inbox(TENANT))) == (2, 2)


@pytest.fixture(params=["own", "redis"])
async def twenty(request: pytest.FixtureRequest, line: Line) -> AsyncIterator[list[WeChat]]:
    """Twenty workers: of one process, or twenty processes over one Redis."""
    if request.param == "own":
        yield [line.channel() for _ in range(20)]
        return
    clients = [Redis.from_url(request.getfixturevalue("redis_url"), decode_responses=True) for _ in range(20)]
    await clients[0].flushdb()
    yield [line.channel(RedisShelf(client)) for client in clients]
    for client in clients:
        await client.aclose()


async def test_twenty_workers_refresh_one_token_at_most_twice(line: Line, twenty: list[WeChat]) -> None:
    async def all_send(day: str) -> None:
        await asyncio.gather(
            *[one.send(Rung.TEMPLATE, TENANT, NOTICE, f"{day}:{number}") for number, one in enumerate(twenty)]
        )

    await all_send("first")
    assert line.token_calls <= 2
    line.sandbox.api.forget_token()
    await all_send("after a refusal")
    assert line.token_calls <= 4
    line.clock.move(minutes=118)
    await all_send("before the end")
    assert line.token_calls <= 6
    assert len(line.sandbox.inbox(TENANT)) == 60


def test_the_platform_itself_is_the_default_address() -> None:
    config = WeChatConfig("wx1", "s", "t", "k")
    assert (config.api_base, config.notice_fields) == ("https://api.weixin.qq.com", NOTICE_FIELDS)


MENU = Outbound("请选一个", choices=(Choice("7.2.1", "1. 原价续租"), Choice("7.2.2", "2. 小幅上调")))


async def test_choices_go_out_as_a_menu(line: Line) -> None:
    await line.sandbox.tenant_says(TENANT, "你好")
    await line.channel().send(Rung.WINDOW, TENANT, MENU, "say:1")
    [shown] = line.sandbox.inbox(TENANT)
    assert shown.items == (("7.2.1", "1. 原价续租"), ("7.2.2", "2. 小幅上调"))


async def test_an_account_that_is_refused_menus_sends_words_to_tap_and_does_not_ask_again_today(line: Line) -> None:
    await line.sandbox.tenant_says(TENANT, "你好")
    line.sandbox.api.menus_allowed = False
    channel = line.channel()
    await channel.send(Rung.WINDOW, TENANT, MENU, "say:1")
    assert (await channel.caps(Rung.WINDOW, line.clock())).menu_max == 0
    line.sandbox.api.menus_allowed = True
    await channel.send(Rung.WINDOW, TENANT, MENU, "say:2")
    assert [one.items for one in line.sandbox.inbox(TENANT)] == [(), ()]
    assert "weixin://bizmsgmenu?msgmenucontent=" in line.sandbox.inbox(TENANT)[0].text
    line.clock.move(hours=25)
    assert (await channel.caps(Rung.WINDOW, line.clock())).menu_max == MENU_MAX


def test_where_nothing_can_be_tapped_numbers_are_typed() -> None:
    plain = WeChatConfig("wx1", "s", "t", "k" * 43, bizmsgmenu=False)
    assert reply_text(MENU, plain) == "请选一个\n\n回复 1：1. 原价续租\n回复 2：2. 小幅上调"
    assert reply_text(Outbound("您好"), plain) == "您好"
