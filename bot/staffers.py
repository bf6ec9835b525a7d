"""Simulated staff: housekeepers, finance and legal work the open tasks through the desk's own door, in office hours."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import aiohttp
import msgspec

from bot.browsing import Unanswered
from bot.clock import SHANGHAI
from bot.cohort import Character
from bot.tenants import Tenant
from dialogs.effects import Task
from dialogs.events import (
    CallEnded,
    Claimed,
    CounterRejected,
    DisputeSettled,
    Event,
    InstalmentsAgreed,
    MoveOutDone,
    Released,
    StaffOffered,
    StayObserved,
)
from dialogs.money import Fen
from dialogs.offer import Offer, Proposal, RentStep
from dialogs.states import State

_BEYOND_US = frozenset({Task.REPAIR_CONTACT})
"""Nobody finds another number in the demo: these stay in the inbox."""
_TALKED_ABOUT = frozenset({Task.HANDOFF, Task.CALL, Task.CHASE_SIGNATURE, Task.CHASE_PAYMENT, Task.COUNTDOWN})
"""After these the tenant has spoken with somebody, and looks at their phone again."""
OFFICE_FROM, OFFICE_UNTIL = time(10, 0), time(18, 0)
DELAY = timedelta(minutes=40)


class Desk:
    """The desk's JSON door."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))

    async def tasks(self) -> list[dict[str, Any]]:
        """Open tasks. Raises Unanswered."""
        body = await self._ask("GET", "/desk/api/tasks", None)
        found: list[dict[str, Any]] = body["tasks"]
        return found

    async def tell(self, renewal_id: int, event: Event) -> None:
        """One staff event. Raises Unanswered."""
        await self._ask("POST", f"/desk/api/renewals/{renewal_id}/events", msgspec.json.encode(event))

    async def finish(self, task_id: int, actor: str, outcome: str) -> None:
        body = msgspec.json.encode({"actor": actor, "outcome": outcome})
        await self._ask("POST", f"/desk/api/tasks/{task_id}/done", body)

    async def settle_arrears(self, renewal_id: int) -> None:
        """The cashier books what the tenant paid over the counter: open bills and the missing deposit."""
        body = msgspec.json.encode({"actor": "cashier"})
        await self._ask("POST", f"/desk/api/renewals/{renewal_id}/settle", body)

    async def renewal(self, renewal_id: int) -> dict[str, Any]:
        return await self._ask("GET", f"/desk/api/renewals/{renewal_id}", None)

    async def close(self) -> None:
        await self._session.close()

    async def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.request(method, self._url + path, data=body, headers=headers) as answer:
                raw = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise Unanswered(type(fault).__name__) from None
        if answer.status >= 500:
            raise Unanswered(str(answer.status))
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {raw[:200].decode(errors='replace')}")
        found: dict[str, Any] = msgspec.json.decode(raw) if raw else {}
        return found


OpenDoor = Callable[[str], None]
"""A person at the door sets a code by hand; by lease number."""


class Staff:
    """Each open task is picked up after a while and answered as this tenant's story wants it."""

    def __init__(self, desk: Desk, tenants: Mapping[str, Tenant], seed: int, open_door: OpenDoor) -> None:
        self.desk = desk
        self._open_door = open_door
        self._tenants = tenants
        self._seed = seed
        self._planned: dict[int, datetime] = {}
        self._open: dict[int, dict[str, Any]] = {}

    async def look(self, now: datetime) -> None:
        """See what is new in the inbox and plan when to take it up. Raises Unanswered."""
        self._open = {int(one["id"]): one for one in await self.desk.tasks() if Task(one["kind"]) not in _BEYOND_US}
        for number in self._open:
            self._planned.setdefault(number, office(now + DELAY))

    def next_at(self) -> datetime | None:
        waiting = [self._planned[number] for number in self._open if number in self._planned]
        return min(waiting, default=None)

    async def pump(self, now: datetime) -> int:
        """Take up every task that is planned by now; how many. Raises Unanswered."""
        ready = [number for number in sorted(self._open) if self._planned[number] <= now]
        for number in ready:
            await self._handle(self._open[number], now)
            del self._open[number]
        return len(ready)

    async def _handle(self, task: dict[str, Any], now: datetime) -> None:
        renewal = await self.desk.renewal(int(task["renewal_id"]))
        tenant = self._tenants[renewal["lease_no"]]
        for event in self._answer(task, renewal, tenant, now):
            await self.desk.tell(int(task["renewal_id"]), event)
        if Task(task["kind"]) is Task.OPEN_DOOR:
            self._open_door(renewal["lease_no"])
        if Task(task["kind"]) in _TALKED_ABOUT:
            tenant.poke(now, hours=2)
        await self.desk.finish(int(task["id"]), task["assignee"] or task["desk"], "done")

    def _answer(self, task: dict[str, Any], renewal: dict[str, Any], tenant: Tenant, now: datetime) -> list[Event]:
        who, kind, state = task["assignee"] or task["desk"], Task(task["kind"]), State(renewal["state"])
        leaves = tenant.part.character is Character.SILENT_GOES
        if kind in (Task.HANDOFF, Task.AGREE_PLAN):
            return _talk(who, state, now)
        if kind is Task.CALL:
            return [CallEnded(actor=who, outcome=_call(tenant))]
        if kind is Task.PRICE_BY_HAND:
            return [StaffOffered(actor=who, offer=special(renewal, renewal["rent"], now))]
        if kind is Task.APPROVE_COUNTER:
            return self._counter(who, renewal, now)
        if kind is Task.SETTLE_DISPUTE:
            return [DisputeSettled(actor=who)]
        if kind is Task.CHECK_STAY:
            return [StayObserved(actor=who, stays=not leaves and tenant.phone.link() is not None)]
        if kind is Task.CHECK_MOVE_OUT and date.fromisoformat(renewal["end"]) < now.astimezone(SHANGHAI).date():
            return [MoveOutDone(actor=who)]
        return []

    def _counter(self, who: str, renewal: dict[str, Any], now: datetime) -> list[Event]:
        """Finance agrees to two of three, at three percent under the rent now."""
        luck = random.Random(f"{self._seed}:{renewal['lease_no']}:counter")
        if luck.random() < 2 / 3:
            rent = round(renewal["rent"] * 97 // 100, -3)
            return [StaffOffered(actor=who, offer=special(renewal, rent, now))]
        return [CounterRejected(actor=who)]


def _call(tenant: Tenant) -> str:
    if not tenant.phone.answers():
        return "wrong_number"
    silent = tenant.part.character in (Character.SILENT_GOES, Character.SILENT_STAYS, Character.OPENER)
    return "no_answer" if silent else "reached"


def _talk(who: str, state: State, now: datetime) -> list[Event]:
    """Claim, talk, and let go where the conversation stood."""
    if state is State.MONEY_TROUBLE or state is State.PAYING:
        until = (now + timedelta(days=5)).astimezone(SHANGHAI).date()
        return [Claimed(actor=who), InstalmentsAgreed(actor=who, until=until), Released(actor=who)]
    return [Claimed(actor=who), Released(actor=who)]


class Cashier:
    """Books what tenants pay at the desk, the next office hour."""

    def __init__(self, desk: Desk, tenants: Mapping[int, Tenant]) -> None:
        self._desk = desk
        self._tenants = tenants
        """By renewal id."""
        self._planned: dict[int, datetime] = {}

    async def pump(self, now: datetime) -> int:
        ready = [number for number in sorted(self._planned) if self._planned[number] <= now]
        for number in ready:
            await self._desk.settle_arrears(number)
            del self._planned[number]
            self._tenants[number].pays_at_desk = False
            self._tenants[number].poke(now, hours=1)
        return len(ready)

    async def look(self, now: datetime) -> None:
        for number, tenant in self._tenants.items():
            if tenant.pays_at_desk:
                self._planned.setdefault(number, office(now + DELAY))

    def next_at(self) -> datetime | None:
        return min(self._planned.values(), default=None)


def special(renewal: dict[str, Any], rent: int, now: datetime) -> Offer:
    """One proposal made by a person: twelve months at this rent. The rules number its version when it is taken in."""
    start = date.fromisoformat(renewal["end"]) + timedelta(days=1)
    end = date(start.year + 1, start.month, start.day) - timedelta(days=1)
    terms = Proposal("special", 1, (RentStep(12, Fen(rent)),), start, end, Fen(renewal["deposit_due"]))
    return Offer(1, (terms,), now + timedelta(days=10))


def office(when: datetime) -> datetime:
    """The same instant, or the next morning at the office."""
    local = when.astimezone(SHANGHAI)
    if local.time() < OFFICE_FROM:
        local = datetime.combine(local.date(), OFFICE_FROM, SHANGHAI)
    elif local.time() > OFFICE_UNTIL:
        local = datetime.combine(local.date() + timedelta(days=1), OFFICE_FROM, SHANGHAI)
    return local.astimezone(when.tzinfo)
