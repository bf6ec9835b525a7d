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


def notice(openid: str = TENANT) -> dict[str, object]:
    return {
        "touser": openid,
        "template_id": "t2",
        "page": "http://127.0.0.1/r",
        "data": {"thing1": {"value": "租约到期"}},
    }


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


async def test_the_account_s_own_blacklist(stranger: Stranger) -> None:
    stranger.sandbox.book.followers[TENANT].barred = True
    assert (await stranger.notifies())["errcode"] == 43019
