"""Two records of every door: what the cloud believes, and what the lock on the door does. The truth of the sandbox."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

Span = tuple[datetime | None, datetime | None]
"""Start and end, aware instants; end None = permanent."""
KINDS = ("passcode", "card", "fingerprint", "ekey")


class Refused(Exception):
    """Answered as ``errcode`` under HTTP 200."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode


@dataclass(frozen=True)
class Issued:
    """One credential as one of the two records has it. ``used``: a random code that was never used cannot change."""

    id: int
    kind: str
    start: datetime | None
    end: datetime | None
    used: bool = True

    def opens(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)


@dataclass(frozen=True)
class Change:
    """One successful answer. ``in_lock``: whether the door itself took it."""

    at: datetime
    lock: int
    credential: int
    start: datetime | None
    end: datetime | None
    in_lock: bool


@dataclass
class Door:
    """``cloud`` and ``lock`` by credential id; ``troubles``: errcodes for the next remote changes, one each."""

    id: int
    online: bool = True
    cloud: dict[int, Issued] = field(default_factory=dict)
    lock: dict[int, Issued] = field(default_factory=dict)
    troubles: deque[int] = field(default_factory=deque)


class Doors:
    def __init__(self, clock: Callable[[], datetime], seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed)
        self.doors: dict[int, Door] = {}
        self.codes: dict[int, str] = {}
        self.history: list[Change] = []

    def add(self, lock_id: int, kind: str, spans: Iterable[Span], *, used: bool = True) -> list[int]:
        """The ids of the new credentials, in both records; the door is made if need be."""
        if kind not in KINDS:
            raise ValueError(f"no credential is called {kind}")
        door = self.doors.setdefault(lock_id, Door(lock_id))
        ids = []
        for start, end in spans:
            one = Issued(self._number(), kind, start, end, used)
            door.cloud[one.id] = door.lock[one.id] = one
            self.codes[one.id] = f"{self._random.randrange(10**6):06d}"
            ids.append(one.id)
        return ids

    def door(self, lock_id: int) -> Door:
        """Raises Refused."""
        door = self.doors.get(lock_id)
        if door is None:
            raise Refused(-1003, "lock does not exist")
        return door

    def listed(self, lock_id: int, kind: str) -> list[Issued]:
        """As the cloud records them. Raises Refused."""
        return [one for one in self.door(lock_id).cloud.values() if one.kind == kind]

    def change(self, lock_id: int, credential: tuple[str, int], span: Span, change_type: int) -> None:
        """``credential``: kind and id. ``change_type`` 1: cloud only; 2: through the gateway. Raises Refused."""
        door, (kind, number) = self.door(lock_id), credential
        held = door.cloud.get(number)
        if held is None or held.kind != kind:
            raise Refused(-2009, "passcode does not exist")
        remote = change_type == 2
        if remote:
            self._reach(door, held)
        self._write(door, replace(held, start=span[0], end=span[1]), in_lock=remote)

    def change_ekey(self, number: int, span: Span) -> None:
        """An e-key lives in the cloud: no gateway is needed. Raises Refused."""
        for door in self.doors.values():
            held = door.cloud.get(number)
            if held is not None and held.kind == "ekey":
                self._write(door, replace(held, start=span[0], end=span[1]), in_lock=True)
                return
        raise Refused(-3, "invalid parameter: keyId")

    def _reach(self, door: Door, held: Issued) -> None:
        if door.troubles:
            code = door.troubles.popleft()
            raise Refused(code, "remote operation failed")
        if not door.online:
            raise Refused(-3002, "gateway is offline")
        if not held.used:
            raise Refused(-3008, "passcode was never used on the lock")

    def _write(self, door: Door, changed: Issued, *, in_lock: bool) -> None:
        door.cloud[changed.id] = changed
        if in_lock:
            door.lock[changed.id] = changed
        self.history.append(Change(self._clock(), door.id, changed.id, changed.start, changed.end, in_lock))

    def _number(self) -> int:
        return self._random.randrange(10**6, 10**8)
