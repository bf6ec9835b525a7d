"""What Fadada knows: files, sign tasks and who has put a hand to them. The truth of the sandbox."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .fadada_gate import Refused
from .fadada_records import Actor, Stored, Task

BEIJING = timezone(timedelta(hours=8))
LINK_LIFE = {"upload": timedelta(minutes=30), "download": timedelta(hours=1)}
RUNNING = ("fill_progress", "fill_completed", "sign_progress", "sign_completed")
Tell = Callable[[Task, str, dict[str, object]], None]
"""Called with (task, event, its own fields) for whatever the provider announces."""


@dataclass
class Book:
    seed: int
    clock: Callable[[], datetime]
    tell: Tell
    tasks: dict[str, Task] = field(default_factory=dict)
    uploads: dict[str, Stored] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    downloads: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def ticket(self) -> str:
        return self._random.randbytes(16).hex()

    def number(self) -> str:
        return str(self._random.randrange(10**18, 2 * 10**18))

    def add(self, asked: dict[str, object], actors: list[Actor], document: bytes, expires: datetime | None) -> Task:
        """Asked twice, made twice: the provider knows no idempotency."""
        return self._added(Task(self.number(), asked, actors, document, expires, self.clock()))

    def void(self, original: Task, asked: dict[str, object], actors: list[Actor], document: bytes) -> Task:
        """A second task about a finished one, and only one at a time. Raises Refused, with the general code: the
        sheet holds none of its own for it."""
        before = self.tasks.get(original.voided_by)
        if original.state != "task_finished" or (before is not None and before.state == "task_created"):
            raise Refused("100011", "请求参数非法: signTaskId")
        task = Task(self.number(), asked, actors, document, None, self.clock(), voids=original.id)
        original.voided_by = task.id
        return self._added(task)

    def task(self, task_id: object) -> Task:
        """Raises Refused."""
        task = self.tasks.get(str(task_id))
        if task is None:
            raise Refused("100011", "请求参数非法: signTaskId")
        self._expire(task)
        return task

    def start(self, task: Task) -> None:
        """Raises Refused."""
        if task.state != "task_created":
            raise Refused("211055", "签署任务不是创建状态")
        task.state = "sign_progress"
        self.tell(task, "sign-task-start", {})
        if task.voids:
            self.tasks[task.voids].state = "abolishing"
        for actor in task.actors:
            if actor.verify_free:
                self.sign(task, actor)

    def sign(self, task: Task, actor: Actor) -> bool:
        """Whether it counted: a task that rests, or somebody who has signed, takes no signature."""
        self._expire(task)
        if task.state != "sign_progress" or actor.status != "wait_sign":
            return False
        actor.status, actor.at = "signed", self.clock()
        done = all(one.status == "signed" for one in task.actors)
        if done:
            task.state, task.ended = (
                "task_finished" if task.asked.get("autoFinish", True) else "sign_completed",
                actor.at,
            )
        person = "" if actor.verify_free else actor.name
        self.tell(
            task, "sign-task-signed", {"actorId": actor.id, "verifyFreeSign": actor.verify_free, "userName": person}
        )
        if task.state == "task_finished":
            self.tell(task, "sign-task-finished", {})
            self._void(task)
        return True

    def refuse(self, task: Task, actor: Actor, why: str) -> bool:
        """Whether it counted."""
        self._expire(task)
        if task.state != "sign_progress" or actor.status != "wait_sign":
            return False
        actor.status, actor.note = "sign_rejected", why
        task.state, task.ended = "task_terminated", self.clock()
        self.tell(
            task, "sign-task-sign-rejected", {"actorId": actor.id, "signRejectReason": why, "userName": actor.name}
        )
        self._spare(task)
        return True

    def cancel(self, task: Task, note: str) -> None:
        """Raises Refused."""
        if task.state not in RUNNING:
            raise Refused("211126", "当前签署任务状态不允许撤销")
        task.state, task.note, task.ended = "task_terminated", note, self.clock()
        self.tell(task, "sign-task-canceled", {"userName": "integration", "terminationNote": note})
        self._spare(task)

    def delete(self, task: Task) -> None:
        """Raises Refused."""
        if task.state != "task_created":
            raise Refused("211055", "签署任务不是创建状态")
        del self.tasks[task.id]
        if task.voids:
            self.tasks[task.voids].voided_by = ""

    def announce_expiries(self) -> None:
        """The batch of 01:00 Beijing: whatever ran out before it is told then, not at its own minute."""
        for task in self.tasks.values():
            self._expire(task)
            batch = task.ended and batch_after(task.ended)
            if task.state == "expired" and not task.expiry_told and batch and batch <= self.clock():
                task.expiry_told = True
                self.tell(task, "sign-task-expire", {})

    def _added(self, task: Task) -> Task:
        self.tasks[task.id] = task
        if task.asked.get("autoStart"):
            self.start(task)
        return task

    def _void(self, task: Task) -> None:
        """Everybody has signed: only now the task it is about is void."""
        if task.voids:
            original = self.tasks[task.voids]
            original.state = "revoked"
            self.tell(original, "sign-task-abolish", {"abolishedSignTaskId": task.id})

    def _spare(self, task: Task) -> None:
        """It came to nothing: the task it is about stands as before (an assumption; no document says)."""
        if task.voids:
            self.tasks[task.voids].state = "task_finished"

    def _expire(self, task: Task) -> None:
        if task.expires is not None and self.clock() >= task.expires and task.state in RUNNING:
            task.state, task.ended = "expired", task.expires


def batch_after(instant: datetime) -> datetime:
    """The next 01:00 Beijing after an instant."""
    local = instant.astimezone(BEIJING)
    one = local.replace(hour=1, minute=0, second=0, microsecond=0)
    return one if one > local else one + timedelta(days=1)
