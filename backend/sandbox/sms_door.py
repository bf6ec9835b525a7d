"""A vendor's front door on its bad days: an outage by the clock, and what befalls single calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from .sms_faults import Fault
from .wechatpay_faults import Troubles

BODY_LIMIT = 64 * 1024
HANGS_SECONDS = 60
Act = Callable[[web.Request], Awaitable[web.Response]]
Clock = Callable[[], datetime]


class Door:
    """``busy``: the vendor's own words for "too many at once".

    ``number``: whom a call is about; a fault befalls the same person's calls, in whatever order calls arrive.
    """

    def __init__(
        self, clock: Clock, faults: Troubles[Fault], busy: Callable[[], web.Response], number: Callable[..., str]
    ) -> None:
        """``number`` is asked with the request and its body."""
        self._clock = clock
        self._faults = faults
        self._busy = busy
        self._number = number
        self._outages: list[tuple[datetime, datetime, bool]] = []
        self._closing = asyncio.Event()
        self.turned_away = 0

    def outage(self, begins: datetime, ends: datetime, cut: bool = False) -> None:
        """Between the two nobody is served: 503, or with ``cut`` the connection is closed without a word."""
        self._outages.append((begins, ends, cut))

    def app(self, act: Act, on_close: Callable[[], Awaitable[None]]) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, act)

        async def shut(_: web.Application) -> None:
            self._closing.set()
            await on_close()

        app.router.add_post("/", handle)
        app.on_shutdown.append(shut)
        return app

    async def _answer(self, request: web.Request, act: Act) -> web.StreamResponse:
        now = self._clock()
        down = [cut for begins, ends, cut in self._outages if begins <= now < ends]
        if down:
            self.turned_away += 1
            if any(down) and request.transport is not None:
                request.transport.close()
            return web.Response(status=503, text="<html>service unavailable</html>")
        fault = self._faults.draw(self._number(request, await request.read()))
        if fault is Fault.BUSY:
            return self._busy()
        answer = await act(request)
        if fault is Fault.BROKEN_AFTER:
            return web.Response(status=502, text="<html>bad gateway</html>")
        if fault is Fault.RESET_AFTER and request.transport is not None:
            request.transport.close()
        if fault is Fault.SILENT_AFTER:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), HANGS_SECONDS)
        return answer
