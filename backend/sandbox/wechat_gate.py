"""WeChat's API door: tokens, limits of the day, an outage by the clock, and the bad days of single calls."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from aiohttp import web

from .wechat_book import Book, Overdrawn
from .wechat_faults import Fault
from .wechatpay_faults import Troubles

TOKEN_LIVES = timedelta(seconds=7200)
RENEWED_EARLY = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20
HANGS_SECONDS = 60
CHINA = timezone(timedelta(hours=8))
OVERDRAWN = (45009, 45015, 45047)
"""The day's quota, a window that closed, a window used up."""
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")
Act = Callable[[web.Request, dict[str, Any]], dict[str, Any]]
"""Request and body → what stands beside ``errcode`` in the answer. Raises Refused."""


class Refused(Exception):
    """Answered as ``errcode`` under HTTP 200."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode


@dataclass
class Token:
    text: str
    until: datetime


class Gate:
    def __init__(
        self, keys: tuple[str, str], book: Book, faults: Troubles[Fault], clock: Callable[[], datetime]
    ) -> None:
        """``keys``: (appid, secret)."""
        self.appid, self._secret = keys
        self._book = book
        self._faults = faults
        self._clock = clock
        self._luck = random.Random(self.appid)
        self._token: Token | None = None
        self._previous: Token | None = None
        self._forced: list[datetime] = []
        self._outages: list[tuple[datetime, datetime]] = []
        self._today: Counter[str] = Counter()
        self.daily: dict[str, int] = {}
        """Calls a day by path; more are refused with 45009 until midnight."""
        self.closing = asyncio.Event()

    def outage(self, begins: datetime, ends: datetime) -> None:
        """Between the two nobody is served: 503."""
        self._outages.append((begins, ends))

    def forget_token(self) -> None:
        self._token = self._previous = None

    def answering(self, act: Act) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            now, asked = self._clock(), dict[str, Any]()
            self._book.counts[f"calls{request.path.replace('/', '_')}"] += 1
            if any(begins <= now < ends for begins, ends in self._outages):
                self._book.counts["turned_away"] += 1
                return web.Response(status=503, text="<html>service unavailable</html>")
            try:
                asked = await _read(request)
                fault = self._fault(request.path, asked)
                self._before(fault)
                self._count(request.path, now)
                body = act(request, asked)
            except Refused as refused:
                self._note(refused, str(asked.get("touser", "")), now)
                return web.json_response({"errcode": refused.errcode, "errmsg": str(refused)})
            return await self._after(request, fault, body)

        return handle

    def stable_token(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("grant_type") != "client_credential":
            raise Refused(40013, "invalid appid")
        self.check_keys(body.get("appid"), body.get("secret"))
        now = self._clock()
        if self._token is None or self._token.until - now <= RENEWED_EARLY or self._force(body, now):
            self._previous = self._token
            self._token = Token(self._luck.randbytes(64).hex(), now + TOKEN_LIVES)
            self._book.counts["tokens"] += 1
        return {"access_token": self._token.text, "expires_in": int((self._token.until - now).total_seconds())}

    def check_keys(self, appid: object, secret: object) -> None:
        """Raises Refused."""
        if appid != self.appid:
            raise Refused(40013, "invalid appid")
        if secret != self._secret:
            raise Refused(40125, "invalid appsecret")

    def check_token(self, request: web.Request) -> None:
        """Raises Refused."""
        said, now = request.query.get("access_token", ""), self._clock()
        known = [one for one in (self._token, self._previous) if one is not None and one.text == said]
        if not known:
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")
        if known[0].until <= now:
            raise Refused(42001, "access_token expired")

    def _fault(self, path: str, asked: dict[str, Any]) -> Fault | None:
        """By whom a call is about, so that it does not matter who else calls; nobody's calls fail on order only."""
        if "touser" not in asked and not path.endswith("stable_token"):
            return self._faults.ordered()
        return self._faults.draw(f"{path} {asked.get('touser', '')} {asked.get('client_msg_id', '')}")

    def _count(self, path: str, now: datetime) -> None:
        key = f"{now.astimezone(CHINA).date()} {path}"
        if self._today[key] >= self.daily.get(path, self._today[key] + 1):
            raise Refused(45009, "reach max api daily quota limit")
        self._today[key] += 1

    def _note(self, refused: Refused, openid: str, now: datetime) -> None:
        self._book.counts[f"refused_{refused.errcode}"] += 1
        if refused.errcode in OVERDRAWN:
            self._book.overdrawn.append(Overdrawn(now, openid, refused.errcode))

    def _force(self, body: dict[str, Any], now: datetime) -> bool:
        """Twenty a day, thirty seconds apart; more of them simply give the token there is."""
        today = [at for at in self._forced if now - at < timedelta(days=1)]
        if not body.get("force_refresh") or len(today) >= FORCED_A_DAY or any(now - at < FORCED_APART for at in today):
            return False
        self._forced = [*today, now]
        return True

    def _before(self, fault: Fault | None) -> None:
        if fault is Fault.BUSY:
            raise Refused(-1, "system error")
        if fault is Fault.STALE_ACCESS:
            self.forget_token()

    async def _after(self, request: web.Request, fault: Fault | None, body: dict[str, Any]) -> web.StreamResponse:
        if fault is Fault.RESET_AFTER and request.transport is not None:
            request.transport.close()
        if fault is Fault.SILENT_AFTER:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), HANGS_SECONDS)
        return web.json_response({"errcode": 0, "errmsg": "ok", **body})


async def _read(request: web.Request) -> dict[str, Any]:
    if request.method == "GET":
        return {}
    raw = await request.read()
    if _ESCAPED.search(raw):
        raise Refused(40033, "invalid charset: please check your request, if include \\uxxxx will create fail!")
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refused(47001, "data format error") from None
    if not isinstance(body, dict):
        raise Refused(47001, "data format error")
    return body
