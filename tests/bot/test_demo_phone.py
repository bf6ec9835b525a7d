"""The demo held in one's own hands: real server, partners' wires, nobody plays but us."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from backend.db.connect import connect
from backend.sandbox.phone_desk import Bubble, Kind, NotNowError
from backend.sealing import sealer_of
from bot import demo
from bot.browsing import Browser, Person
from bot.demo_by_hand import begin, hand_out
from bot.demo_ledger import dead_numbers
from bot.demo_phone import Phones
from bot.demo_place import fresh, port
from bot.demo_world import SUBSCRIBE_TEMPLATE
from tests.journeys.pictures import ask

ROUNDS = 300
"""Bound on moves of the clock."""


@dataclass
class Held:
    season: demo.Season
    phones: Phones
    url: str

    def of(self, openid: bool) -> str:
        """The first tenant to run out whom the ledger knows on WeChat, or not, with a living number."""
        known = self.season.ledger.bindings
        rows = sorted(self.season.ledger.rows, key=lambda row: row.lease.end)
        return next(
            row.lease.no
            for row in rows
            if (row.lease.tenant.id in known) is openid
            and not row.bills
            and not {one.phone for one in row.people} & dead_numbers()
        )

    async def last(self, person: str) -> Bubble:
        return (await self.phones.chat(person))[-1]

    async def until_texted(self, person: str) -> None:
        for _ in range(ROUNDS):
            if await self.phones.texts(person):
                return
            following = await self.phones.next_event()
            assert following is not None
            await self.phones.advance(max(following, self.phones.now() + timedelta(seconds=1)))
        raise AssertionError("no SMS came")


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    async with AsyncExitStack() as stack:
        season = demo.Season(fresh(tmp_path / "demo"), port(8100, free=True), 2026)
        await demo.open_season(stack, season, Console(quiet=True))
        clockwork = await begin(stack, season)
        url = await hand_out(stack, season, clockwork)
        yield Held(season, Phones(season.world, clockwork, season.ledger.rows, season.ledger.bindings), url)


async def test_a_person_goes_through_every_kind_of_message(held: Held) -> None:
    phones, me, other = held.phones, held.of(openid=True), held.of(openid=False)
    assert {me, other} <= {one.key for one in await phones.people()}

    await phones.advance(phones.now() + timedelta(days=2))
    card = await held.last(me)
    assert (card.kind, card.title) == (Kind.TEMPLATE, "租约到期提醒")
    assert card.url.startswith(held.season.url)

    await ask(held.url, me, "续租有哪些方案？")
    await phones.say(me, "续租有哪些方案？")
    offers = await held.last(me)
    assert "1." in offers.text
    await phones.tap(me, "1.1.9", "看看第九个")
    assert not (await held.last(me)).from_me, "a stale or foreign item is answered, not obeyed"

    await phones.consent(me, SUBSCRIBE_TEMPLATE, yes=True)
    await phones.consent(me, SUBSCRIBE_TEMPLATE, yes=False)
    await phones.unfollow(me)
    assert (await held.last(me)).kind is Kind.EVENT
    await phones.follow(me)
    assert next(one for one in await phones.people() if one.key == me).follows

    held.season.world.wechat.callback_url, held.season.world.wechat.away = "http://127.0.0.1:9/", 0
    with pytest.raises(NotNowError):
        await phones.say(me, "在吗")


async def test_whoever_never_followed_gets_an_sms_proves_themselves_and_is_bound_by_a_scan(held: Held) -> None:
    phones, me = held.phones, held.of(openid=False)
    assert not next(one for one in await phones.people() if one.key == me).follows
    await held.until_texted(me)
    [text] = await phones.texts(me)
    link = text.text[text.text.index("http") :]

    number = next(one.phone for one in await phones.people() if one.key == me)

    def code() -> str:
        """Six digits of the newest SMS."""
        found = re.search(r"\d{6}", held.season.world.sms.handsets.inbox(number)[-1].text)
        assert found is not None
        return found.group()

    browser = Browser(person=Person(number[-4:], code))
    page = await browser.open(link)
    await browser.close()
    assert page.form("choose") is not None, "three cards, after the last digits and a code by SMS"

    await phones.text_sms(me, "1")
    assert [one.from_me for one in await phones.texts(me)].count(True) == 1
    await asks_for_a_picture(f"{held.season.url}/desk/api/renewals/{await _renewal_of(held.season, me)}/binding")
    scene = next(one.scene for one in await phones.people() if one.key == me)
    assert scene
    await phones.scan(me, scene)
    await phones.say(me, "续租有哪些方案？")
    assert "续租" in (await held.last(me)).text


async def asks_for_a_picture(url: str) -> None:
    """As a housekeeper: once more when WeChat is just busy, as it is now and then in the demo."""
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(url, json={"actor": "hk"}) as answer:
                if answer.status == 200:
                    return
    raise AssertionError("no picture")


async def _renewal_of(season: demo.Season, lease_no: str) -> int:
    store = await connect(season.database, sealer_of(season.seal_key))
    found = await store.renewals(demo.OPERATOR, limit=1000)
    await store.close()
    return next(one.id for one in found if one.renewal.lease.no == lease_no)
