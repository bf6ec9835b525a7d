"""Staff in a browser, at a desk and on a phone: from the list to one renewal, and to the report."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.db.connect import connect
from backend.db.port import DeskTask
from backend.db.reach_port import Attempt
from backend.sealing import Sealer
from dialogs.events import Declined, MessageSent, MoveOutDone, OfferPrepared, TierDue
from dialogs.lease import Comps
from dialogs.money import yuan
from dialogs.states import LossReason
from tests.backend.console.office import KEY, LEDGER_BILL, Office, office, other_lease
from tests.journeys.browser import tab
from tests.journeys.samples import NOW

pytestmark = pytest.mark.browser
SHOWN_LIT = (
    "[...document.querySelectorAll('.diagram .lit')].map(e => [e.textContent, e.getBoundingClientRect()])"
    ".filter(([_, box]) => box.width > 50 && box.left >= 0 && box.right <= innerWidth).map(([text, _]) => text)"
)
"""The lit states one can see without scrolling sideways."""
COMPS = OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500)))


async def season(house: Office) -> None:
    """One renewal waits at the gate, one was lost, one has just opened."""
    await house.gated(await house.opens_lease(None, LEDGER_BILL))
    lost = await house.opens_lease(other_lease(2))
    await house.happens(lost, COMPS, Declined(reason=LossReason.PRICE, via="page"), MoveOutDone(actor="hk1"))
    await house.opens_lease(other_lease(3))


@pytest.mark.parametrize("width", [1280, 360])
async def test_from_the_list_to_a_renewal_to_the_report(house: Office, width: int) -> None:
    await season(house)
    async with tab(width, 900) as desk:
        await desk.goto(f"{house.url}/desk")
        assert await desk.wide() == []
        await desk.tap(".chips a[href*='state=gated']")
        assert await desk.look("document.querySelectorAll('.list tbody tr').length") == 1
        await desk.tap(".list a.go")
        assert await desk.look(SHOWN_LIT) == ["先付清"]
        assert await desk.wide() == []
        await desk.tap("nav a[href^='/desk/report']")
        text = await desk.text()
        assert "逐级平衡" in text
        assert "租金" in text
        assert await desk.wide() == []


async def test_english_is_one_tap_away(house: Office) -> None:
    await season(house)
    async with tab(1280, 900) as desk:
        await desk.goto(f"{house.url}/desk?state=gated")
        await desk.tap(".side a")
        assert "Renewals" in await desk.text()
        assert await desk.look("document.querySelectorAll('.list tbody tr').length") == 1


async def last_week(house: Office) -> int:
    """Six leases near their end, reached and not; the id of one whose tenant must be called."""
    made = [await house.opens_lease(other_lease(number, end=date(2026, 9, 3 + number))) for number in range(1, 7)]
    tried = [
        (0, "sms", {"status": "failed", "failure": "bad_number", "code": "MK:0001", "via": "tencent"}),
        (1, "template", {"status": "failed", "failure": "opted_out"}),
        (1, "sms", {"status": "accepted", "via": "aliyun", "segments": 2, "price": 90}),
        (2, "template", {"status": "delivered", "settled_at": NOW}),
    ]
    for place, rung, facts in tried:
        stored = made[place]
        attempt = Attempt(f"say:{stored.id}", rung, stored.id, stored.tenant, "remind_urgent", NOW, **facts)  # type: ignore[arg-type]
        await house.store.note_attempt(attempt)
    calling = made[1]
    reason, due = "no sign that the tenant saw a message (tried: template, sms)", NOW + timedelta(hours=4)
    await house.store.add_task(DeskTask(calling.id, "k", "call", "housekeeper", reason, "管家小林", NOW, due))
    await house.happens(calling, TierDue("T-7"), COMPS)
    live = (await house.again(calling)).renewal.reaching
    assert live is not None
    await house.happens(calling, MessageSent(key=live.key, rung="template", more=True))
    return calling.id


@pytest.mark.parametrize("width", [1280, 360])
async def test_from_the_reach_report_to_a_call_and_a_dead_link(house: Office, width: int) -> None:
    number = await last_week(house)
    async with tab(width, 900) as desk:
        await desk.goto(f"{house.url}/desk")
        await desk.tap("nav a[href^='/desk/reach']")
        assert "没有着落" in await desk.text()
        assert await desk.look("getComputedStyle(document.querySelector('.badge.lost')).color") == "rgb(140, 29, 24)"
        assert await desk.wide() == []
        await desk.tap(f".list a.go[href*='/{number}?']")
        text = await desk.text()
        assert "通话提纲" in text
        assert "0.090 元" in text
        assert await desk.wide() == []
        await desk.look("document.querySelector('summary').click()")
        await desk.tap("form[action*='links/revoke'] button")
        assert await desk.look("location.hash") == "#links"
        assert "以前的链接已作废" in await desk.text()
        assert await house.store.links_dead_before(number) == NOW
        await desk.tap("form[action*='binding'] button")
        assert "请租客用微信扫一扫" in await desk.text()
        assert await desk.wide() == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_head_of_a_keyed_desk_fits_a_phone(sqlite_url: str, sealer: Sealer, lang: str) -> None:
    """Four places, the other language and the way out: no word is broken into a column."""
    store = await connect(sqlite_url, sealer)
    async with office(store, KEY) as keyed, tab(360) as desk:
        await desk.goto(f"{keyed.url}/desk/enter?lang={lang}")
        await desk.fill("[name=key]", KEY)
        await desk.tap("form.door button")
        heights = await desk.look(
            "[...document.querySelectorAll('.top nav a')].map(e => e.getBoundingClientRect().height)"
        )
        assert len(heights) == 4
        assert max(heights) < 50
        assert await desk.wide() == []
    await store.close()
