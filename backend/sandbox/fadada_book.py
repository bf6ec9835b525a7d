"""What Fadada knows: files, sign tasks and who has put a hand to them. The truth of the sandbox."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .fadada_gate import Refused

BEIJING = timezone(timedelta(hours=8))
LINK_LIFE = {"upload": timedelta(minutes=30), "download": timedelta(hours=1)}
RUNNING = ("fill_progress", "fill_completed", "sign_progress", "sign_completed")
Tell = Callable[["Task", str, dict[str, object]], None]
"""Called with (task, event, its own fields) for whatever the provider announces."""


@dataclass
class Actor:
    id: str
    name: str
    phone: str
    verify_free: bool
    status: str = "wait_sign"
    at: datetime | None = None
    note: str = ""


@dataclass
class Task:
    """``signed`` of each actor is its ``at``; ``expires`` None: never."""

    id: str
    asked: dict[str, object]
    actors: list[Actor]
    document: bytes
    expires: datetime | None
    created: datetime
    state: str = "task_created"
    ended: datetime | None = None
    note: str = ""
    expiry_told: bool = False

    @property
    def key(self) -> str:
        return str(self.asked.get("businessCode") or "")

    @property
    def trans_reference(self) -> str:
        return str(self.asked.get("transReferenceId") or "")

    def actor(self, actor_id: str) -> Actor:
        """Raises Refused."""
        for one in self.actors:
            if one.id == actor_id:
                return one
        raise Refused("211066", "参与方不存在")

    def paper(self) -> bytes:
        """The document with its seals; the same bytes every time."""
        seals = sorted((one.at, one.id) for one in self.actors if one.at is not None and one.status == "signed")
        lines = [f"\n%% {self.id} {who} {at.isoformat()}" for at, who in seals]
        proof = hashlib.sha256(self.document + "".join(lines).encode()).hexdigest()
        return self.document + "".join(lines).encode() + f"\n%% {proof}\n".encode()


@dataclass
class Stored:
    """One uploaded file; ``body`` None until it has been put."""

    until: datetime
    body: bytes | None = None


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
        task = Task(self.number(), asked, actors, document, expires, self.clock())
        self.tasks[task.id] = task
        if asked.get("autoStart"):
            self.start(task)
        return task

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
        return True

    def cancel(self, task: Task, note: str) -> None:
        """Raises Refused."""
        if task.state not in RUNNING:
            raise Refused("211126", "当前签署任务状态不允许撤销")
        task.state, task.note, task.ended = "task_terminated", note, self.clock()
        self.tell(task, "sign-task-canceled", {"userName": "integration", "terminationNote": note})

    def delete(self, task: Task) -> None:
        """Raises Refused."""
        if task.state != "task_created":
            raise Refused("211055", "签署任务不是创建状态")
        del self.tasks[task.id]

    def announce_expiries(self) -> None:
        """The batch of 01:00 Beijing: whatever ran out before it is told then, not at its own minute."""
        for task in self.tasks.values():
            self._expire(task)
            batch = task.ended and batch_after(task.ended)
            if task.state == "expired" and not task.expiry_told and batch and batch <= self.clock():
                task.expiry_told = True
                self.tell(task, "sign-task-expire", {})

    def _expire(self, task: Task) -> None:
        if task.expires is not None and self.clock() >= task.expires and task.state in RUNNING:
            task.state, task.ended = "expired", task.expires


def batch_after(instant: datetime) -> datetime:
    """The next 01:00 Beijing after an instant."""
    local = instant.astimezone(BEIJING)
    one = local.replace(hour=1, minute=0, second=0, microsecond=0)
    return one if one > local else one + timedelta(days=1)
