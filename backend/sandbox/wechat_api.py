"""WeChat's API as seen from the wire: stable tokens, templates, custom messages, each with its refusals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from .wechat_book import ONCE_WITHIN, Book, Follower, Shown
from .wechat_faults import Fault
from .wechatpay_faults import Troubles

TOKEN_LIVES = timedelta(seconds=7200)
RENEWED_EARLY = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)
FORCED_A_DAY = 20
TEXT_BYTES = 2048
MENU_MAX = 10
LIMITS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "amount": 12, "const": 20}
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")


class Refused(Exception):
    """Answered as ``errcode`` under HTTP 200."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode


@dataclass
class Token:
    text: str
    until: datetime


class Api:
    def __init__(
        self, appid: str, secret: str, book: Book, faults: Troubles[Fault], clock: Callable[[], datetime]
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._book = book
        self._faults = faults
        self._clock = clock
        self._luck = random.Random(appid)
        self._token: Token | None = None
        self._previous: Token | None = None
        self._forced: list[datetime] = []
        self.receipts: list[tuple[Follower, int, str]] = []
        """(follower, msgid, status) of templates sent, to be pushed back."""
        self.closing = asyncio.Event()
        self.menus_allowed = True
        """Some accounts are refused menus at run time."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/stable_token", self._answering(self._stable_token)),
            web.post("/cgi-bin/message/template/send", self._answering(self._template)),
            web.post("/cgi-bin/message/custom/send", self._answering(self._custom)),
            web.get("/cgi-bin/user/info", self._answering(self._user)),
        ]

    def forget_token(self) -> None:
        self._token = self._previous = None

    def _answering(self, act: Callable[[web.Request, dict[str, Any]], dict[str, Any]]) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._book.counts[f"calls{request.path.replace('/', '_')}"] += 1
            try:
                asked = await _read(request)
                fault = self._faults.draw(f"{request.path} {asked.get('touser', '')} {asked.get('client_msg_id', '')}")
                self._before(fault)
                body = act(request, asked)
            except Refused as refused:
                return web.json_response({"errcode": refused.errcode, "errmsg": str(refused)})
            return await self._after(request, fault, body)

        return handle

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
                await asyncio.wait_for(self.closing.wait(), 60)
        return web.json_response({"errcode": 0, "errmsg": "ok", **body})

    def _stable_token(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("grant_type") != "client_credential" or body.get("appid") != self._appid:
            raise Refused(40013, "invalid appid")
        if body.get("secret") != self._secret:
            raise Refused(40125, "invalid appsecret")
        now = self._clock()
        if self._token is None or self._token.until - now <= RENEWED_EARLY or self._force(body, now):
            self._previous = self._token
            self._token = Token(self._luck.randbytes(64).hex(), now + TOKEN_LIVES)
            self._book.counts["tokens"] += 1
        return {"access_token": self._token.text, "expires_in": int((self._token.until - now).total_seconds())}

    def _force(self, body: dict[str, Any], now: datetime) -> bool:
        """Twenty a day, thirty seconds apart; more of them simply give the token there is."""
        today = [at for at in self._forced if now - at < timedelta(days=1)]
        if not body.get("force_refresh") or len(today) >= FORCED_A_DAY or any(now - at < FORCED_APART for at in today):
            return False
        self._forced = [*today, now]
        return True

    def _template(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        follower = self._follower(body)
        if not body.get("template_id") or not isinstance(body.get("data"), dict):
            raise Refused(40037, "invalid template_id")
        values = {
            name: str(one.get("value", "")) if isinstance(one, dict) else "" for name, one in body["data"].items()
        }
        for name, value in values.items():
            if not _fits(name.rstrip("0123456789"), value):
                raise Refused(47003, f"argument invalid! data.{name}.value invalid")
        return {"msgid": self._send_template(follower, body, values)}

    def _send_template(self, follower: Follower, body: dict[str, Any], values: dict[str, str]) -> int:
        now, key = self._clock(), str(body.get("client_msg_id") or "")
        earlier = follower.sent.get(key) if key else None
        if earlier is not None and now - earlier[0] <= ONCE_WITHIN:
            self._book.counts["repeats_withheld"] += 1
            return earlier[1]
        number = self._book.number()
        if key:
            follower.sent[key] = (now, number)
        self._book.counts["templates"] += 1
        self.receipts.append((follower, number, "failed:user block" if follower.blocks else "success"))
        if not follower.blocks:
            title, *_ = [*values.values(), ""]
            lines = " · ".join(values.values())
            follower.shown.append(Shown(now, "template", lines, str(body.get("url", "")), title))
        return number

    def _custom(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        follower, now = self._follower(body), self._clock()
        text, items = self._words(body)
        if len(text.encode()) > TEXT_BYTES:
            raise Refused(45002, "content size out of limit")
        if follower.until is None or now > follower.until:
            raise Refused(45015, "response out of time limit or subscription is canceled")
        if follower.left <= 0:
            raise Refused(45047, "out of response count limit")
        follower.left -= 1
        follower.shown.append(Shown(now, "custom", text, link_in(text), items=items))
        self._book.counts["customs"] += 1
        return {}

    def _words(self, body: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Text, or a menu's head and items: 40200 where this account may send none, 45098 for a list too long."""
        kind = str(body.get("msgtype"))
        inside = body.get(kind)
        if kind not in ("text", "msgmenu") or not isinstance(inside, dict):
            raise Refused(40008, "invalid message type")
        if kind == "text":
            if not inside.get("content"):
                raise Refused(40008, "invalid message type")
            return str(inside["content"]), ()
        if not self.menus_allowed:
            raise Refused(40200, "invalid account type")
        listed = inside.get("list")
        if not isinstance(listed, list) or not 0 < len(listed) <= MENU_MAX:
            raise Refused(45098, "menu list size out of limit")
        items = tuple((str(one.get("id", "")), str(one.get("content", ""))) for one in listed)
        return f"{inside.get('head_content', '')}\n{inside.get('tail_content', '')}".strip(), items

    def _user(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        follower = self._book.followers.get(request.query.get("openid", ""))
        if follower is None:
            raise Refused(40003, "invalid openid")
        return {"subscribe": int(follower.follows), "openid": follower.openid}

    def _check_token(self, request: web.Request) -> None:
        said, now = request.query.get("access_token", ""), self._clock()
        known = [one for one in (self._token, self._previous) if one is not None and one.text == said]
        if not known:
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")
        if known[0].until <= now:
            raise Refused(42001, "access_token expired")

    def _follower(self, body: dict[str, Any]) -> Follower:
        follower = self._book.followers.get(str(body.get("touser", "")))
        if follower is None:
            raise Refused(40003, "invalid openid")
        if not follower.follows:
            raise Refused(43004, "require subscribe")
        if follower.refuses:
            raise Refused(48002, "user refuse to accept the msg")
        return follower


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


def _fits(kind: str, value: str) -> bool:
    """Not empty, not too long, and no Chinese where the kind takes none."""
    return 0 < len(value) <= LIMITS.get(kind, 32) and (kind != "character_string" or value.isascii())


def link_in(text: str) -> str:
    found = re.search(r"https?://[^\s\u3000-\u9fff，。）)]+", text)
    return found.group(0) if found else ""
