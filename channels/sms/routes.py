"""The vendors' callbacks: behind a secret path, from known addresses, every entry heard before the answer."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from channels.port import Inbound, Refused

from .callbacks import aliyun_reports, aliyun_texts, tencent_reports, tencent_texts
from .config import SmsConfig

log = logging.getLogger("xuzu.sms")

BODY_MAX = 64 * 1024
Hear = Callable[[Inbound], Awaitable[str | None]]
Parse = Callable[[bytes, datetime], list[Inbound]]

_ALIYUN = {"code": 0, "msg": "ok"}
_TENCENT = {"result": 0, "errmsg": "OK"}
_DOORS: dict[str, tuple[Parse, dict[str, object]]] = {
    "aliyun/report": (aliyun_reports, {**_ALIYUN}),
    "aliyun/up": (aliyun_texts, {**_ALIYUN}),
    "tencent/report": (tencent_reports, {**_TENCENT}),
    "tencent/up": (tencent_texts, {**_TENCENT}),
}


def routes(config: SmsConfig, hear: Hear, now: Callable[[], datetime]) -> list[web.RouteDef]:
    """POST ``/callbacks/sms/<secret>/<vendor>/<report|up>``. A failing ``hear`` is 500: the vendor comes again."""

    async def push(request: web.Request) -> web.Response:
        door = _DOORS.get(f"{request.match_info['vendor']}/{request.match_info['what']}")
        try:
            _admit(request, config)
            if door is None:
                raise Refused(404, "no such callback")
            parse, answer = door
            found = parse(await _body(request), now())
        except Refused as refused:
            log.warning("sms callback refused (%d): %s", refused.status, refused)
            return web.Response(status=refused.status)
        try:
            for one in found:
                await hear(one)
        except Exception:
            log.exception("an sms callback could not be applied; the vendor will come again")
            return web.Response(status=500)
        return web.json_response(answer)

    return [web.post("/callbacks/sms/{secret}/{vendor}/{what}", push)]


def _admit(request: web.Request, config: SmsConfig) -> None:
    """Raises Refused. Neither vendor signs: the path is the password, the address a second one."""
    if not hmac.compare_digest(request.match_info["secret"].encode(), config.secret.encode()):
        raise Refused(404, "wrong secret")
    if config.sources and request.remote not in config.sources:
        raise Refused(403, "from an address that is not on the list")


async def _body(request: web.Request) -> bytes:
    """Raises Refused."""
    raw = bytearray()
    async for chunk in request.content.iter_chunked(BODY_MAX):
        raw += chunk
        if len(raw) > BODY_MAX:
            raise Refused(413, "body too large")
    return bytes(raw)
