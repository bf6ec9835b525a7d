"""One tenant from the link to the keys on a small phone: proof, comparison, choice, contract, money, done."""

from __future__ import annotations

import asyncio

import pytest

from dialogs.events import PageNoted
from dialogs.states import State
from tests.journeys.browser import tab
from tests.journeys.conftest import Sms
from tests.journeys.town import Town

pytestmark = pytest.mark.browser
DIGITS = "0001"
NOTE_TRIES = 100


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize("width", [360, 414])
async def test_from_the_link_to_the_keys(town: Town, sms: Sms, scripts: bool, width: int) -> None:
    stored = await town.reminded()
    async with tab(width, scripts=scripts) as phone:
        await phone.goto(town.link(stored))
        await sms.proves(phone, DIGITS)
        assert "一眼对比" in await phone.text()
        await phone.look("document.querySelectorAll('details').forEach(function (one) { one.open = true; })")
        assert await phone.wide() == await phone.small() == []
        await phone.tap(".card form[action$=choose] button")
        await phone.tap("form[action$=confirm] button")
        assert "已确认" in await phone.text()
        assert await town.rests(stored) is State.AWAITING_SIGNATURE
        await phone.goto(town.link(stored))
        assert await phone.wide() == await phone.small() == []
        await town.reads(phone)
        await phone.tap("a.main")
        await phone.tap("button.sign")
        assert "已签署" in await phone.text()
        assert await town.rests(stored) is State.PAYING
        await phone.goto(town.link(stored))
        assert await phone.wide() == await phone.small() == []
        await phone.tap("a.main")
        await phone.tap("button.pay")
        assert "支付成功" in await phone.text()
        assert await town.rests(stored) is State.RENEWED
        await phone.goto(town.link(stored))
        assert "续租办好了" in await phone.text()
        assert "我们发给您的消息" in await phone.text()
        assert await phone.wide() == await phone.small() == []
    assert len(sms.codes) == 1, "one proof is enough for the whole way"
    assert len(town.across.charges()) == 1


async def test_a_script_that_breaks_is_reported_with_its_browser(town: Town, sms: Sms) -> None:
    stored = await town.reminded()
    async with tab(360, agent="OldPhone/4.4 WebView") as phone:
        await phone.goto(town.link(stored))
        await sms.proves(phone, DIGITS)
        await phone.look("void setTimeout(function () { throw new Error('tap is gone'); }, 0)")
        for _ in range(NOTE_TRIES):
            notes = [one.event for one in await town.shell.stage.store.log(stored.id) if type(one.event) is PageNoted]
            if notes:
                break
            await asyncio.sleep(0.05)
    assert notes == [PageNoted(kind="script_error", agent="OldPhone/4.4 WebView")]
    assert (await town.shell.stage.again(stored)).renewal.page_trouble
