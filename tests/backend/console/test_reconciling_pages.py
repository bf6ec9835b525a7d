"""Reconciliation at the desk: empty at first, a difference with a form, closed by whoever looked, and how."""

from __future__ import annotations

from datetime import date

import pytest

from backend.console.reconciling_pages import ACTOR_MAX, OUTCOME_MAX
from backend.db.reconciling_port import Compared, Difference
from tests.backend.console.office import OPERATOR, OTHERS, Office
from tests.journeys.samples import NOW

OURS = {"Sec-Fetch-Site": "same-origin"}
DAY = date(2026, 9, 1)
STRANGE = Difference("wechatpay", "unknown_to_us", "R99P1A1", "", "100")


async def compared(office: Office, *differences: Difference, operator: str = OPERATOR) -> None:
    await office.store.begin_comparing(operator, DAY, "wechatpay", NOW, NOW)
    found = Compared(DAY, "wechatpay", NOW, NOW, {"matched": 3, "unknown_to_us": len(differences)})
    await office.store.end_comparing(operator, found, differences)


async def test_before_the_first_day_it_says_when_it_begins(at_desk: Office) -> None:
    status, html = await at_desk.looks("/desk/reconciliation")
    assert status == 200
    assert "还没有对过账" in html
    assert "都对得上" in html


async def test_a_difference_is_shown_and_closed(at_desk: Office) -> None:
    await compared(at_desk, STRANGE)
    _, html = await at_desk.looks("/desk/reconciliation")
    for shown in ("平台有、我们没有的收款", "R99P1A1", "微信支付账单", "一致 3", "处理完"):
        assert shown in html
    [one] = await at_desk.store.differences(OPERATOR)
    told = {"actor": "f1", "outcome": "已联系支付平台"}
    async with at_desk.client.post(
        f"{at_desk.url}/desk/reconciliation/{one.id}/done", data=told, headers=OURS
    ) as answer:
        assert answer.status == 200
        after = await answer.text()
    assert "R99P1A1" not in after
    _, everything = await at_desk.looks("/desk/reconciliation?all=1")
    assert "已联系支付平台" in everything


async def test_the_same_difference_stands_once(at_desk: Office) -> None:
    await compared(at_desk, STRANGE)
    await compared(at_desk, STRANGE)
    assert len(await at_desk.store.differences(OPERATOR)) == 1


@pytest.mark.parametrize("told", [{}, {"actor": "f1"}, {"outcome": "x"}, {"actor": " ", "outcome": "x"}])
async def test_without_who_and_what_nothing_is_closed(at_desk: Office, told: dict[str, str]) -> None:
    await compared(at_desk, STRANGE)
    [one] = await at_desk.store.differences(OPERATOR)
    async with at_desk.client.post(
        f"{at_desk.url}/desk/reconciliation/{one.id}/done", data=told, headers=OURS
    ) as answer:
        assert answer.status == 400
    assert await at_desk.store.differences(OPERATOR)


async def test_long_words_are_cut_not_lost(at_desk: Office) -> None:
    await compared(at_desk, STRANGE)
    [one] = await at_desk.store.differences(OPERATOR)
    told = {"actor": "f" * 99, "outcome": "看" * 999}
    url = f"{at_desk.url}/desk/reconciliation/{one.id}/done"
    async with at_desk.client.post(url, data=told, headers=OURS) as answer:
        assert answer.status == 200
    [closed] = await at_desk.store.differences(OPERATOR, open_only=False)
    assert (len(closed.actor), len(closed.outcome)) == (ACTOR_MAX, OUTCOME_MAX)


async def test_from_another_page_nothing_is_closed(at_desk: Office) -> None:
    await compared(at_desk, STRANGE)
    [one] = await at_desk.store.differences(OPERATOR)
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    told = {"actor": "f1", "outcome": "x"}
    url = f"{at_desk.url}/desk/reconciliation/{one.id}/done"
    async with at_desk.client.post(url, data=told, headers=headers) as answer:
        assert answer.status == 403
    assert await at_desk.store.differences(OPERATOR)


async def test_another_operators_difference_does_not_exist_here(at_desk: Office) -> None:
    await compared(at_desk, STRANGE, operator=OTHERS)
    [one] = await at_desk.store.differences(OTHERS)
    told = {"actor": "f1", "outcome": "x"}
    async with at_desk.client.post(
        f"{at_desk.url}/desk/reconciliation/{one.id}/done", data=told, headers=OURS
    ) as answer:
        assert answer.status == 404
    assert await at_desk.store.differences(OTHERS)
