"""The desk lane: ask a person, or tell them it is no longer needed."""

from __future__ import annotations

from backend.db.port import DeskTask, Store
from bot.dispatcher import Done, Hand, Job
from dialogs.effects import DropTasks, Effect, Ring


def desk_hands(store: Store) -> dict[type[Effect], Hand]:
    async def ring(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, Ring)
        assignee = job.stored.renewal.lease.housekeeper if wish.desk == "housekeeper" else wish.desk
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
