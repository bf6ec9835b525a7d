"""A tenant on a small phone: looks, picks, confirms, and later sees what is still to be done."""

from __future__ import annotations

import asyncio

import pytest

from dialogs.events import Chose, Confirmed, OfferPrepared, PageNoted, PageOpened
from dialogs.lease import Comps
from dialogs.money import yuan
from dialogs.states import State
from tests.backend.console.office import LEDGER_BILL, Office
from tests.journeys.browser import tab
from tests.journeys.conftest import Sms, link_of

pytestmark = pytest.mark.browser
COMPS = OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500)))
PHONE = 360
BEACON_TRIES = 100


async def seen(house: Office, number: int) -> bool:
    """Whether the page's own beacon arrives, within a bounded while."""
    for _ in range(BEACON_TRIES):
        if any(isinstance(one.event, PageOpened) for one in await house.store.log(number)):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_three_taps_from_the_link_to_a_choice(house: Office, sms: Sms, scripts: bool) -> None:
    stored = await house.opens_lease()
    await house.happens(stored, COMPS)
    async with tab(PHONE, scripts=scripts) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        assert await seen(house, stored.id) if scripts else (await house.again(stored)).version == 1
        assert "方案 1" in await phone.text()
        await phone.tap(".card form[action$=choose] button")
        assert "确认" in await phone.text()
        assert await phone.wide() == []
        await phone.tap("form[action$=confirm] button")
        assert "已确认，正在核对" in await phone.text()
    after = (await house.again(stored)).renewal
    assert (after.state, after.accepted and after.accepted.number) == (State.CHECKING, 1)
    kinds = [type(one.event) for one in await house.store.log(stored.id)]
    notes = [PageNoted] * kinds.count(PageNoted)
    assert [kind for kind in kinds if kind is not PageNoted] == [OfferPrepared, PageOpened, Chose, Confirmed]
    assert bool(notes) is scripts


async def test_the_quick_row_of_the_comparison_picks_too(house: Office, sms: Sms) -> None:
    stored = await house.opens_lease()
    await house.happens(stored, COMPS)
    async with tab(PHONE) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        assert await phone.wide() == []
        await phone.tap(".compare .pick td:nth-of-type(3) button")
        assert "三年" in await phone.text()
    assert (await house.again(stored)).renewal.chosen == "ladder"


async def test_going_back_and_pressing_again_says_that_it_is_old(house: Office, sms: Sms) -> None:
    stored = await house.opens_lease()
    await house.happens(stored, COMPS)
    async with tab(PHONE, scripts=False) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        await phone.tap(".card form[action$=choose] button")
        await phone.tap("form[action$=deny] button")
        assert "方案 1" in await phone.text()
    assert (await house.again(stored)).renewal.state is State.OFFERED


async def test_what_is_owed_can_be_questioned_without_scripts(house: Office, sms: Sms) -> None:
    stored = await house.gated(await house.opens_lease(None, LEDGER_BILL))
    async with tab(PHONE, scripts=False) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        text = await phone.text()
        assert "1,200 元" in text or "1200 元" in text
        assert await phone.wide() == []
        await phone.look("document.querySelector('form[action$=dispute]').closest('details').open = true")
        await phone.tap("form[action$=dispute] button")
        assert "正在核实" in await phone.text()
    assert (await house.again(stored)).renewal.state is State.DISPUTED
