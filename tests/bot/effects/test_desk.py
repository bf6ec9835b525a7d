"""The desk hand: people are asked once, find who is meant, and hear when it is no longer needed."""

from __future__ import annotations

from datetime import timedelta

from backend.db.port import ClaimedEffect, DeskTask, Stored
from bot.dispatcher import Job
from bot.effects.desk import ASKED_ONCE, desk_hands
from dialogs.effects import AnyEffect, DropTasks, Lane, Ring, Task
from dialogs.events import HumanAsked, RepairReported
from tests.bot.hands import dispatcher
from tests.bot.stage import OPERATOR, Stage


async def worked(stage: Stage) -> None:
    for _ in range(20):
        if not await dispatcher(stage, desk_hands(stage.store)).run_once(Lane.DESK):
            return
    raise AssertionError("the desk lane never came to rest")


async def open_tasks(stage: Stage, stored: Stored) -> list[DeskTask]:
    return await stage.store.tasks(OPERATOR, renewal_id=stored.id)


async def test_the_leases_own_housekeeper_is_asked_once_however_often_the_tenant_asks(stage: Stage) -> None:
    stored = await stage.opened()
    for number in range(3):
        await stage.tell(stored, HumanAsked(message=f"m{number}"))
    await worked(stage)
    [task] = await open_tasks(stage, stored)
    assert (task.kind, task.desk, task.assignee, task.message) == ("handoff", "housekeeper", "hk-lin", "m0")
    assert task.created_at == stage.clock.now()
    rings = await stage.wished(stored, Ring)
    assert [(await stage.status(stored, one.key))[2] for one in rings] == [None, *["somebody is asked already"] * 2]


async def test_each_repair_is_a_task_of_its_own(lite: Stage) -> None:
    stored = await lite.opened()
    for number in range(2):
        await lite.tell(stored, RepairReported(message=f"m{number}"))
    await worked(lite)
    assert [task.message for task in await open_tasks(lite, stored) if task.kind == "work_order"] == ["m0", "m1"]
    assert Task.WORK_ORDER not in ASKED_ONCE


async def test_a_task_that_was_done_may_be_asked_for_again(lite: Stage) -> None:
    stored = await lite.opened()
    await lite.tell(stored, HumanAsked(message="m1"))
    await worked(lite)
    [task] = await open_tasks(lite, stored)
    await lite.store.finish_task(task.id, "hk-lin", "called", lite.clock.now())
    await lite.tell(stored, HumanAsked(message="m2"))
    await worked(lite)
    assert [one.message for one in await open_tasks(lite, stored)] == ["m2"]


async def test_what_was_asked_is_taken_back_by_kind(stage: Stage) -> None:
    stored = await stage.opened()
    await stage.tell(stored, HumanAsked())
    await stage.tell(stored, RepairReported())
    await worked(stage)
    kinds = {task.kind for task in await open_tasks(stage, stored)}
    assert kinds == {"handoff", "work_order"}
    done = await desk_hands(stage.store)[DropTasks](await job(stage, stored, DropTasks(key="d", tasks=(Task.HANDOFF,))))
    assert done.note == "1 tasks dropped"
    assert {task.kind for task in await open_tasks(stage, stored)} == {"work_order"}


async def test_the_same_ring_carried_out_twice_is_one_task(lite: Stage) -> None:
    """The worker died between the task and its settling."""
    stored = await lite.opened()
    due = lite.clock.now() + timedelta(days=2)
    wish = Ring(key="ring:1:9", task=Task.LOOK, reason="odd", desk="legal", due=due)
    for _ in range(2):
        await desk_hands(lite.store)[Ring](await job(lite, stored, wish))
    [task] = await open_tasks(lite, stored)
    assert (task.assignee, task.due, task.reason) == ("legal", due, "odd")


async def job(stage: Stage, stored: Stored, wish: AnyEffect) -> Job:
    """As the dispatcher hands it over."""
    claim = ClaimedEffect(1, stored.id, stored.operator, stored.tenant, wish, 1, 1, False)
    return Job(claim, stored, stage.clock.now())
