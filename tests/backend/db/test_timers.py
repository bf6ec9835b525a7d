"""Timers are rows: set, replaced, dropped, rung once, and rung again when whoever rang them died."""

from __future__ import annotations

import asyncio

import msgspec

from backend.db.port import Store, Written
from dialogs.renewal import Timer
from tests.backend.db.town import FIRST, NOW, after, again, opened, turn


async def rows(store: Store, renewal_id: int) -> set[tuple[str, str, float]]:
    return {(one.kind, one.tag, (one.due_at - NOW).total_seconds()) for one in await store.timers(renewal_id)}


async def test_set_replaced_and_dropped(store: Store) -> None:
    (stored,) = await opened(store)
    timers = (Timer("OfferExpired", after(50), "1"), Timer("OfferExpired", after(60), "2"), Timer("GateDue", after(70)))
    await store.commit([turn(stored, timers=timers, drop=("TierDue",))])
    assert await rows(store, stored.id) == {("OfferExpired", "1", 50), ("OfferExpired", "2", 60), ("GateDue", "", 70)}
    now = await again(store, stored)
    again_set = (Timer("OfferExpired", after(99), "2"),)
    await store.commit([turn(now, timers=again_set, drop=("OfferExpired",))])
    assert await rows(store, stored.id) == {("OfferExpired", "2", 99), ("GateDue", "", 70)}


async def test_rung_once_and_gone_with_the_turn(store: Store) -> None:
    (stored,) = await opened(store)
    assert await store.claim_timers(9, NOW, 60) == []
    (timer,) = await store.claim_timers(9, FIRST, 60)
    assert (timer.renewal_id, timer.kind, timer.tag, timer.due_at) == (stored.id, "TierDue", "T-30", FIRST)
    assert await store.claim_timers(9, FIRST, 60) == []
    write = msgspec.structs.replace(turn(stored, now=FIRST), timer=timer)
    assert await store.commit([write]) == [Written.SAVED]
    assert await store.timers(stored.id) == []
    assert await store.commit([msgspec.structs.replace(write, version=1)]) == [Written.LOST]
    assert (await again(store, stored)).version == 1


async def test_a_ring_that_sets_itself_anew_stays(store: Store) -> None:
    (stored,) = await opened(store)
    (timer,) = await store.claim_timers(9, FIRST, 60)
    write = turn(stored, timers=(Timer("TierDue", after(90000), "T-30"),), now=FIRST)
    assert await store.commit([msgspec.structs.replace(write, timer=timer)]) == [Written.SAVED]
    assert await rows(store, stored.id) == {("TierDue", "T-30", 90000)}
    (next_ring,) = await store.claim_timers(9, after(90000), 60)
    now = await again(store, stored)
    late = msgspec.structs.replace(turn(now, now=after(90001)), timer=timer)
    assert await store.commit([late]) == [Written.LOST]
    assert await store.commit([msgspec.structs.replace(late, timer=next_ring)]) == [Written.SAVED]


async def test_an_expired_lease_rings_again_and_fences_the_first(store: Store) -> None:
    (stored,) = await opened(store)
    (slow,) = await store.claim_timers(9, FIRST, 60)
    later = FIRST.replace(minute=FIRST.minute + 2)
    (quick,) = await store.claim_timers(9, later, 60)
    assert quick.fence > slow.fence
    assert await store.commit([msgspec.structs.replace(turn(stored), timer=slow)]) == [Written.LOST]
    assert await store.commit([msgspec.structs.replace(turn(stored), timer=quick)]) == [Written.SAVED]


async def test_a_replaced_timer_is_lost_to_who_claimed_it(store: Store) -> None:
    (stored,) = await opened(store)
    (claimed,) = await store.claim_timers(9, FIRST, 60)
    await store.commit([turn(stored, timers=(Timer("TierDue", after(99999), "T-30"),))])
    now = await again(store, stored)
    assert await store.commit([msgspec.structs.replace(turn(now), timer=claimed)]) == [Written.LOST]
    assert await rows(store, stored.id) == {("TierDue", "T-30", 99999)}


async def test_tickers_share_without_doubles(store: Store) -> None:
    found = await opened(store, 30)
    shares = await asyncio.gather(*(store.claim_timers(5, FIRST, 60) for _ in range(6)))
    got = [one.renewal_id for share in shares for one in share]
    got += [one.renewal_id for one in await store.claim_timers(30, FIRST, 60)]
    assert sorted(got) == sorted(one.id for one in found)
