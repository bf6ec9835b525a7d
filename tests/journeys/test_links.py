"""Links that do not count, in a real browser: each gets a clear page, tells nothing personal and changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from backend.db.port import Stored
from dialogs.events import OfferPrepared, StaffOffered
from dialogs.lease import Comps
from dialogs.money import yuan
from dialogs.states import State
from tests.backend.console.office import Office
from tests.journeys.browser import Tab, tab
from tests.journeys.conftest import LINKS, Sms, link_of
from tests.journeys.samples import NAME, NOW, offer

pytestmark = pytest.mark.browser
PHONE = 360
COMPS = OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500)))
AGAIN = (
    "(() => { const form = document.querySelector(%r), post = new XMLHttpRequest();"
    " post.open('POST', form.action, false);"
    " post.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');"
    " post.send(new URLSearchParams(new FormData(form)).toString()); return post.responseURL; })()"
)
"""Posts a form of the page behind the page's back: its fields as they are, as often as one likes."""

Still = Callable[[], Awaitable[bool]]


async def state_of(house: Office, stored: Stored) -> tuple[Any, ...]:
    """The row and the event log, whole."""
    found = await house.again(stored)
    return found.version, found.renewal, await house.store.log(stored.id)


@pytest.fixture
async def stored(house: Office) -> Stored:
    made = await house.opens_lease()
    await house.happens(made, COMPS)
    return await house.again(made)


@pytest.fixture
async def still(house: Office, stored: Stored) -> Still:
    """Does everything stand as it stood at the beginning?"""
    before = await state_of(house, stored)

    async def same() -> bool:
        return await state_of(house, stored) == before

    return same


async def silent(phone: Tab) -> bool:
    """No word by which a stranger would know the person, in what is shown or in its source."""
    html = str(await phone.look("document.documentElement.outerHTML"))
    return not any(word in html for word in (NAME, NAME[0] + "*", "云栖", "1201", "12**", "3,200", "2026年", "方案 1"))


async def test_forged_expired_and_revoked_links(house: Office, stored: Stored, still: Still) -> None:
    good = link_of(house, stored.id)
    ended = f"{house.url}/r/{LINKS.mint(stored.id, NOW - timedelta(seconds=1), NOW - timedelta(days=30))}"
    for link, words in ((good[:-3] + "xxx", "打不开这个页面"), (ended, "这个链接已过期")):
        async with tab(PHONE) as phone:
            await phone.goto(link)
            assert words in await phone.text()
            assert await phone.wide() == []
            assert await silent(phone)
    await house.store.revoke_links(stored.id, NOW + timedelta(seconds=1))
    async with tab(PHONE) as phone:
        await phone.goto(good)
        assert "这个链接已经停用" in await phone.text()
        assert await silent(phone)
    assert await still()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_a_forwarded_link(house: Office, stored: Stored, still: Still, sms: Sms, scripts: bool) -> None:
    """The tenant proves themselves; the friend who got the same link sees a question and nothing else."""
    link = link_of(house, stored.id)
    async with tab(PHONE, scripts=scripts) as friend:
        await friend.goto(link)
        assert "先确认是您本人" in await friend.text()
        assert await silent(friend)
        assert await friend.wide() == await friend.small() == []
        await friend.fill("[name=digits]", "0000")
        await friend.tap("form[action$=digits] button")
        assert "和登记的手机号不一致" in await friend.text()
        await friend.goto(f"{link}/passcode")
        await friend.fill("[name=code]", "123456")
        await friend.tap("form[action$=passcode] button")
        assert await silent(friend)
        assert sms.codes == []
    assert await still()


async def test_a_proof_does_not_travel_with_the_link(house: Office, stored: Stored, sms: Sms) -> None:
    link = link_of(house, stored.id)
    async with tab(PHONE, scripts=False) as phone, tab(PHONE, scripts=False) as friend:
        await phone.goto(link)
        await sms.proves(phone)
        assert "方案 1" in await phone.text()
        await friend.goto(link)
        assert await silent(friend)


async def test_a_form_posted_twice_and_replayed_later_counts_once(house: Office, stored: Stored, sms: Sms) -> None:
    async with tab(PHONE, scripts=False) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        again = AGAIN % "form[action$=hesitate]"
        assert str(await phone.look(again)).endswith("said=hesitate")
        after = await state_of(house, stored)
        assert after[1].state is State.HESITATING
        for _ in range(3):
            await phone.look(again)
        assert await state_of(house, stored) == after


async def test_a_stale_offer_is_explained_and_shows_the_new_terms(house: Office, stored: Stored, sms: Sms) -> None:
    async with tab(PHONE, scripts=False) as phone:
        await phone.goto(link_of(house, stored.id))
        await sms.proves(phone)
        shown = (await house.again(stored)).renewal.next_offer
        await house.happens(stored, StaffOffered(actor="hk-1", offer=offer(shown)))
        before = (await house.again(stored)).renewal
        await phone.tap(".card form[action$=choose] button")
        assert "刚才的选择没有登记" in await phone.text()
        assert "方案 1" in await phone.text()
    after = (await house.again(stored)).renewal
    assert (after.chosen, after.accepted) == (before.chosen, before.accepted) == (None, None)


async def test_a_code_typed_by_thumb_leads_to_the_same_question(
    house: Office, stored: Stored, still: Still, sms: Sms
) -> None:
    code = await house.store.short_code(stored.id, "7KQ2M9XA", NOW + timedelta(days=20), NOW)
    async with tab(PHONE, scripts=False) as phone:
        await phone.goto(f"{house.url}/r")
        assert await phone.wide() == await phone.small() == []
        await phone.fill("[name=code]", "00000000")
        await phone.tap("button.main")
        assert "这个代码打不开" in await phone.text()
        await phone.fill("[name=code]", code.lower())
        await phone.tap("button.main")
        assert await silent(phone)
        assert await still()
        await sms.proves(phone)
        assert "方案 1" in await phone.text()
