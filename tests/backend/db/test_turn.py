"""A turn is one transaction or nothing: what is read, what is written, and who loses a race."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from backend.db.connect import connect
from backend.db.port import Found, Inbound, Store, Stored, Words, Write, Written
from backend.sealing import Sealer
from dialogs.effects import Lane
from dialogs.events import EnvelopeSigned, TierDue
from dialogs.machine import opening, replay, step
from dialogs.policy import Policy
from dialogs.renewal import Decision, Silence, Subject, Timer
from dialogs.states import LossReason, Milestone, State
from tests.backend.db.town import FIRST, NOW, OPERATOR, TODAY, after, again, imported, lease, opened, row, say, turn


async def untouched(store: Store, stored: Stored, effects: int = 0) -> None:
    assert await again(store, stored) == stored
    assert len(await store.log(stored.id)) == stored.version
    assert len(await store.outbox(stored.id)) == effects


async def test_a_stranger_is_nobody(store: Store) -> None:
    assert await store.find("wechat", "nobody", "m1", NOW) == Found()
    assert await store.load(99) is None


async def test_a_tenant_is_found_with_the_open_renewal(store: Store) -> None:
    (stored,) = await opened(store)
    found = await store.find("wechat", "open-1", "m1", NOW)
    assert (found.tenant, found.renewals, found.seen) == (lease().tenant.id, (stored,), False)
    assert stored.renewal == opening(lease(), opened_on=TODAY, policy_version=3)
    assert (stored.name, stored.version, stored.operator) == ("租客1号", 0, "yuju")
    assert await store.load(stored.id) == stored


async def test_a_tenant_without_a_renewal_is_still_known(store: Store) -> None:
    await imported(store, row(1))
    await store.bind("wechat", "open-1", lease().tenant.id, NOW)
    assert await store.find("wechat", "open-1", "m1", NOW) == Found(lease().tenant.id)


async def test_a_turn_writes_everything(store: Store) -> None:
    (stored,) = await opened(store)
    words = (Words("w1", "tenant", "wechat", "好的"), Words("w2", "bot", "wechat", "收到", "thanks"))
    due = Timer("DecisionDue", after(3600))
    write = turn(stored, say("S1"), timers=(due,), key="m1", reply="收到", words=words)
    silent = msgspec.structs.replace(write.decision, silences=(Silence("owned"),))
    assert await store.commit([msgspec.structs.replace(write, decision=silent)]) == [Written.SAVED]

    moved = await again(store, stored)
    assert (moved.version, moved.renewal) == (1, write.decision.renewal)
    (logged,) = await store.log(stored.id)
    assert (logged.seq, logged.at, logged.event) == (1, NOW, write.event)
    assert (logged.row, logged.silences) == ("opened --Thanked--> reminded", ("owned",))
    assert [one.effect for one in await store.outbox(stored.id)] == [say("S1")]
    rows = [(one.kind, one.tag, one.due_at) for one in await store.timers(stored.id)]
    assert rows == [("DecisionDue", "", due.due_at), ("TierDue", "T-30", FIRST)]
    assert await store.thread(stored.id) == [(NOW, words[0]), (NOW, words[1])]
    found = await store.find("wechat", "open-1", "m1", NOW)
    assert (found.seen, found.reply) == (True, "收到")


async def test_a_message_answered_with_nothing_stays_so(store: Store) -> None:
    (stored,) = await opened(store)
    assert await store.commit([turn(stored, key="m1")]) == [Written.SAVED]
    found = await store.find("wechat", "open-1", "m1", NOW)
    assert (found.seen, found.reply) == (True, None)


async def test_the_same_message_changes_state_once(store: Store) -> None:
    (stored,) = await opened(store)
    await store.commit([turn(stored, key="m1")])
    moved = await again(store, stored)
    assert await store.commit([turn(moved, say("S1"), key="m1")]) == [Written.DUPLICATE]
    await untouched(store, moved)


async def test_who_read_an_old_version_changes_nothing(store: Store) -> None:
    (stored,) = await opened(store)
    await store.commit([turn(stored)])
    late = turn(stored, say("S1"), key="m1", words=(Words("w", "tenant", "wechat", "好"),))
    assert await store.commit([late]) == [Written.STALE]
    await untouched(store, await again(store, stored))
    assert not (await store.find("wechat", "open-1", "m1", NOW)).seen
    assert await store.thread(stored.id) == []


async def test_one_bad_write_does_not_spoil_its_neighbours(store: Store) -> None:
    first, second, third = await opened(store, 3)
    await store.commit([turn(first, key="m1")])
    moved = await again(store, first)
    writes = [turn(moved, key="m1"), turn(second, say("S2")), turn(first, say("S1")), turn(third, say("S3"))]
    assert await store.commit(writes) == [Written.DUPLICATE, Written.SAVED, Written.STALE, Written.SAVED]
    assert [len(await store.outbox(one.id)) for one in (first, second, third)] == [0, 1, 1]
    assert await store.commit([]) == []


async def test_a_lost_claim_does_not_spoil_its_neighbours(store: Store) -> None:
    rows = await opened(store, 3)
    await store.commit([turn(rows[1], say("S1"))])
    (claim,) = await store.claim_effects(Lane.CHAT, 9, NOW, 60, "w")
    await store.settle(claim, NOW)
    late = msgspec.structs.replace(turn(await again(store, rows[1])), effect=claim)
    assert await store.commit([turn(rows[0]), late, turn(rows[2])]) == [Written.SAVED, Written.LOST, Written.SAVED]


async def test_batches_that_cross_do_not_wait_for_each_other(store: Store, store_url: str, sealer: Sealer) -> None:
    rows = await opened(store, 30)
    other = await connect(store_url, sealer)
    forth = [turn(one, say(f"F{one.id}")) for one in rows]
    back = [turn(one, say(f"B{one.id}")) for one in reversed(rows)]
    first, second = await asyncio.gather(store.commit(forth), other.commit(back))
    assert all(sorted(pair) == [Written.SAVED, Written.STALE] for pair in zip(first, reversed(second), strict=True))
    await other.close()


async def test_of_many_at_once_one_wins(store: Store) -> None:
    (stored,) = await opened(store)
    racing = [turn(stored, say(f"S{number}"), key=f"m{number}") for number in range(10)]
    written = await asyncio.gather(*(store.commit([one]) for one in racing))
    assert sorted(one for (one,) in written) == sorted([Written.SAVED] + [Written.STALE] * 9)
    assert len(await store.outbox(stored.id)) == len(await store.log(stored.id)) == 1


async def test_the_same_message_twice_at_once_is_applied_once(store: Store) -> None:
    first, second = await opened(store, 2)
    both = await asyncio.gather(store.commit([turn(first, key="m")]), store.commit([turn(second, key="m")]))
    assert sorted(one for (one,) in both) == sorted([Written.SAVED, Written.DUPLICATE])


async def test_the_same_wish_twice_is_one_row(store: Store) -> None:
    (stored,) = await opened(store)
    await store.commit([turn(stored, say("S1"))])
    assert await store.commit([turn(await again(store, stored), say("S1"), say("S2"))]) == [Written.SAVED]
    assert [one.effect.key for one in await store.outbox(stored.id)] == ["S1", "S2"]


async def test_words_still_waiting_are_seen(store: Store) -> None:
    (stored,) = await opened(store)
    await store.commit([turn(stored, say("S1"), say("S9", not_before=after(9000)))])
    assert (await store.find("wechat", "open-1", "m1", NOW)).renewals[0].pending
    (claim,) = await store.claim_effects(Lane.CHAT, 9, NOW, 60, "w")
    assert (await store.find("wechat", "open-1", "m1", NOW)).renewals[0].pending
    await store.settle(claim, NOW)
    assert (await again(store, stored)).pending
    assert not (await store.find("wechat", "open-1", "m1", NOW)).renewals[0].pending


async def test_an_ended_renewal_closes_and_drops_its_timers(store: Store) -> None:
    (stored,) = await opened(store)
    gone = msgspec.structs.replace(stored.renewal, state=State.MOVED_OUT, loss=LossReason.JOB, milestone=Milestone(3))
    decision = Decision(gone, timers=(Timer("HoldDue", after(60)),))
    assert await store.commit([Write(stored.id, 0, TierDue("T-30"), decision, NOW)]) == [Written.SAVED]
    assert await store.timers(stored.id) == []
    (found,) = (await store.find("wechat", "open-1", "m1", NOW)).renewals
    assert found.renewal.final
    assert await store.live_flows() == set()


async def test_live_renewals_hide_ended_ones(store: Store) -> None:
    await opened(store, 2)
    first, second = await store.renewals(OPERATOR)
    await store.bind("wechat", "both", first.tenant, NOW)
    await store.commit([turn(first, state=State.RENEWED)])
    assert [one.id for one in (await store.find("wechat", "both", "m", NOW)).renewals] == [first.id]
    assert [one.id for one in (await store.find("wechat", "open-2", "m", NOW)).renewals] == [second.id]


async def test_a_message_of_nobody_is_remembered_once(store: Store) -> None:
    assert await store.remember(Inbound("m1", "请先绑定"), NOW, Words("w", "tenant", "wechat", "你好"))
    assert not await store.remember(Inbound("m1", "另一句"), NOW)
    found = await store.find("wechat", "nobody", "m1", NOW)
    assert (found.tenant, found.seen, found.reply) == (None, True, "请先绑定")


async def test_replaying_the_log_gives_the_row(store: Store) -> None:
    (stored,) = await opened(store)
    for event, at in ((TierDue("T-30"), FIRST), (EnvelopeSigned(ref="x", sha256="y"), after(90000))):
        decision = step(Subject(stored.id, stored.renewal, Policy()), event, at)
        assert await store.commit([Write(stored.id, stored.version, event, decision, at)]) == [Written.SAVED]
        stored = await again(store, stored)
    start = await store.opening(stored.id)
    assert start == opening(lease(), opened_on=TODAY, policy_version=3)
    history = [(stored.id, one.event, one.at) for one in await store.log(stored.id)]
    assert replay(start, history, Policy()) == stored.renewal


@pytest.mark.parametrize("key", ["m1", None])
async def test_a_cancelled_caller_leaves_the_store_usable(store: Store, key: str | None) -> None:
    (stored,) = await opened(store)
    task = asyncio.create_task(store.commit([turn(stored, key=key)]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    moved = await again(store, stored)
    assert await store.commit([turn(moved, say("S1"), key="m2")]) in ([Written.SAVED], [Written.STALE])
