"""The phone over HTTP, before a WeChat emulator and a landlord who answers: what is seen, played and refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import aiohttp
import pytest

from backend.sandbox.phone_desk import Bubble, Kind, SmsBubble
from backend.sandbox.phone_view import PARTS
from tests.backend.sandbox.pocket import BEGAN, CARD, ITEMS, PAGE, Pocket, pocket

LIN, ZHOU = {"p": "ht-001"}, {"p": "ht 2/二"}


@dataclass
class Visitor:
    desk: Pocket
    url: str
    session: aiohttp.ClientSession

    async def sees(self, query: dict[str, str] | None = None, status: int = 200) -> str:
        async with self.session.get(f"{self.url}/sandbox/phone", params=query or {}) as answer:
            assert answer.status == status
            return await answer.text()

    async def plays(self, act: str, query: dict[str, str], status: int = 200, **fields: str) -> str:
        """A plain form, and the page it leads back to."""
        async with self.session.post(f"{self.url}/sandbox/phone/{act}", params=query, data=fields) as answer:
            assert answer.status == status, await answer.text()
            return await answer.text()

    async def scripted(self, act: str, query: dict[str, str], **fields: str) -> dict[str, Any]:
        where = f"{self.url}/sandbox/phone/{act}"
        async with self.session.post(where, params=query, data=fields, headers={"X-Phone": "1"}) as answer:
            assert answer.status == 200
            return dict(await answer.json())


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with pocket() as (desk, url), aiohttp.ClientSession() as session:
        yield Visitor(desk, url, session)


# --- seeing -----------------------------------------------------------------------------------------------------------
async def test_the_list_shows_everybody_and_what_is_odd_about_them(visitor: Visitor) -> None:
    page = await visitor.sees()
    assert re.findall(r'class="name">([^< ]+)', page) == ["林晓", "周予安", "许知远", "沈星"]
    assert re.findall(r'class="badge">([^<]+)', page) == ["未关注", "没有微信", "没有手机号"]
    assert "先选一位租客" in page
    visitor.desk.cast[3] = replace(visitor.desk.cast[3], last="<我再想想>")
    assert '<span class="last">&lt;我再想想&gt;</span>' in await visitor.sees()
    assert 'name="text"' not in page


async def test_every_kind_of_row_has_its_own_look(visitor: Visitor) -> None:
    visitor.desk.own["ht-001"] = [
        Bubble(BEGAN - timedelta(days=1), False, CARD, PAGE, kind=Kind.TEMPLATE, title="租约到期提醒"),
        Bubble(BEGAN - timedelta(days=1), False, "合同待处理\n说明：请查看", PAGE, kind=Kind.SUBSCRIBE),
        Bubble(BEGAN - timedelta(hours=1), False, "续租三步走\n三分钟办完", PAGE, kind=Kind.NEWS),
        Bubble(BEGAN, False, "请选", "", ITEMS, Kind.MENU, tail="也可以直接说"),
        Bubble(BEGAN, True, "好的", kind=Kind.TEXT),
        Bubble(BEGAN, False, "您关注了寓居生活", kind=Kind.EVENT),
    ]
    page = await visitor.sees(LIN)
    assert page.count(f'class="card template" href="{PAGE}" target="_blank" rel="noopener"') == 1
    assert '<span class="cardhead">租约到期提醒</span>' in page
    assert '<span class="field">到期日</span><span class="value">2026年10月12日</span>' in page
    assert "服务通知 · 寓居生活" in page
    assert '<span class="cardhead">合同待处理</span>' in page
    assert "阅读全文" in page
    assert re.findall(r'name="item" value="([^"]+)"', page) == [one for one, _ in ITEMS]
    assert '<div class="words tail">也可以直接说</div>' in page
    assert '<p class="event">您关注了寓居生活</p>' in page
    assert re.findall(r'<p class="at">([^<]+)', page) == ["昨天 08:40", "07:40", "08:40"]


async def test_words_of_strangers_stay_words(visitor: Visitor) -> None:
    visitor.desk.own["ht-001"] = [
        Bubble(BEGAN, False, '<script>x</script> <a href="javascript:x">点</a>', kind=Kind.TEXT),
        Bubble(BEGAN, False, "点我", "javascript:alert(1)", kind=Kind.NEWS),
        Bubble(BEGAN, False, "选", "", (('"><b>', "<i>一</i>"),), Kind.MENU),
    ]
    page = await visitor.sees(LIN)
    assert "&lt;script&gt;x" in page
    assert "javascript:" not in page
    assert "<i>一" not in page
    assert '<b>"' not in page
    async with visitor.session.get(f"{visitor.url}/sandbox/phone") as answer:
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


async def test_sms_are_the_other_tab(visitor: Visitor) -> None:
    visitor.desk.comes("ht-001", f"请打开 {PAGE}", BEGAN)
    page = await visitor.sees({**LIN, "tab": "sms"})
    assert '<span class="sender">10690001</span>' in page
    assert f'href="{PAGE}" target="_blank"' in page
    after = await visitor.plays("sms", {**LIN, "tab": "sms"}, text="TD")
    assert "TD" in after
    assert visitor.desk.typed["ht-001"] == [SmsBubble(BEGAN, True, "TD")]


async def test_only_what_changed_is_news(visitor: Visitor) -> None:
    stamps = dict(re.findall(r'data-part="(\w+)" data-stamp="(\w+)"', await visitor.sees(LIN)))
    assert set(stamps) == set(PARTS)
    where = f"{visitor.url}/sandbox/phone/news"
    async with visitor.session.get(where, params=LIN | stamps) as answer:
        assert answer.status == 204
    visitor.desk.own["ht-001"] = [Bubble(BEGAN, False, "新消息")]
    async with visitor.session.get(where, params=LIN | stamps) as answer:
        told = (await answer.json())["parts"]
    assert list(told) == ["thread"]
    assert "新消息" in told["thread"][1]
    async with visitor.session.get(where, params=LIN | stamps | {"thread": told["thread"][0]}) as answer:
        assert answer.status == 204


async def test_the_look_and_the_script_are_our_own_files(visitor: Visitor) -> None:
    page = await visitor.sees()
    files = re.findall(r'(?:href|src)="(/sandbox/phone/phone[^"]+)"', page)
    assert len(files) == 2
    for file, kind in zip(files, ("text/css", "text/javascript"), strict=True):
        async with visitor.session.get(visitor.url + unescape(file)) as answer:
            assert (answer.status, answer.content_type) == (200, kind)
    assert "://" not in page


# --- playing ----------------------------------------------------------------------------------------------------------
async def test_words_reach_the_landlord_and_a_menu_comes_back(visitor: Visitor) -> None:
    page = await visitor.plays("say", LIN, text=" 有什么方案 ")
    assert visitor.desk.heard == [("有什么方案", "")]
    assert "有什么方案" in page
    assert re.findall(r'name="label" value="([^"]+)"><button name="item" value="([^"]+)"', page) == [
        (label, one) for one, label in ITEMS
    ]
    item, label = ITEMS[0]
    after = await visitor.plays("tap", LIN, item=item, label=label)
    assert visitor.desk.heard[-1] == (label, item)
    assert "续租方案已确认" in after


async def test_a_menu_link_without_an_id_is_said(visitor: Visitor) -> None:
    await visitor.plays("tap", LIN, item="", label="满意")
    assert visitor.desk.heard == [("满意", "")]


async def test_a_script_is_told_what_changed(visitor: Visitor) -> None:
    told = await visitor.scripted("say", LIN, text="你好")
    assert told["trouble"] == ""
    assert "你好" in told["parts"]["thread"][1]
    refused = await visitor.scripted("say", LIN, text="  ")
    assert refused["trouble"] == "先写点什么再发"


async def test_following_scanning_and_leaving_change_the_foot(visitor: Visitor) -> None:
    stranger = await visitor.sees(ZHOU)
    assert "关注公众号" in stranger
    assert 'value="bind-5f2c"' in stranger
    assert 'name="text"' not in stranger
    page = await visitor.plays("scan", ZHOU, scene="bind-5f2c")
    assert visitor.desk.heard == [("subscribe", "")]
    assert 'name="text"' in page
    page = await visitor.plays("unfollow", ZHOU)
    assert "关注公众号" in page
    page = await visitor.plays("follow", ZHOU)
    assert [event for event, _ in visitor.desk.heard] == ["subscribe", "unsubscribe", "subscribe"]
    assert "取消关注" in page


async def test_a_notice_is_allowed_or_refused(visitor: Visitor) -> None:
    assert "订阅“租约到期”" in await visitor.sees(LIN)
    await visitor.plays("consent", LIN, template="t9", answer="yes")
    await visitor.plays("consent", LIN, template="t9", answer="no")
    assert visitor.desk.consents == [("ht-001", "t9", True), ("ht-001", "t9", False)]
    await visitor.plays("consent", LIN, 409, template="other", answer="yes")
    await visitor.plays("consent", LIN, 409, template="t9", answer="maybe")
    assert len(visitor.desk.consents) == 2


async def test_an_account_that_does_not_answer_is_said_so(visitor: Visitor) -> None:
    visitor.desk.wechat.callback_url = visitor.url + "/nobody"
    page = await visitor.plays("say", LIN, 409, text="在吗")
    assert "该公众号暂时无法提供服务" in page
    assert "在吗" in page


# --- the clock --------------------------------------------------------------------------------------------------------
async def test_the_clock_runs_by_an_hour_to_the_morning_and_to_what_is_next(visitor: Visitor) -> None:
    await visitor.plays("clock", LIN, to="hour")
    assert visitor.desk.now() == BEGAN + timedelta(hours=1)
    page = await visitor.plays("clock", {"p": "ht-003", "tab": "sms"}, to="event")
    assert visitor.desk.now() == BEGAN + timedelta(hours=3)
    assert "您的租约将于10月12日到期" in page
    await visitor.plays("clock", {}, to="morning")
    assert visitor.desk.now() == datetime(2026, 9, 13, 1, 30, tzinfo=UTC)
    page = await visitor.sees()
    assert re.search(r'value="event" disabled', page)


@pytest.mark.parametrize("to", ["event", "1999-01-01T00:00", ""])
async def test_the_clock_goes_nowhere_else(visitor: Visitor, to: str) -> None:
    visitor.desk.due = []
    await visitor.plays("clock", {}, 409, to=to)
    assert visitor.desk.now() == BEGAN


# --- refusing ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "query", "fields"),
    [
        ("say", LIN, {"text": "长" * 601}),
        ("say", LIN, {}),
        ("say", ZHOU, {"text": "你好"}),
        ("tap", ZHOU, {"item": "7.1.1", "label": "一"}),
        ("unfollow", ZHOU, {}),
        ("scan", ZHOU, {"scene": " "}),
        ("sms", {"p": "ht-004", "tab": "sms"}, {"text": "你好"}),
    ],
)
async def test_what_a_phone_cannot_do_is_explained(
    visitor: Visitor, act: str, query: dict[str, str], fields: dict[str, str]
) -> None:
    page = await visitor.plays(act, query, 409, **fields)
    assert re.search(r'role="alert">[^<]*[\u4e00-\u9fff]', page)
    assert visitor.desk.heard == []


async def test_the_longest_words_allowed_arrive_whole(visitor: Visitor) -> None:
    await visitor.plays("say", LIN, text="长" * 600)
    assert visitor.desk.heard == [("长" * 600, "")]


async def test_nobody_no_tab_and_no_act_are_not_found(visitor: Visitor) -> None:
    await visitor.sees({"p": "nobody"}, 404)
    await visitor.sees({**LIN, "tab": "mail"}, 404)
    await visitor.plays("fly", LIN, 404)
    await visitor.plays("say", {}, 404, text="你好")


async def test_another_site_s_form_and_a_flood_are_refused(visitor: Visitor) -> None:
    where, words = f"{visitor.url}/sandbox/phone/say", {"text": "你好"}
    for origin in ("https://evil.example", "null"):
        async with visitor.session.post(where, params=LIN, data=words, headers={"Origin": origin}) as answer:
            assert answer.status == 403
    async with visitor.session.post(where, params=LIN, data=words, headers={"Origin": visitor.url}) as answer:
        assert answer.status == 200
    await visitor.plays("say", LIN, 413, text="x" * 10_000)
    assert visitor.desk.heard == [("你好", "")]
