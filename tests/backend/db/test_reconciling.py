"""Who compares a day, what it came to, and what people close: on both databases."""

from __future__ import annotations

from datetime import date, timedelta

from backend.db import reconciling, reconciling_side
from backend.db.port import Store
from backend.db.reconciling_port import Compared, Difference
from tests.backend.db.town import NOW, OPERATOR

DAY = date(2026, 9, 1)
HOUR = timedelta(hours=1)
ODD = Difference("wechatpay", "unknown_to_us", "R9P1A1", "", "100")


async def test_one_at_a_time_and_taken_over_when_left(store: Store) -> None:
    assert await store.begin_comparing(OPERATOR, DAY, "wechatpay", NOW, NOW - HOUR)
    assert not await store.begin_comparing(OPERATOR, DAY, "wechatpay", NOW, NOW - HOUR)
    assert await store.begin_comparing(OPERATOR, DAY, "doors", NOW, NOW - HOUR)
    assert await store.begin_comparing("other", DAY, "wechatpay", NOW, NOW - HOUR)
    assert await store.begin_comparing(OPERATOR, DAY, "wechatpay", NOW + 2 * HOUR, NOW + HOUR)
    await store.end_comparing(OPERATOR, Compared(DAY, "wechatpay", NOW, NOW + HOUR, {"matched": 2}), [])
    assert not await store.begin_comparing(OPERATOR, DAY, "wechatpay", NOW + 9 * HOUR, NOW + 8 * HOUR)


async def test_what_it_came_to_newest_day_first(store: Store) -> None:
    for back in range(3):
        day = DAY - timedelta(days=back)
        await store.begin_comparing(OPERATOR, day, "wechatpay", NOW, NOW)
        await store.end_comparing(OPERATOR, Compared(day, "wechatpay", NOW, None, {"matched": back}, "waits"), [])
    found = await store.compared(OPERATOR, limit=2)
    assert [(one.day, one.counts, one.ended_at, one.note) for one in found] == [
        (DAY, {"matched": 0}, None, "waits"), (DAY - timedelta(days=1), {"matched": 1}, None, "waits"),
    ]  # fmt: skip
    assert await store.compared("other") == []


async def test_found_again_it_stays_one_and_keeps_who_closed_it(store: Store) -> None:
    ended = Compared(DAY, "wechatpay", NOW, NOW, {})
    await store.begin_comparing(OPERATOR, DAY, "wechatpay", NOW, NOW)
    assert await store.end_comparing(OPERATOR, ended, [ODD, ODD]) == 1
    [one] = await store.differences(OPERATOR)
    assert await store.close_difference(OPERATOR, one.id, "f1", "looked", NOW)
    assert await store.end_comparing(OPERATOR, ended, [ODD]) == 0
    assert await store.differences(OPERATOR) == []
    [closed] = await store.differences(OPERATOR, open_only=False)
    assert (closed.actor, closed.outcome, closed.day, closed.found_at) == ("f1", "looked", DAY, NOW)


def test_one_code_for_both() -> None:
    assert reconciling_side.reconciling is reconciling
