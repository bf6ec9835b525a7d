"""What Fadada keeps of a task, of its signers and of a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from .fadada_gate import Refused


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
    """``signed`` of each actor is its ``at``; ``expires`` None: never. ``voids``: the finished task this one is to
    void; ``voided_by``: the newest task that is to void this one. Both are ids, empty where there is none."""

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
    voids: str = ""
    voided_by: str = ""

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
