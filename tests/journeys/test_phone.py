"""A person trying the demo lives in the phone: picks a tenant, types, taps, lets time pass; at a desk and in a hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from backend.sandbox.phone_desk import Bubble, Kind
from tests.backend.sandbox.pocket import BEGAN, CARD, ITEMS, PAGE, Pocket, pocket
from tests.journeys.browser import Tab, tab

pytestmark = pytest.mark.browser
PATIENCE_MS = 15_000
SHOWS = """new Promise((shown, failed) => {
  const there = () => document.querySelector(%s).innerText.includes(%s);
  if (there()) { shown(true); return; }
  const watch = new MutationObserver(() => { if (there()) { watch.disconnect(); shown(true); } });
  watch.observe(document.body, {childList: true, subtree: true, characterData: true});
  setTimeout(() => failed(new Error("it never showed")), %d);
})"""


@pytest.fixture
async def desk() -> AsyncIterator[tuple[Pocket, str]]:
    async with pocket() as (made, url):
        made.own["ht-001"] = [
            Bubble(BEGAN - timedelta(days=1), False, CARD, PAGE, kind=Kind.TEMPLATE, title="租约到期提醒"),
        ]
        yield made, f"{url}/sandbox/phone"


class Hand:
    """Plays the phone with its scripts or without; with them nothing is loaded anew, so it watches for the words."""

    def __init__(self, phone: Tab, scripts: bool) -> None:
        self.phone = phone
        self._scripts = scripts

    async def presses(self, selector: str, sees: str, where: str = ".rows") -> None:
        if not self._scripts:
            await self.phone.tap(selector)
            assert sees in await self.phone.look(f"document.querySelector({where!r}).innerText")
            return
        there = f"document.querySelector({selector!r})"
        await self.phone.look(f"{there}.scrollIntoView({{block: 'center'}})")
        x, y = await self.phone.look(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({there}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            place = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            await self.phone.call("Input.dispatchMouseEvent", **place)
        await self.sees(sees, where)

    async def sees(self, words: str, where: str = ".rows") -> None:
        watching = SHOWS % (json.dumps(where), json.dumps(words), PATIENCE_MS)
        answer = await self.phone.call("Runtime.evaluate", expression=watching, awaitPromise=True, returnByValue=True)
        assert answer["result"].get("value") is True, answer


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
async def test_a_person_picks_a_tenant_says_something_and_taps_the_answer(
    desk: tuple[Pocket, str], width: int, height: int, scripts: bool
) -> None:
    pocket_desk, url = desk
    async with tab(width, height, scripts=scripts) as phone:
        hand = Hand(phone, scripts)
        await phone.goto(url)
        await phone.tap(".people a")
        assert "租约到期提醒" in await phone.text()
        await phone.fill("[name=text]", "有什么方案吗")
        await hand.presses(".say button", sees=ITEMS[1][1])
        assert await phone.look("document.querySelector('[name=text]').value") == ""
        await hand.presses(".menu form:nth-child(2) button", sees="续租方案已确认")
        assert pocket_desk.heard == [("有什么方案吗", ""), (ITEMS[1][1], ITEMS[1][0])]
        await hand.presses(".clock [value=hour]", sees="09:40", where=".clock")
        assert await phone.wide() == await phone.small() == []
        end = "document.querySelector('.thread').getBoundingClientRect().bottom"
        last = "[...document.querySelectorAll('.rows > *')].pop().getBoundingClientRect().bottom"
        assert await phone.look(f"{last} <= {end} + 1"), "the newest message is on the glass"


async def test_news_come_by_themselves_and_what_is_being_typed_stays(desk: tuple[Pocket, str]) -> None:
    pocket_desk, url = desk
    async with tab(390, 844) as phone:
        await phone.goto(f"{url}?p=ht-001")
        await phone.fill("[name=text]", "我再想")
        pocket_desk.own["ht-001"].append(Bubble(BEGAN, False, "管家小寓：您看看这个"))
        await Hand(phone, True).sees("管家小寓：您看看这个")
        assert await phone.look("document.querySelector('[name=text]').value") == "我再想"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_a_stranger_scans_the_code_and_may_speak(desk: tuple[Pocket, str], scripts: bool) -> None:
    async with tab(390, 844, scripts=scripts) as phone:
        hand = Hand(phone, scripts)
        await phone.goto(f"{desk[1]}?p=ht%202%2F%E4%BA%8C")
        assert await phone.look("document.querySelector('[name=text]')") is None
        await hand.presses(".scan button", sees="您扫了绑定码")
        assert await phone.look("document.querySelectorAll('[name=text]').length") == 1
        await phone.look("document.querySelector('.tray').open = true")
        assert await phone.small() == await phone.wide() == []
        await hand.presses(".leave", sees="您取消了关注")
        await hand.presses(".follow", sees="您关注了寓居生活")
    assert [event for event, _ in desk[0].heard] == ["subscribe", "unsubscribe", "subscribe"]


async def test_a_page_opens_beside_the_desk_at_a_phones_size(desk: tuple[Pocket, str]) -> None:
    async with tab(1280, 860) as phone:
        await phone.goto(f"{desk[1]}?p=ht-001")
        await phone.look("window.open = (...asked) => { window.asked = asked; }")
        await phone.look("document.querySelector('.card').click()")
        asked = await phone.look("window.asked")
        assert asked[0] == PAGE
        assert "width=400" in asked[2]
        assert "noopener" in asked[2]
