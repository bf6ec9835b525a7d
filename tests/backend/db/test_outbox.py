"""The outbox: claimed once, in order, given back when a worker dies, and settled only by who holds the claim."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from backend.db.port import ClaimedEffect, Store, Stored, Words, Written
from dialogs.effects import CloseLease, Lane, Ring, Task
from dialogs.events import Thanked
from tests.backend.db.town import NOW, after, again, opened, say, turn


async def wished(store: Store, *keys: str) -> Stored:
    (stored,) = await opened(store)
    await store.commit([turn(stored, *(say(key) for key in keys))])
    return await again(store, stored)


async def claim(store: Store, now: datetime = NOW, *, limit: int = 9, lane: Lane = Lane.CHAT) -> list[ClaimedEffect]:
    return await store.claim_effects(lane, limit, now, 60, "worker")


async def keys(store: Store, now: datetime = NOW, limit: int = 9) -> list[str]:
    return [one.effect.key for one in await claim(store, now, limit=limit)]


async def test_a_claim_says_what_and_for_whom(store: Store) -> None:
    stored = await wished(store, "S1")
    (one,) = await claim(store)
    assert (one.effect, one.renewal_id, one.operator, one.tenant) == (say("S1"), stored.id, "yuju", stored.tenant)
    assert (one.attempts, one.fence, one.unsure) == (1, 1, False)


async def test_each_lane_by_itself(store: Store) -> None:
    (stored,) = await opened(store)
    ring = Ring(key="R1", task=Task.CALL, reason="silent")
    await store.commit([turn(stored, say("S1"), ring, CloseLease(key="C1", holdover=False))])
    found = {lane: [one.effect.key for one in await claim(store, lane=lane)] for lane in Lane}
    assert found == {**{lane: [] for lane in Lane}, Lane.CHAT: ["S1"], Lane.DESK: ["R1"], Lane.LEDGER: ["C1"]}


async def test_order_is_kept_per_renewal(store: Store) -> None:
    first, second = await opened(store, 2)
    await store.commit([turn(first, say("A1"), say("A2")), turn(second, say("B1"))])
    claims = await claim(store)
    assert [one.effect.key for one in claims] == ["A1", "B1"]
    assert await keys(store) == []
    assert await store.settle(claims[0], NOW)
    assert await keys(store) == ["A2"]


async def test_a_failing_one_holds_back_the_later_ones(store: Store) -> None:
    await wished(store, "S1", "S2")
    (first,) = await claim(store)
    assert await store.postpone(first, after(30), "busy", unsure=False)
    assert await keys(store, after(1)) == []
    assert await keys(store, after(31)) == ["S1"]


async def test_one_that_waits_for_its_hour_is_passed(store: Store) -> None:
    await wished(store, "S1", "S2")
    (first,) = await claim(store)
    assert await store.postpone(first, after(3600), "waits for its hour", unsure=False, waits=True)
    (second,) = await claim(store, after(1))
    assert second.effect.key == "S2"
    await store.settle(second, after(1))
    assert await keys(store, after(3601)) == ["S1"]


async def test_an_hour_named_from_the_start_is_kept(store: Store) -> None:
    (stored,) = await opened(store)
    await store.commit([turn(stored, say("S1", not_before=after(100)), say("S2"))])
    (second,) = await claim(store)
    assert second.effect.key == "S2"
    assert await store.settle(second, NOW)
    assert await store.next_due() == after(100)
    assert await keys(store, after(99)) == []
    assert await keys(store, after(100)) == ["S1"]


async def test_a_dead_letter_blocks_nobody(store: Store) -> None:
    stored = await wished(store, "S1", "S2")
    (first,) = await claim(store)
    assert await store.postpone(first, NOW, "no such user", unsure=False, dead=True)
    assert await keys(store) == ["S2"]
    shown = {one.effect.key: (one.status, one.error) for one in await store.outbox(stored.id)}
    assert shown == {"S1": ("dead", "no such user"), "S2": ("open", None)}


async def test_a_worker_that_slept_through_its_lease_cannot_settle(store: Store) -> None:
    stored = await wished(store, "S1")
    (slow,) = await claim(store)
    assert await claim(store, after(59)) == []
    (quick,) = await claim(store, after(61))
    assert (quick.attempts, quick.unsure) == (2, True)
    assert not await store.settle(slow, after(62), (Words("w", "bot", "wechat", "迟了"),))
    assert not await store.postpone(slow, after(62), "late", unsure=False)
    result = msgspec.structs.replace(turn(stored, say("S2"), now=after(62)), effect=slow)
    assert await store.commit([result]) == [Written.LOST]
    assert await again(store, stored) == stored
    assert await store.thread(stored.id) == []
    assert await store.settle(quick, after(63), (Words("w", "bot", "wechat", "好"),))
    assert [one.text for _, one in await store.thread(stored.id)] == ["好"]
    assert not await store.settle(quick, after(64))


async def test_settling_and_its_event_are_one(store: Store) -> None:
    stored = await wished(store, "S1", "S2")
    (held,) = await claim(store)
    result = msgspec.structs.replace(turn(stored, event=Thanked(via="sms")), effect=held)
    assert await store.commit([result]) == [Written.SAVED]
    assert [one.status for one in await store.outbox(stored.id)] == ["done", "open"]
    assert await store.commit([msgspec.structs.replace(result, version=stored.version + 1)]) == [Written.LOST]
    stale = msgspec.structs.replace(result, effect=None)
    assert await store.commit([stale]) == [Written.STALE]


async def test_a_stale_turn_keeps_its_claim(store: Store) -> None:
    stored = await wished(store, "S1")
    (held,) = await claim(store)
    await store.commit([turn(stored)])
    assert await store.commit([msgspec.structs.replace(turn(stored), effect=held)]) == [Written.STALE]
    now = await again(store, stored)
    assert await store.commit([msgspec.structs.replace(turn(now), effect=held)]) == [Written.SAVED]


async def test_doubt_lasts_until_somebody_knows(store: Store) -> None:
    await wished(store, "S1")
    (first,) = await claim(store)
    assert await store.postpone(first, after(5), "timeout", unsure=True)
    (second,) = await claim(store, after(5))
    assert second.unsure
    assert await store.postpone(second, after(9), "asked: it never arrived", unsure=False)
    (third,) = await claim(store, after(9))
    assert (third.unsure, third.attempts) == (False, 3)


async def test_many_workers_share_without_doubles(store: Store) -> None:
    rows = await opened(store, 40)
    await store.commit([turn(one, say(f"S{one.id}")) for one in rows])
    shares = await asyncio.gather(*(claim(store, limit=7) for _ in range(8)))
    got = [one.effect.key for share in shares for one in share]
    got += await keys(store, limit=40)
    assert sorted(got) == sorted(f"S{one.id}" for one in rows)


async def test_the_oldest_first_and_no_more_than_asked(store: Store) -> None:
    rows = await opened(store, 3)
    for seconds, one in zip((20, 0, 10), rows, strict=True):
        await store.commit([turn(one, say(f"S{seconds}"), now=after(seconds))])
    assert await keys(store, after(30), limit=1) == ["S0"]
    assert sorted(await keys(store, after(30), limit=5)) == ["S10", "S20"]


async def test_pulse_counts_what_can_happen_now(store: Store) -> None:
    await wished(store, "S1", "S2")
    pulse = await store.pulse(NOW)
    assert (pulse.effects, pulse.timers, pulse.dead) == (1, 0, 0)
    (first,) = await claim(store)
    await store.postpone(first, NOW, "gone", unsure=False, dead=True)
    pulse = await store.pulse(after(90000))
    assert (pulse.effects, pulse.timers, pulse.dead) == (1, 1, 1)
