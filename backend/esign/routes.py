"""The e-sign provider's door: a callback is verified over its raw bytes before anything else is done with it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from .port import ESign, ESignError, Notice, NotOurs

log = logging.getLogger("xuzu.esign")

BODY_LIMIT = 64 * 1024

Hear = Callable[[Notice], Awaitable[object]]


def routes(esign: ESign, hear: Hear, path: str = "/callbacks/fadada") -> list[web.RouteDef]:
    """``POST path``: 200 and the provider's ack once ``hear`` returned, 403 when it is not signed, 413 too long.

    ``hear`` raises NotOurs for an envelope nobody here opened: acknowledged, since calling again would not help.
    Whatever else it raises becomes a 500: Fadada calls again after 3 min, 30 min and 8 h (providers sheet, section 1).
    A verified callback about something else than an envelope is acknowledged and dropped.
    """

    async def called(request: web.Request) -> web.Response:
        raw = await _body(request)
        try:
            notice = esign.parse_notice(request.headers, raw)
        except ESignError as fault:
            log.warning("callback refused: %s", fault)
            return web.Response(status=403, text="not verified")
        try:
            if notice.ref:
                await hear(notice)
        except NotOurs:
            log.warning("callback for an unknown envelope: %s", notice.ref[:64])
        except ESignError as fault:
            log.warning("callback could not be followed up (%s); it is called again", fault)
            return web.Response(status=500)
        return web.Response(body=esign.ack, content_type="text/plain")

    return [web.post(path, called)]


async def _body(request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > BODY_LIMIT:
            log.warning("callback refused: over %d bytes", BODY_LIMIT)
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(raw))
    return bytes(raw)
