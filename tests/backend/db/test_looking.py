"""What the desk, the reports and the health check see, and the tasks the staff work through."""

from __future__ import annotations

import msgspec

from backend.db import desk_side, looking
from backend.db.port import DeskTask, FunnelRows, Store, Stored, Write
from dialogs.events import Thanked
from dialogs.renewal import Decision
from dialogs.states import LossReason, Milestone, State
from tests.backend.db.town import FIRST, NOW, OPERATOR, after, again, opened, turn


async def rest(
    store: Store, stored: Stored, state: State, milestone: Milestone, loss: LossReason | None = None
) -> None:
    renewal = msgspec.structs.replace(stored.renewal, state=state, milestone=milestone, loss=loss)
    await store.commit([Write(stored.id, stored.version, Thanked(), Decision(renewal), NOW)])


async def test_the_funnel_counts_each_lease_once(store: Store) -> None:
    rows = await opened(store, 6)
    await rest(store, rows[0], State.RENEWED, Milestone.SECURED)
    await rest(store, rows[1], State.MOVED_OUT, Milestone.OPENED, LossReason.PRICE)
    await rest(store, rows[2], State.MOVED_OUT, Milestone.OPENED, LossReason.PRICE)
    await rest(store, rows[3], State.MOVED_OUT, Milestone.CHOSEN, LossReason.JOB)
    await rest(store, rows[4], State.GATED, Milestone.CHOSEN)
    found = await store.funnel(OPERATOR)
    assert found == FunnelRows(
        reached={0: 6, 1: 5, 2: 5, 3: 3, 4: 1, 5: 1, 6: 1, 7: 1},
        lost={2: {"price": 2}, 3: {"job": 1}},
        open={0: {"opened": 1}, 3: {"gated": 1}},
    )
    lost = sum(count for step in found.lost.values() for count in step.values())
    still = sum(count for step in found.open.values() for count in step.values())
    assert found.reached[0] == found.reached[7] + lost + still
    assert await store.funnel("other") == FunnelRows({}, {}, {})


async def test_lists_by_state_and_page(store: Store) -> None:
    rows = await opened(store, 5)
    await store.commit([turn(rows[1]), turn(rows[3])])
    assert await store.count_by_state(OPERATOR) == {"opened": 3, "reminded": 2}
    assert [one.id for one in await store.renewals(OPERATOR, state="reminded")] == [rows[1].id, rows[3].id]
    assert [one.id for one in await store.renewals(OPERATOR, limit=2, after=rows[1].id)] == [rows[2].id, rows[3].id]
    assert await store.renewals("other") == []
    assert await store.live_flows() == {(1, "opened"), (1, "reminded")}


async def test_the_next_thing_due(store: Store) -> None:
    assert await store.next_due() is None
    assert await store.live_flows() == set()
    (stored,) = await opened(store)
    assert await store.next_due() == FIRST
    assert await store.opening(stored.id + 1) is None
    assert await again(store, stored) == stored


def task(stored: Stored, key: str, kind: str = "call") -> DeskTask:
    return DeskTask(stored.id, key, kind, "housekeeper", "silent", "hk1", NOW, after(3600), "w1")


async def test_tasks_are_rung_once_and_finished_once(store: Store) -> None:
    (stored,) = await opened(store)
    for _ in range(2):
        await store.add_task(task(stored, "K1"))
    (one,) = await store.tasks(OPERATOR)
    assert msgspec.structs.replace(one, id=0) == task(stored, "K1")
    assert await store.tasks("other") == []
    assert await store.finish_task(one.id, "hk1", "called", after(60))
    assert not await store.finish_task(one.id, "hk2", "again", after(61))
    assert await store.tasks(OPERATOR) == []
    (done,) = await store.tasks(OPERATOR, open_only=False)
    assert (done.done_at, done.outcome) == (after(60), "called")


async def test_tasks_nobody_needs_any_more_are_dropped(store: Store) -> None:
    first, second = await opened(store, 2)
    for one in (task(first, "A"), task(first, "B", "look"), task(second, "C")):
        await store.add_task(one)
    assert await store.drop_tasks(first.id, ("call", "repair_contact"), after(5)) == 1
    assert [one.key for one in await store.tasks(OPERATOR)] == ["B", "C"]
    assert [one.key for one in await store.tasks(OPERATOR, renewal_id=first.id)] == ["B"]
    dropped = await store.tasks(OPERATOR, renewal_id=first.id, open_only=False)
    assert dropped[0].outcome == "no_longer_needed"


def test_both_stores_share_this_half(store: Store) -> None:
    assert isinstance(store, desk_side.DeskSide)
    assert callable(looking.pulse)
