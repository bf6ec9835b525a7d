"""What the emulator says of us afterwards: it finds a message in the night, after a refusal, and over the budget."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.wechat import TenantSawError
from backend.sandbox.wechat_truth import refuses, truth
from tests.backend.sandbox.test_wechat import BEGAN, CUSTOM, TEMPLATE, TENANT, Stranger, stranger
from tests.backend.sandbox.test_wechat_notices import BIZSEND, notice

__all__ = ["stranger"]
NIGHT = timedelta(hours=10)
"""From the beginning, ten in the morning in Shanghai, to the first of the quiet hours."""


def row(kind: str, after: timedelta) -> dict[str, str]:
    return {"at": (BEGAN + after).isoformat(), "openid": TENANT, "kind": kind}


def found(stranger: Stranger, what: str) -> object:
    return truth(stranger.sandbox.book)[what]


async def is_told(stranger: Stranger, words: str, menu: str = "") -> None:
    """The account hears the tenant's words, and answers nothing."""
    app = web.Application()
    app.add_routes([web.post("/hear", answers_success)])
    async with TestServer(app) as server:
        stranger.sandbox.callback_url = str(server.make_url("/hear"))
        await stranger.sandbox.tenant_says(TENANT, words, menu)


async def answers_success(request: web.Request) -> web.Response:
    return web.Response(text="success")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("退订", True),
        (" td。", True),
        ("ＴＤ", True),
        ("Ｔ", True),
        ("请不要再给我发了", True),
        ("别再联系我", True),
        ("续租", False),
        ("T-30 是什么意思", False),
        ("退订要多久", False),
        ("别忘了修空调", False),
        ("", False),
    ],
)
def test_words_that_ask_for_silence(words: str, refusal: bool) -> None:
    assert refuses(words) is refusal


@pytest.mark.parametrize(
    ("after", "at_night"),
    [
        (NIGHT - timedelta(seconds=1), False),
        (NIGHT, True),
        (timedelta(hours=23) - timedelta(seconds=1), True),
        (timedelta(hours=23), False),
    ],
    ids=["19:59:59", "20:00", "08:59:59", "09:00"],
)
async def test_quiet_hours_are_shanghai_s(stranger: Stranger, after: timedelta, at_night: bool) -> None:
    stranger.clock[0] = BEGAN + after
    await stranger.takes_token()
    assert (await stranger.notifies())["errcode"] == 0
    assert found(stranger, "at_night") == ([row("template", after)] if at_night else [])


async def test_a_blocked_phone_s_notices_count_although_none_is_shown(stranger: Stranger) -> None:
    stranger.sandbox.block(TENANT)
    stranger.clock[0] += NIGHT
    await stranger.takes_token()
    await stranger.notifies()
    assert stranger.sandbox.inbox(TENANT) == []
    assert found(stranger, "at_night") == [row("template", NIGHT)]


async def test_in_the_night_only_who_just_spoke_is_spoken_to(stranger: Stranger) -> None:
    stranger.clock[0] += NIGHT
    await stranger.takes_token()
    await is_told(stranger, "续租有哪些方案？")
    stranger.waits(hours=1)
    assert await stranger.says() == 0
    assert found(stranger, "at_night") == []
    stranger.waits(seconds=1)
    assert await stranger.says() == 0
    assert found(stranger, "at_night") == [row("custom", NIGHT + timedelta(hours=1, seconds=1))]


async def test_a_repeat_withheld_was_not_sent(stranger: Stranger) -> None:
    stranger.clock[0] += NIGHT
    await stranger.takes_token()
    await stranger.notifies(client_msg_id="k1")
    stranger.waits(minutes=1)
    await stranger.notifies(client_msg_id="k1")
    assert found(stranger, "at_night") == [row("template", NIGHT)]


async def test_after_a_refusal_a_goodbye_and_nothing_else(stranger: Stranger) -> None:
    await stranger.notifies()
    await is_told(stranger, "退订")
    stranger.waits(minutes=1)
    assert await stranger.says("好的，不再打扰") == 0
    assert found(stranger, "after_refusal") == []
    stranger.waits(seconds=1)
    await stranger.notifies()
    await stranger.says()
    stranger.sandbox.book.followers[TENANT].consents["t2"] = 1
    await stranger.posts(BIZSEND, notice())
    after = timedelta(minutes=1, seconds=1)
    assert found(stranger, "after_refusal") == [row(kind, after) for kind in ("template", "custom", "subscribe")]


async def test_a_notice_is_no_goodbye(stranger: Stranger) -> None:
    await is_told(stranger, "退订")
    stranger.waits(seconds=1)
    await stranger.notifies()
    assert found(stranger, "after_refusal") == [row("template", timedelta(seconds=1))]


async def test_who_speaks_again_may_be_spoken_to(stranger: Stranger) -> None:
    await is_told(stranger, "退订")
    stranger.waits(hours=1)
    await is_told(stranger, "押金什么时候退")
    await stranger.notifies()
    assert found(stranger, "after_refusal") == []


async def test_a_refusal_nobody_answered_for_was_not_heard(stranger: Stranger) -> None:
    """The phone showed an error: the account never learned of it."""
    with pytest.raises(TenantSawError):
        await stranger.sandbox.tenant_says(TENANT, "退订")
    stranger.waits(hours=1)
    await stranger.notifies()
    assert found(stranger, "after_refusal") == []


async def test_the_label_of_a_menu_s_line_is_no_refusal(stranger: Stranger) -> None:
    await is_told(stranger, "T", menu="7.1.1")
    stranger.waits(hours=1)
    await stranger.notifies()
    assert found(stranger, "after_refusal") == []


async def test_attempts_over_the_budget(stranger: Stranger) -> None:
    assert await stranger.says() == 45015
    await is_told(stranger, "你好")
    assert [await stranger.says() for _ in range(6)] == [*[0] * 5, 45047]
    stranger.sandbox.api.gate.daily[TEMPLATE] = 0
    assert (await stranger.notifies())["errcode"] == 45009
    assert await stranger.says(to="oNobody") == 40003
    assert (await stranger.posts(CUSTOM, b"{"))["errcode"] == 47001
    assert found(stranger, "over_budget") == [
        {"at": BEGAN.isoformat(), "openid": TENANT, "errcode": code} for code in (45015, 45047, 45009)
    ]


async def test_the_truth_can_be_written_down(stranger: Stranger) -> None:
    await stranger.says()
    stranger.clock[0] += NIGHT
    await stranger.takes_token()
    await stranger.notifies()
    told = stranger.sandbox.truth()
    assert json.loads(json.dumps(told)) == told
    assert (told["shown_template"], told["shown_custom"]) == (1, 0)
