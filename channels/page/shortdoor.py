"""Where a short code out of an SMS is typed: it becomes a fresh link, or a page that tells nothing either way."""

from __future__ import annotations

import logging
from datetime import timedelta

from aiohttp import web

from .answers import Stop, see_other
from .codes import Tries, read_code
from .door import PageBusy
from .gate import Gate

log = logging.getLogger("xuzu.page")

TRIES_A_MINUTE = 120
"""Over all visitors of one process: typing is rare, guessing 40 bits at this pace takes longer than any code lives."""


class ShortDoor:
    """``GET /r`` asks for the code, ``POST /r`` reads it, ``GET /c/{code}`` is the code inside an address."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._tries = Tries(TRIES_A_MINUTE, timedelta(minutes=1))

    async def ask(self, request: web.Request) -> web.Response:
        return self._form(request)

    async def typed(self, request: web.Request) -> web.Response:
        try:
            form = await self._gate.form(request, None)
            path = await self._path(form.get("code", ""))
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        if path is None:
            return self._form(request, "这个代码打不开，可能输错了，也可能已经过期。请对照短信再输一次。", 404)
        return see_other(path)

    async def carried(self, request: web.Request) -> web.Response:
        """Changes nothing: a link is signed, not stored."""
        try:
            path = await self._path(request.match_info["code"])
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        return see_other("/r" if path is None else path)

    async def _path(self, said: str) -> str | None:
        """Raises Stop, PageBusy. Unknown, dead and expired codes look the same."""
        door = self._gate.door
        now = door.now()
        if not self._tries.take("codes", now):
            log.warning("too many short codes are tried")
            raise Stop(429, "crowded")
        code = read_code(said)
        found = await door.page.by_code(code) if code is not None else None
        if found is None or found[1] <= now:
            return None
        return f"/r/{door.links.mint(*found, now)}"

    def _form(self, request: web.Request, wrong: str = "", status: int = 200) -> web.Response:
        return self._gate.answer(request, self._gate.render(request, None, "code", wrong=wrong), status)
