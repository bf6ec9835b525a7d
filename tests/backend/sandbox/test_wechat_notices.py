"""Subscription notices, reports that come late or twice, and the days on which the platform serves nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.sandbox.wechat import TenantSawError
from backend.sandbox.wechat_faults import Receipt
from backend.sandbox.wechatpay_faults import Troubles
from tests.backend.sandbox.test_wechat import BEGAN, CUSTOM, TEMPLATE, TENANT, Stranger, stranger
from tests.backend.sandbox.test_wechat_pushes import Town, sent_template, town

__all__ = ["stranger", "town"]
BIZSEND = "/cgi-bin/message/subscribe/bizsend"
ITEM = {"id": "7.1.1", "content": "一年"}


def notice(openid: str = TENANT) -> dict[str, object]:
    return {
        "touser": openid,
        "template_id": "t2",
        "page": "http://127.0.0.1/r",
        "data": {"thing1": {"value": "租约到期"}},
    }


async def sends_menu(stranger: Stranger, items: object) -> int:
    """The errcode."""
    menu = {"head_content": "请选一个", "list": items, "tail_content": "也可以打字"}
    told = await stranger.posts(CUSTOM, {"touser": TENANT, "msgtype": "msgmenu", "msgmenu": menu})
    return int(str(told["errcode"]))


async def test_one_consent_is_one_notice_follower_or_not(stranger: Stranger) -> None:
    stranger.sandbox.add_person("o-never-followed")
    assert (await stranger.posts(BIZSEND, notice("o-never-followed")))["errcode"] == 43101
    with pytest.raises(TenantSawError):
        await stranger.sandbox.answers_consent("o-never-followed", {"t2": True, "t3": False})
    assert (await stranger.posts(BIZSEND, notice("o-never-followed")))["errcode"] == 0
    assert (await stranger.posts(BIZSEND, notice("o-never-followed")))["errcode"] == 43101
    [shown] = stranger.sandbox.inbox("o-never-followed")
    assert (shown.kind, shown.url) == ("subscribe", "http://127.0.0.1/r")


async def test_consents_are_told_one_as_one_and_many_as_a_list(town: Town) -> None:
    await town.sandbox.answers_consent(TENANT, {"t2": True})
    await town.sandbox.answers_consent(TENANT, {"t2": True, "t3": False})
    one, two = (heard["SubscribeMsgPopupEvent"]["List"] for heard in town.listener.heard)
    assert (one["TemplateId"], one["SubscribeStatusString"]) == ("t2", "accept")
    assert [(each["TemplateId"], each["SubscribeStatusString"]) for each in two] == [("t2", "accept"), ("t3", "reject")]


@pytest.mark.parametrize(("blocked", "error"), [(False, ("0", "success")), (True, ("1", "user block"))])
async def test_what_became_of_a_notice_is_told(town: Town, blocked: bool, error: tuple[str, str]) -> None:
    town.sandbox.book.followers[TENANT].blocks = blocked
    await town.sandbox.answers_consent(TENANT, {"t2": True})
    number = await sent_template(town, BIZSEND, "t2")
    assert await town.sandbox.deliver_pending() == 1
    told = town.listener.heard[-1]
    assert told["Event"] == "subscribe_msg_sent_event"
    entry = told["SubscribeMsgSentEvent"]["List"]
    assert (entry["TemplateId"], entry["MsgID"]) == ("t2", str(number))
    assert (entry["ErrorCode"], entry["ErrorStatus"]) == error


async def test_reports_come_late_twice_or_never(town: Town) -> None:
    receipts: Troubles[Receipt] = Troubles()
    town.sandbox.api.receipts = receipts
    receipts.next(Receipt.LATE, Receipt.TWICE, Receipt.LOST)
    late, twice, _ = [await sent_template(town) for _ in range(3)]
    for minutes in (0, 3, 117):
        town.clock[0] += timedelta(minutes=minutes)
        await town.sandbox.deliver_pending()
    assert [heard["MsgID"] for heard in town.listener.heard] == [str(twice), str(twice), str(late)]
    assert town.sandbox.next_due() is None


async def test_an_outage_by_the_clock(stranger: Stranger) -> None:
    stranger.sandbox.api.gate.outage(BEGAN, BEGAN + timedelta(hours=6))
    async with stranger.session.post(stranger.origin + TEMPLATE, json=notice()) as answer:
        assert answer.status == 503
    stranger.waits(hours=6)
    await stranger.takes_token()
    assert (await stranger.notifies())["errcode"] == 0
    assert stranger.sandbox.book.counts["turned_away"] == 1


async def test_the_day_s_quota_ends_at_midnight_in_china(stranger: Stranger) -> None:
    stranger.sandbox.api.gate.daily[TEMPLATE] = 2
    assert [(await stranger.notifies())["errcode"] for _ in range(3)] == [0, 0, 45009]
    stranger.waits(hours=14)
    await stranger.takes_token()
    assert (await stranger.notifies())["errcode"] == 0


async def test_advertising_blocks_a_template_for_good(stranger: Stranger) -> None:
    assert (await stranger.notifies("续租立减500"))["errcode"] == 40249
    assert (await stranger.notifies())["errcode"] == 40249
    assert (await stranger.notifies(template_id="t9"))["errcode"] == 0


async def test_one_article_and_no_more(stranger: Stranger) -> None:
    with pytest.raises(TenantSawError):
        await stranger.sandbox.tenant_says(TENANT, "你好")
    article = {"title": "续租方案", "description": "三个方案", "url": "http://127.0.0.1/r", "picurl": ""}
    body = {"touser": TENANT, "msgtype": "news", "news": {"articles": [article]}}
    assert (await stranger.posts(CUSTOM, body))["errcode"] == 0
    assert (await stranger.posts(CUSTOM, body | {"news": {"articles": [article] * 2}}))["errcode"] == 45008
    [shown] = stranger.sandbox.inbox(TENANT)
    assert (shown.title, shown.url) == ("续租方案", "http://127.0.0.1/r")


async def test_a_menu_s_lines_can_be_tapped(stranger: Stranger) -> None:
    await stranger.hears()
    assert await sends_menu(stranger, [{"id": "7.1.1", "content": "一年"}, {"id": "7.1.2", "content": "两年"}]) == 0
    [shown] = stranger.sandbox.inbox(TENANT)
    assert shown.items == (("7.1.1", "一年"), ("7.1.2", "两年"))
    assert (shown.text, shown.tail) == ("请选一个\n也可以打字", "也可以打字")


@pytest.mark.parametrize(
    ("items", "code"),
    [([], 45098), ([ITEM] * 10, 0), ([ITEM] * 11, 45098), (["bare"], 40008), ([{"id": "7.1.1"}], 40008), ("x", 45098)],
    ids=["none", "ten", "eleven", "bare", "no label", "no list"],
)
async def test_a_menu_by_its_lines(stranger: Stranger, items: object, code: int) -> None:
    await stranger.hears()
    assert await sends_menu(stranger, items) == code
    assert stranger.sandbox.book.followers[TENANT].left == (4 if code == 0 else 5)


async def test_an_account_that_may_send_no_menus(stranger: Stranger) -> None:
    await stranger.hears()
    stranger.sandbox.api.menus_allowed = False
    assert await sends_menu(stranger, [ITEM]) == 40200


async def test_the_account_s_own_blacklist(stranger: Stranger) -> None:
    stranger.sandbox.book.followers[TENANT].barred = True
    assert (await stranger.notifies())["errcode"] == 43019
