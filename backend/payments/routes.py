"""The payers' doors: a callback is verified over its raw bytes before anything else is done with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from .deduction import Deductions
from .port import Notice, PayError, Payments

log = logging.getLogger("xuzu.payments")

BODY_LIMIT = 64 * 1024

Hear = Callable[[Notice], Awaitable[object]]


def routes(payments: Payments | Deductions, hear: Hear) -> list[web.RouteDef]:
    """``POST /callbacks/<name>``: the provider's own ack once ``hear`` returned, 401 not signed by it, 413 too long.

    Whatever ``hear`` raises becomes a 500, and the provider calls again on its own schedule (providers sheet 2.3).
    """

    async def called(request: web.Request) -> web.Response:
        raw = await _body(request)
        try:
            notice = payments.parse_notice(request.headers, raw)
        except PayError as fault:
            log.warning("callback refused: %s", fault)
            return web.json_response({"code": "FAIL", "message": "not verified"}, status=401)
        try:
            await hear(notice)
        except PayError as fault:
            log.warning("callback could not be followed up (%s); it is called again", fault)
            return web.Response(status=500)
        ack = payments.heard
        return web.Response(status=ack.status, body=ack.body or None, content_type=ack.content_type)

    return [web.post(f"/callbacks/{payments.name}", called)]


async def _body(request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > BODY_LIMIT:
            log.warning("callback refused: over %d bytes", BODY_LIMIT)
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(raw))
    return bytes(raw)
