"""The desk's small API: one staff event as JSON, and the open tasks; a wrong field is named."""

from __future__ import annotations

import logging
import re
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

from .access import Access
from .desk import Desk

log = logging.getLogger("xuzu.console")

BODY_MAX = 16 * 1024
ACTOR_MAX = 64

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


class ApiError(Exception):
    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field


class Api:
    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def post_event(self, request: web.Request) -> web.Response:
        """``POST /desk/api/renewals/{id}/events``; answers where the renewal stands after the event."""
        try:
            renewal_id = int(request.match_info["id"])
            event = _decode(await self._body(request), _EVENT)
            if isinstance(event, Staffed) and not 0 < len(event.actor) <= ACTOR_MAX:
                raise ApiError(400, f"a staff event needs an actor of 1 to {ACTOR_MAX} characters", "actor")
            await self._own(renewal_id)
            await self._desk.deliver(renewal_id, event)
            stored = await self._own(renewal_id)
        except (ApiError, StoreDown) as fault:
            return _failed(fault)
        state = stored.renewal.state.value
        return web.json_response({"id": stored.id, "state": state, "version": stored.version})

    async def get_tasks(self, request: web.Request) -> web.Response:
        """``GET /desk/api/tasks``: the open tasks of this operator, oldest first."""
        try:
            self._check(request)
            tasks = await self._desk.store.tasks(self._desk.operator)
        except (ApiError, StoreDown) as fault:
            return _failed(fault)
        return web.json_response({"tasks": [msgspec.to_builtins(task) for task in tasks]})

    async def finish_task(self, request: web.Request) -> web.Response:
        """``POST /desk/api/tasks/{id}/done`` with actor and outcome; a task done already stays as it was (409)."""
        try:
            done = _decode(await self._body(request), msgspec.json.Decoder(TaskDone))
            if not done.outcome or not 0 < len(done.actor) <= ACTOR_MAX:
                raise ApiError(400, "actor and outcome must not be empty", "outcome" if done.actor else "actor")
            number = int(request.match_info["id"])
            if number not in {task.id for task in await self._desk.store.tasks(self._desk.operator)}:
                raise ApiError(404, "no open task has this id", "id")
            if not await self._desk.store.finish_task(number, done.actor, done.outcome, self._desk.now()):
                raise ApiError(409, "somebody finished this task first", "id")
        except (ApiError, StoreDown) as fault:
            return _failed(fault)
        return web.json_response({"id": number, "outcome": done.outcome})

    async def _own(self, renewal_id: int) -> Stored:
        stored = await self._desk.store.load(renewal_id)
        if stored is None or stored.operator != self._desk.operator:
            raise ApiError(404, "no renewal has this id", "id")
        return stored

    def _check(self, request: web.Request) -> None:
        if not self._access.may_call(request):
            log.warning("desk API refused: key missing or wrong")
            raise ApiError(401, "send the desk's key as Authorization: Bearer <key>")

    async def _body(self, request: web.Request) -> bytes:
        """JSON only: a foreign web page cannot post that content type without being asked first."""
        self._check(request)
        if request.content_type != "application/json":
            raise ApiError(415, "send JSON with Content-Type: application/json")
        raw = bytearray()
        async for chunk in request.content.iter_chunked(BODY_MAX):
            raw += chunk
            if len(raw) > BODY_MAX:
                raise ApiError(413, f"more than {BODY_MAX} bytes")
        return bytes(raw)


def _decode(raw: bytes, decoder: msgspec.json.Decoder[Body]) -> Body:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as wrong:
        found = _FIELD.search(str(wrong))
        field = (found.group(1) or found.group(2)) if found else ""
        raise ApiError(400, str(wrong), field) from None
    except msgspec.DecodeError as wrong:
        raise ApiError(400, f"not JSON: {wrong}") from None


def _failed(fault: ApiError | StoreDown) -> web.Response:
    if isinstance(fault, StoreDown):
        return web.json_response({"error": {"field": "", "message": "the store is down, try again"}}, status=503)
    return web.json_response({"error": {"field": fault.field, "message": str(fault)}}, status=fault.status)
