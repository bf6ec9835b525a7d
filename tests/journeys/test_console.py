"""Staff in a browser, at a desk and on a phone: from the list to one renewal, and to the report."""

from __future__ import annotations

import pytest

from dialogs.events import Declined, MoveOutDone, OfferPrepared
from dialogs.lease import Comps
from dialogs.money import yuan
from dialogs.states import LossReason
from tests.backend.console.office import LEDGER_BILL, Office, other_lease
from tests.journeys.browser import tab

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
