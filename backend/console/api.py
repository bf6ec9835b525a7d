"""The desk's small API: one staff event as JSON, and the open tasks; a wrong field is named."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from aiohttp import web

from backend.db.port import Stored, StoreDown
from dialogs.events import (
    ArrearsPaid,
    BillPosted,
    CallEnded,
    Claimed,
    ContactRepaired,
    CounterRejected,
    DeclinedByOperator,
    DisputeSettled,
    InstalmentsAgreed,
    MoveOutDone,
    PutOnHold,
    Released,
    Resumed,
    Staffed,
    StaffOffered,
    StayObserved,
    UnitRelet,
    WaiverGranted,
)
from dialogs.receivables import owed
from dialogs.renewal import Renewal

from .access import Access
from .cashier import settle
from .desk import Desk

log = logging.getLogger("xuzu.console")

BODY_MAX = 16 * 1024
ACTOR_MAX = 64
OUTCOME_MAX = 500

StaffEvent = (
    ArrearsPaid | BillPosted | CallEnded | Claimed | ContactRepaired | CounterRejected | DeclinedByOperator
    | DisputeSettled | InstalmentsAgreed | MoveOutDone | PutOnHold | Released | Resumed | StaffOffered | StayObserved
    | UnitRelet | WaiverGranted
)  # fmt: skip
"""What may come in by this door: what staff do, and what the finance desk's ledger says."""

_EVENT: msgspec.json.Decoder[StaffEvent] = msgspec.json.Decoder(StaffEvent)

Body = TypeVar("Body")
_FIELD = re.compile(r"field `(\w+)`|at `\$\.?([^`]*)`")


class TaskDone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who finished a task, and how it came out."""

    actor: str
    outcome: str


class CountedMoney(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who took the money at the counter."""

    actor: str


class ApiError(Exception):
    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field


class Api:
    def __init__(self, desk: Desk, access: Access) -> None:
        self.desk = desk
        self.access = access

    async def post_event(self, request: web.Request) -> web.Response:
        """``POST /desk/api/renewals/{id}/events``; answers where the renewal stands after the event."""
        try:
            renewal_id = int(request.match_info["id"])
            event = decode(await self.body(request), _EVENT)
            if isinstance(event, Staffed):
                named(event.actor)
            await self.own(renewal_id)
            await self.desk.deliver(renewal_id, event)
            stored = await self.own(renewal_id)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer(_standing(stored))

    async def get_renewal(self, request: web.Request) -> web.Response:
        """``GET /desk/api/renewals/{id}``: money in fen, dates of Shanghai; nobody's name or phone."""
        try:
            self.check(request)
            stored = await self.own(int(request.match_info["id"]))
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({**_standing(stored), **_facts(stored.renewal)})

    async def post_settled(self, request: web.Request) -> web.Response:
        """``POST /desk/api/renewals/{id}/settle`` with actor: open bills and missing deposit paid at the counter."""
        try:
            money = decode(await self.body(request), _MONEY)
            named(money.actor)
            stored = await self.own(int(request.match_info["id"]))
            settled = await settle(self.desk, stored, money.actor)
            stored = await self.own(stored.id)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({**_standing(stored), "bills": settled.bills, "deposit_held": settled.deposit})

    async def get_tasks(self, request: web.Request) -> web.Response:
        """``GET /desk/api/tasks``: the open tasks of this operator, oldest first."""
        try:
            self.check(request)
            tasks = await self.desk.store.tasks(self.desk.operator)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({"tasks": tasks})

    async def finish_task(self, request: web.Request) -> web.Response:
        """``POST /desk/api/tasks/{id}/done`` with actor and outcome.

        Safe to repeat: a task done or dropped before stays as it was, and answers with the outcome it has.
        """
        try:
            done = decode(await self.body(request), _DONE)
            named(done.actor)
            if not 0 < len(done.outcome) <= OUTCOME_MAX:
                raise ApiError(400, f"say in 1 to {OUTCOME_MAX} characters how it came out", "outcome")
            number = int(request.match_info["id"])
            outcome = await self._finished(number, done)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({"id": number, "outcome": outcome})

    async def _finished(self, number: int, done: TaskDone) -> str:
        """The outcome the task has now."""
        store, operator = self.desk.store, self.desk.operator
        if any(task.id == number for task in await store.tasks(operator)) and await store.finish_task(
            number, done.actor, done.outcome, self.desk.now()
        ):
            return done.outcome
        for task in await store.tasks(operator, open_only=False):
            if task.id == number:
                return task.outcome
        raise ApiError(404, "no task has this id", "id")

    async def own(self, renewal_id: int) -> Stored:
        stored = await self.desk.store.load(renewal_id)
        if stored is None or stored.operator != self.desk.operator:
            raise ApiError(404, "no renewal has this id", "id")
        return stored

    def check(self, request: web.Request) -> None:
        if not self.access.may_call(request):
            log.warning("desk API refused: key missing or wrong")
            raise ApiError(401, "send the desk's key as Authorization: Bearer <key>")

    async def body(self, request: web.Request) -> bytes:
        """JSON only: a foreign web page cannot post that content type without being asked first."""
        self.check(request)
        if request.content_type != "application/json":
            raise ApiError(415, "send JSON with Content-Type: application/json")
        raw = bytearray()
        async for chunk in request.content.iter_chunked(BODY_MAX):
            raw += chunk
            if len(raw) > BODY_MAX:
                raise ApiError(413, f"more than {BODY_MAX} bytes")
        return bytes(raw)


_DONE = msgspec.json.Decoder(TaskDone)
_MONEY = msgspec.json.Decoder(CountedMoney)


def named(actor: str) -> None:
    if not 0 < len(actor) <= ACTOR_MAX:
        raise ApiError(400, f"an actor of 1 to {ACTOR_MAX} characters is needed", "actor")


def _standing(stored: Stored) -> dict[str, object]:
    return {"id": stored.id, "state": stored.renewal.state, "version": stored.version}


def _facts(renewal: Renewal) -> dict[str, object]:
    lease = renewal.lease
    return {
        "lease_no": lease.no,
        "unit": lease.unit,
        "start": lease.start,
        "end": lease.end,
        "rent": lease.rent,
        "deposit_due": lease.deposit_due,
        "deposit_held": lease.deposit_held if renewal.deposit_held is None else renewal.deposit_held,
        "owing": owed(renewal.bills),
        "owner": renewal.owner.person,
        "offer": renewal.offer,
        "counter": renewal.counter,
        "accepted": renewal.accepted,
        "loss": renewal.loss,
    }


def answer(fields: Mapping[str, object]) -> web.Response:
    return web.Response(body=msgspec.json.encode(fields), content_type="application/json")


def decode(raw: bytes, decoder: msgspec.json.Decoder[Body]) -> Body:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as wrong:
        found = _FIELD.search(str(wrong))
        field = (found.group(1) or found.group(2)) if found else ""
        raise ApiError(400, str(wrong), field) from None
    except msgspec.DecodeError as wrong:
        raise ApiError(400, f"not JSON: {wrong}") from None


def failed(fault: ApiError | StoreDown) -> web.Response:
    if isinstance(fault, StoreDown):
        return web.json_response({"error": {"field": "", "message": "the store is down, try again"}}, status=503)
    return web.json_response({"error": {"field": fault.field, "message": str(fault)}}, status=fault.status)
