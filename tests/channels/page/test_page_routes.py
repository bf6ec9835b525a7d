"""The page's door over real HTTP: looking changes nothing, and a press counts once, for what was on the screen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from channels.page.forms import ACTIONS
from channels.page.links import Links
from channels.page.routes import BODY_MAX, SAID
from dialogs.events import Chose
from dialogs.lease import Unit
from dialogs.renewal import Owner
from dialogs.states import State
from tests.channels.page.conftest import LINKS, Visitor
from tests.channels.page.page_stand import OneRenewal
from tests.journeys.samples import BILL, NAME, NOW, TEMPLATES, lease, offer, renewal


async def test_looking_changes_nothing(visitor: Visitor, stand: OneRenewal) -> None:
    assert [await visitor.opens() for _ in range(3)] == [200, 200, 200]
    assert stand.looked == 3
    assert stand.applied == {}


async def test_the_page_compares_three_proposals_and_names_nobody(visitor: Visitor) -> None:
    await visitor.opens()
    for shown in ("38,400", "38,880", "117,480", "3,190", "3,263.33", "满12个月后", "补押金", "第3年每月3,330元"):
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
        assert "<script>" not in (await page.text()).replace("<script src=", "")


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


async def test_page_style_and_script_weigh_under_60_kb(visitor: Visitor) -> None:
    await visitor.opens()
    whole = len(visitor.html.encode())
    for name in re.findall(r'"(/static/page[^"]+)"', visitor.html):
        async with visitor.client.get(name) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            whole += len(await answer.read())
    assert whole < 60 * 1024
