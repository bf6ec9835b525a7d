"""The desk lane: ask a person, or tell them it is no longer needed."""

from __future__ import annotations

from backend.db.port import DeskTask, Store, Stored
from bot.dispatcher import Done, Hand, Job
from dialogs.effects import DropTasks, Effect, Ring, Task

ASKED_ONCE = frozenset(set(Task) - {Task.WORK_ORDER, Task.LOOK})
"""One open task of these kinds a renewal and desk: whoever takes it up reads the whole thread."""


def desk_hands(store: Store) -> dict[type[Effect], Hand]:
    async def ring(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, Ring)
        assignee = job.stored.renewal.lease.housekeeper if wish.desk == "housekeeper" else wish.desk
        if wish.task in ASKED_ONCE and await _is_asked(store, job.stored, wish):
            return Done(note="somebody is asked already")
        task = DeskTask(
            job.stored.id, wish.key, wish.task.value, wish.desk, wish.reason, assignee, job.now, wish.due, wish.message
        )
        await store.add_task(task)
        return Done()

    async def drop(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, DropTasks)
        count = await store.drop_tasks(job.stored.id, [task.value for task in wish.tasks], job.now)
        return Done(note=f"{count} tasks dropped")

    return {Ring: ring, DropTasks: drop}


async def _is_asked(store: Store, stored: Stored, wish: Ring) -> bool:
    open_tasks = await store.tasks(stored.operator, renewal_id=stored.id)
    return any(one.kind == wish.task.value and one.desk == wish.desk for one in open_tasks)
