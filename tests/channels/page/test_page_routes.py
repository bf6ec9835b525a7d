"""The page's door over real HTTP: looking changes nothing, and a press counts once, for what was on the screen."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import msgspec
import pytest

from channels.page.forms import ACTIONS
from channels.page.links import Links
from channels.page.proof import PageSignature
from channels.page.routes import BODY_MAX, SAID
from channels.page.view import Notice
from dialogs.events import Chose
from dialogs.lease import Unit
from dialogs.renewal import Owner
from dialogs.states import State
from tests.channels.page.conftest import LINKS, Visitor
from tests.channels.page.page_stand import OneRenewal, OneTenant
from tests.journeys.samples import BILL, NAME, NOW, TEMPLATES, lease, offer, renewal

WECHAT = "Mozilla/5.0 MicroMessenger/8.0"


async def test_looking_changes_nothing(visitor: Visitor, stand: OneRenewal) -> None:
    assert [await visitor.opens() for _ in range(3)] == [200, 200, 200]
    assert stand.looked == 3
    assert stand.applied == {}


async def test_the_page_compares_three_proposals_and_names_nobody(visitor: Visitor) -> None:
    await visitor.opens()
    for shown in ("38,600", "38,480", "117,680", "3,190", "3,263.33", "满12个月后", "补押金", "第3年每月3,330元"):
        assert shown in visitor.html, shown
    assert NAME not in visitor.html
    assert "1201" not in visitor.html


async def test_choose_and_confirm_are_two_taps_and_opening_is_implied(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    asked = await visitor.presses("choose", 'value="rise"')
    assert "确认这个方案" in asked
    done = await visitor.presses("confirm")
    assert "已确认，正在核对" in done
    assert stand.events == ["PageOpened", "Chose", "Confirmed"]
    chose = list(stand.applied.values())[1]
    assert chose == Chose(via="page", proposal="rise", offer=1, terms_hash=offer().proposals[1].terms_hash)


async def test_the_same_form_twice_counts_once(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("hesitate")
    answers = await asyncio.gather(*(visitor.posts("hesitate", form) for _ in range(10)))
    assert {answer.status for answer in answers} == {303}
    assert stand.events == ["PageOpened", "Hesitated"]


async def test_every_form_has_a_key_of_its_own(visitor: Visitor) -> None:
    await visitor.opens()
    keys = [visitor.form("choose", f'value="{name}"')["key"] for name in ("keep", "rise", "ladder")]
    assert len({*keys, visitor.form("human")["key"], visitor.form("decline")["key"]}) == 5


async def test_the_beacon_tells_of_the_opening_once(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    assert f'data-seen="{visitor.path}/seen"' in visitor.html
    csrf = {"csrf": visitor.form("human")["csrf"]}
    assert [(await visitor.posts("seen", csrf)).status for _ in range(2)] == [204, 204]
    assert stand.events == ["PageOpened"]
    await visitor.opens()
    assert "data-seen" not in visitor.html


async def test_a_stale_choice_is_told_and_shows_the_new_terms(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("choose", 'value="keep"')
    stand.renewal = msgspec.structs.replace(stand.renewal, offer=offer(version=2))
    answer = await visitor.posts("choose", form)
    assert answer.headers["Location"].endswith("?said=stale")
    assert stand.renewal.state is State.OFFERED
    async with visitor.client.get(answer.headers["Location"]) as page:
        assert "刚才的选择没有登记" in await page.text()


async def test_changed_terms_are_not_chosen(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    forged = {**visitor.form("choose", 'value="keep"'), "terms": "0" * 16}
    assert (await visitor.posts("choose", forged)).headers["Location"].endswith("?said=stale")
    assert stand.renewal.state is State.OFFERED


async def test_thanks_are_said_only_where_they_are_true(visitor: Visitor) -> None:
    async with visitor.client.get(f"{visitor.path}?said=confirm") as page:
        assert "已确认，谢谢您" not in await page.text()
    async with visitor.client.get(f"{visitor.path}?said=<script>") as page:
        assert "<script>" not in await page.text()


@pytest.mark.parametrize("spoil", ["", "x" * 43, "签名"])
async def test_without_the_form_token_nothing_happens(visitor: Visitor, stand: OneRenewal, spoil: str) -> None:
    await visitor.opens()
    answer = await visitor.posts("decline", {**visitor.form("decline"), "csrf": spoil})
    assert answer.status == 403
    assert "什么都没有改变" in await answer.text()
    assert stand.applied == {}


async def test_another_browsers_form_token_is_worthless(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("decline")
    visitor.client.session.cookie_jar.clear()
    assert (await visitor.posts("decline", form)).status == 403
    await visitor.opens()
    assert (await visitor.posts("decline", form)).status == 403
    assert stand.applied == {}


async def test_a_token_for_one_link_does_not_act_on_another(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("decline")
    other = Visitor(visitor.client, LINKS.mint(1, NOW + timedelta(days=30)))
    assert (await other.posts("decline", form)).status == 403
    assert stand.applied == {}


async def test_forged_and_expired_links_get_a_clear_page(visitor: Visitor, stand: OneRenewal) -> None:
    expired = LINKS.mint(1, NOW)
    forged = Links({"k1": b"f" * 32}, "k1").mint(1, NOW + timedelta(days=30))
    for token, status, words in ((expired, 410, "链接已过期"), (forged, 404, "打不开这个页面"), ("x", 404, "打不开")):
        for call in (visitor.client.get, visitor.client.post):
            async with call(f"/r/{token}" if call == visitor.client.get else f"/r/{token}/decline") as answer:
                assert answer.status == status
                assert words in await answer.text()
    assert (stand.looked, stand.applied) == (0, {})


async def test_a_true_link_to_a_renewal_that_is_gone(visitor: Visitor) -> None:
    gone = Visitor(visitor.client, LINKS.mint(2, NOW + timedelta(days=30)))
    assert await gone.opens() == 404


async def test_too_much_is_refused_before_it_is_read(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("human")
    assert (await visitor.posts("human", {**form, "extra": "x" * BODY_MAX})).status == 413

    async def endless() -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(64):
                yield b"a" * 1024

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with visitor.client.post(f"{visitor.path}/human", data=chunks(), headers=headers) as answer:
            assert answer.status == 413

    await endless()
    assert stand.applied == {}


async def test_other_content_types_and_unknown_buttons_are_refused(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("human")
    async with visitor.client.post(f"{visitor.path}/human", json=form) as answer:
        assert answer.status == 415
    assert (await visitor.posts("sign_for_me", form)).status == 404
    assert stand.applied == {}


async def test_a_wrong_field_is_explained(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    answer = await visitor.posts("counter", {**visitor.form("counter"), "rent": "便宜点"})
    assert answer.status == 400
    assert "租金请填数字" in await answer.text()
    assert stand.applied == {}


async def test_a_store_that_is_away_is_said_so(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    form = visitor.form("human")
    stand.busy = True
    assert await visitor.opens() == 503
    answer = await visitor.posts("human", form)
    assert answer.status == 503
    assert "什么都没有改变" in await answer.text()


async def test_headers_keep_the_page_to_itself(visitor: Visitor) -> None:
    async with visitor.client.get(visitor.path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_every_button_has_words_for_its_outcome() -> None:
    thanks = (TEMPLATES / "page" / "page.html").read_text("utf-8").partition("thanks = {")[2]
    assert set(SAID) == set(ACTIONS)
    assert all(f'"{name}":' in thanks for name in (*SAID, "stale", "notnow"))


@pytest.mark.parametrize("state", State)
async def test_every_state_has_its_page(visitor: Visitor, stand: OneRenewal, state: State) -> None:
    owing = {"bills": (BILL,), "bill": BILL, "owner": Owner("h-1", 1)}
    stand.renewal = renewal(state, **owing)
    assert await visitor.opens() == 200
    assert visitor.html.count("<h1>") == 1
    stand.renewal = renewal(state, offer=None, accepted=None, chosen=None)
    assert await visitor.opens() == 200


async def test_names_from_a_ledger_are_text(visitor: Visitor, stand: OneRenewal) -> None:
    evil = Unit("<script>alert(1)</script>", '"><img src=x>', "1201", "开间")
    stand.renewal = renewal(lease=lease(unit=evil))
    await visitor.opens()
    assert "<script>alert" not in visitor.html
    assert "<img" not in visitor.html


async def test_the_scripts_notes_arrive_once_each(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    page = dict(re.findall(r'data-(csrf|key|note)="([^"]*)"', visitor.html))
    assert page["note"] == f"{visitor.path}/note"
    form = {"csrf": page["csrf"], "key": page["key"], "nth": "1", "kind": "touched", "option": "keep", "detail": ""}
    answers = [await visitor.posts("note", form | more) for more in ({}, {}, {"nth": "2", "kind": "tried"})]
    assert [answer.status for answer in answers] == [204, 204, 204]
    assert [(note.kind, note.option) for note in stand.notes.values()] == [("touched", "keep"), ("tried", "keep")]
    assert (await visitor.posts("note", form | {"nth": "21"})).status == 400
    assert (await visitor.posts("note", form | {"csrf": "x"})).status == 403
    assert len(stand.notes) == 2


async def test_what_we_wrote_can_be_read_again(visitor: Visitor, stand: OneRenewal) -> None:
    await visitor.opens()
    assert "我们发给您的消息" not in visitor.html
    stand.notices = (Notice(NOW, "续租合同已准备好", "续租合同已准备好，<b>请签署</b>\n约3分钟"),)
    await visitor.opens()
    for shown in ("我们发给您的消息（1）", "9月2日 10:00", "<b>续租合同已准备好</b>，&lt;b&gt;请签署"):
        assert shown in visitor.html


async def test_money_is_named_in_full(visitor: Visitor) -> None:
    """Rent over the term, and the deposit due today, less the gift: 12 x 3,240 + 200 - 600."""
    await visitor.opens()
    assert re.search(r"实际总花费</dt><dd>38,480 元", visitor.html)
    assert "（加补押金，减附送）" in visitor.html
    assert "违约金0元" in visitor.html


async def proven(visitor: Visitor, tenant: OneTenant) -> None:
    await visitor.opens()
    await visitor.fills("digits", digits=tenant.digits)
    await visitor.opens("/passcode")
    await visitor.fills("passcode", code=tenant.codes[-1])


async def test_outside_wechat_a_picture_to_scan_is_one_button_away(stranger: Visitor, tenant: OneTenant) -> None:
    await proven(stranger, tenant)
    await stranger.opens()
    async with await stranger.posts("bind", stranger.form("bind")) as answer:
        assert answer.status == 200
        assert "img-src 'self' https://pictures.test;" in answer.headers["Content-Security-Policy"]
        assert 'src="https://pictures.test/qr?ticket=t-1"' in await answer.text()
    tenant.picture = None
    assert (await stranger.posts("bind", stranger.form("bind"))).status == 503
    await stranger.opens(agent=WECHAT)
    assert "在微信里收通知" not in stranger.html


async def test_inside_wechat_consent_is_asked_for_where_it_is_set_up(stranger: Visitor, tenant: OneTenant) -> None:
    await proven(stranger, tenant)
    await stranger.opens(agent=WECHAT)
    assert "wx-open-subscribe" not in stranger.html
    tenant.signature = PageSignature("wx0", 1414587457, "n-1", "s-1", ("t-1", "t-2"))
    await stranger.opens(agent="Browser/1")
    assert "wx-open-subscribe" not in stranger.html
    async with stranger.client.get(stranger.path, headers={"User-Agent": WECHAT}) as answer:
        html = await answer.text()
        assert "script-src 'self' https://res.wx.qq.com;" in answer.headers["Content-Security-Policy"]
    assert '<wx-open-subscribe template="t-1,t-2">' in html
    told = re.search(r'data-wx="([^"]*)"', html)
    assert told is not None
    assert json.loads(unescape(told[1])) == {
        "appId": "wx0", "timestamp": 1414587457, "nonceStr": "n-1", "signature": "s-1",
    }  # fmt: skip


def test_the_script_is_written_for_old_webviews() -> None:
    script = (TEMPLATES / "static" / "page.js").read_text("utf-8")
    assert not re.search(r"=>|`|\b(const|let|class|async|await|fetch|Promise)\b|\.closest\(|\.forEach\(", script)


async def test_page_style_and_script_weigh_under_60_kb(visitor: Visitor) -> None:
    await visitor.opens()
    whole = len(visitor.html.encode())
    for name in re.findall(r'"(/static/page[^"]+)"', visitor.html):
        async with visitor.client.get(name) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            whole += len(await answer.read())
    assert whole < 60 * 1024
