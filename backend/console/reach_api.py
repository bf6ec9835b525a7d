"""Reach for the desk's own programs: the report, old links killed, a code that binds a WeChat."""

from __future__ import annotations

import msgspec
from aiohttp import web

from backend.db.port import StoreDown
from backend.db.reach_port import Attempt

from .api import Api, ApiError, answer, decode, failed, named
from .deeds import binding_picture, revoke_links
from .reach import HORIZONS, Line, horizon, last_end, reach_report


class Acting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who does it."""

    actor: str


_ACTING = msgspec.json.Decoder(Acting)


class ReachApi(Api):
    async def get_reach(self, request: web.Request) -> web.Response:
        """``GET /desk/api/reach?days=7``: counts by sight, and each lease; days are 20, 14 or 7."""
        desk, today = self.desk, self.desk.today()
        asked = request.query.get("days", "7")
        try:
            self.check(request)
            if asked not in {str(days) for days in HORIZONS}:
                raise ApiError(400, f"one of {', '.join(map(str, HORIZONS))}", "days")
            days = horizon(asked)
            rows = await desk.store.reach_report(desk.operator, last_end(today, days))
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        report = reach_report(rows, days, today)
        return answer({"days": days, "counts": report.counts, "leases": [_lease(line) for line in report.lines]})

    async def post_revoked(self, request: web.Request) -> web.Response:
        """``POST /desk/api/renewals/{id}/links/revoke`` with actor; there is no way back. Safe to repeat."""
        try:
            named(decode(await self.body(request), _ACTING).actor)
            stored = await self.own(int(request.match_info["id"]))
            await revoke_links(self.desk, stored)
            dead = await self.desk.store.links_dead_before(stored.id)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({"id": stored.id, "links_dead_before": dead})

    async def post_binding(self, request: web.Request) -> web.Response:
        """``POST /desk/api/renewals/{id}/binding`` with actor: the address of a picture to scan, good once."""
        try:
            named(decode(await self.body(request), _ACTING).actor)
            stored = await self.own(int(request.match_info["id"]))
            picture = await binding_picture(self.desk, stored)
            if picture is None:
                raise ApiError(503, "WeChat is not connected, or does not answer")
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({"id": stored.id, "picture": picture})

    async def get_attempts(self, request: web.Request) -> web.Response:
        """``GET /desk/api/renewals/{id}/attempts``: oldest first; prices in li (厘); no address, no name."""
        try:
            self.check(request)
            stored = await self.own(int(request.match_info["id"]))
            tried = await self.desk.store.attempts(stored.id)
        except (ApiError, StoreDown) as fault:
            return failed(fault)
        return answer({"id": stored.id, "attempts": [_tried(one) for one in tried]})


def _lease(line: Line) -> dict[str, object]:
    lease = line.lease
    return {
        "renewal": lease.renewal_id,
        "lease_no": lease.lease_no,
        "unit": f"{lease.community} {lease.room}",
        "end": lease.end,
        "days_left": line.left,
        "housekeeper": lease.housekeeper,
        "sight": line.sight,
        "task": lease.task,
        "attempts": lease.attempts,
        "last_failure": {"word": line.failure, "code": line.code} if line.failure else None,
    }


def _tried(one: Attempt) -> dict[str, object]:
    """Without the key and the provider's reference: they name a person's message at the provider."""
    return {
        "rung": one.rung,
        "message": one.message,
        "status": one.status,
        "begun_at": one.begun_at,
        "settled_at": one.settled_at,
        "via": one.via,
        "segments": one.segments,
        "price": one.price,
        "failure": one.failure,
        "code": one.code,
    }
