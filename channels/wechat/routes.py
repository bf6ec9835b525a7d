"""The service account's callback: authenticate, decrypt, hear, and answer in the same breath, after the commit."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import hdrs, web
from wechatpy.replies import TextReply

from channels.port import Inbound, Refused

from .config import WeChatConfig
from .crypto import BODY_MAX, Envelope, Opened
from .inbound import inbound
from .wording import chat_text, harmless

log = logging.getLogger("xuzu.wechat")

PATH = "/callbacks/wechat"
Hear = Callable[[Inbound], Awaitable[str | None]]


def routes(config: WeChatConfig, hear: Hear, now: Callable[[], datetime]) -> list[web.RouteDef]:
    """GET = the console's address check, POST = a push. ``hear`` returns the passive reply, or None for silence.

    A push that says several things is heard thing by thing, in order; the first reply answers it. When ``hear`` fails
    the answer is 500: WeChat asks again with the same message number, and what was heard already has the same key.
    """
    envelope = Envelope(config)

    async def check(request: web.Request) -> web.Response:
        try:
            return web.Response(text=envelope.check_address(request.query, now()))
        except Refused as refused:
            return _refusal(refused)

    async def push(request: web.Request) -> web.Response:
        try:
            opened = envelope.open(request.query, await _body(request), now())
            heard = inbound(opened.fields, config.appid, opened.entries)
        except Refused as refused:
            return _refusal(refused)
        try:
            replies = [await hear(one) for one in heard]
        except Exception:
            log.exception("a push of kind %s could not be applied; WeChat will ask again", heard[0].kind)
            return web.Response(status=500)
        return _answer(envelope, opened, next((one for one in replies if one is not None), None), now())

    return [web.get(PATH, check), web.post(PATH, push)]


async def _body(request: web.Request) -> bytes:
    """Never more than the limit is held, whatever the header says; WeChat compresses nothing. Raises Refused."""
    if request.headers.get(hdrs.CONTENT_ENCODING):
        raise Refused(415, "compressed")
    if (request.content_length or 0) > BODY_MAX:
        raise Refused(413, "body too large")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(BODY_MAX):
        raw += chunk
        if len(raw) > BODY_MAX:
            raise Refused(413, "body too large")
    return bytes(raw)


def _answer(envelope: Envelope, opened: Opened, reply: str | None, now: datetime) -> web.Response:
    if not reply:
        return web.Response(text="success")
    answer = TextReply(
        source=harmless(opened.fields.get("ToUserName", "")),
        target=harmless(opened.fields["FromUserName"]),
        content=chat_text(harmless(reply)),
        time=int(now.timestamp()),
    )
    return web.Response(text=envelope.seal(opened, answer.render(), now), content_type="application/xml")


def _refusal(refused: Refused) -> web.Response:
    log.warning("push refused (%d): %s", refused.status, refused)
    return web.Response(status=refused.status)
