"""What WeChat does for pages: who opened one (OAuth), a ticket for its script, codes to be scanned."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from .wechat_book import Book
from .wechat_gate import Gate, Refused

CODE_LIVES = timedelta(minutes=5)
TICKET_LIVES = 7200
QR_MOST = 2_592_000
"""Seconds a temporary code may live: thirty days."""
COOKIE = "sandbox_openid"
"""Whose phone a browser is: set by the phone page; a real phone simply knows."""
_SQUARE = 25


@dataclass
class Code:
    openid: str
    until: datetime
    used: bool = False


class Pages:
    """``host``: the 网页授权域名, an exact host; empty: any."""

    def __init__(self, gate: Gate, book: Book, clock: Callable[[], datetime], seed: int) -> None:
        self._gate = gate
        self._book = book
        self._clock = clock
        self._luck = random.Random(f"{seed}:pages")
        self._codes: dict[str, Code] = {}
        self._scenes: dict[str, tuple[str, datetime]] = {}
        self.host = ""

    def routes(self) -> list[web.RouteDef]:
        answering = self._gate.answering
        return [
            web.get("/connect/oauth2/authorize", self._authorize),
            web.get("/sns/oauth2/access_token", answering(self._access_token)),
            web.get("/cgi-bin/ticket/getticket", answering(self._ticket)),
            web.post("/cgi-bin/qrcode/create", answering(self._qrcode)),
            web.get("/cgi-bin/showqrcode", self._picture),
            web.get("/cgi-bin/user/info", answering(self._user)),
        ]

    def scene(self, ticket: str) -> str | None:
        """What a phone that scans this picture reads; None: no such picture, or too old."""
        scene, until = self._scenes.get(ticket, ("", self._clock()))
        return scene if until > self._clock() else None

    def newest_scene(self) -> str:
        """Of the codes that still live; empty: none does."""
        return next((scene for scene, until in reversed(self._scenes.values()) if until > self._clock()), "")

    async def _authorize(self, request: web.Request) -> web.Response:
        """Silent authorisation: the phone's owner is sent on with a code; ``openid`` in the query says whose it is."""
        query = request.query
        openid = query.get("openid") or request.cookies.get(COOKIE, "")
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("appid") != self._gate.appid or query.get("response_type") != "code":
            return web.Response(status=400, text="invalid appid or response_type")
        if query.get("scope") != "snsapi_base" or not target.scheme.startswith("http"):
            return web.Response(status=400, text="invalid scope or redirect_uri")
        if self.host and target.hostname != self.host:
            return web.Response(status=400, text="redirect_uri domain is not the configured one")
        if openid not in self._book.followers:
            return web.Response(status=403, text="open this in WeChat")
        code = self._luck.randbytes(16).hex()
        self._codes[code] = Code(openid, self._clock() + CODE_LIVES)
        joint = "&" if target.query else "?"
        said = urlencode({"code": code, "state": query.get("state", "")})
        raise web.HTTPFound(f"{query['redirect_uri']}{joint}{said}")

    def _access_token(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        self._gate.check_keys(request.query.get("appid"), request.query.get("secret"))
        if request.query.get("grant_type") != "authorization_code":
            raise Refused(40002, "invalid grant_type")
        code = self._codes.get(request.query.get("code", ""))
        if code is None or code.until <= self._clock():
            raise Refused(40029, "invalid code")
        if code.used:
            raise Refused(40163, "code been used")
        code.used = True
        return {
            "access_token": self._luck.randbytes(16).hex(),
            "expires_in": TICKET_LIVES,
            "refresh_token": self._luck.randbytes(16).hex(),
            "openid": code.openid,
            "scope": "snsapi_base",
        }

    def _ticket(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        self._gate.check_token(request)
        if request.query.get("type") != "jsapi":
            raise Refused(40097, "invalid args")
        return {"ticket": random.Random(f"{self._gate.appid}:ticket").randbytes(43).hex(), "expires_in": TICKET_LIVES}

    def _qrcode(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._gate.check_token(request)
        info = body.get("action_info")
        scene = info.get("scene") if isinstance(info, dict) else None
        said = scene.get("scene_str") if isinstance(scene, dict) else None
        seconds = body.get("expire_seconds")
        if body.get("action_name") != "QR_STR_SCENE" or not isinstance(said, str) or not 0 < len(said) <= 64:
            raise Refused(40053, "invalid action info")
        if not isinstance(seconds, int) or not 0 < seconds <= QR_MOST:
            raise Refused(40052, "invalid expire_seconds")
        ticket = self._luck.randbytes(32).hex()
        self._scenes[ticket] = (said, self._clock() + timedelta(seconds=seconds))
        return {"ticket": ticket, "expire_seconds": seconds}

    async def _picture(self, request: web.Request) -> web.Response:
        """Looks like a code; a phone of this sandbox reads the ticket, no camera could."""
        ticket = request.query.get("ticket", "")
        if self.scene(ticket) is None:
            return web.Response(status=404, text="no such ticket")
        return web.Response(text=_drawn(ticket), content_type="image/svg+xml")

    def _user(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        self._gate.check_token(request)
        follower = self._book.followers.get(request.query.get("openid", ""))
        if follower is None:
            raise Refused(40003, "invalid openid")
        return {"subscribe": int(follower.follows), "openid": follower.openid}


def _drawn(ticket: str) -> str:
    """Squares drawn from the ticket, with the three corner marks of a real code."""
    luck, cells = random.Random(ticket), []
    for y in range(_SQUARE):
        for x in range(_SQUARE):
            in_corner = min(x, _SQUARE - 1 - x) < 8 and min(y, _SQUARE - 1 - y) < 8 and not (x > 16 and y > 16)
            if not in_corner and luck.random() < 0.5:
                cells.append(f"M{x} {y}h1v1h-1z")
    corners = "".join(
        f'<path d="M{x} {y}h7v7h-7z" fill="#000"/><path d="M{x + 1} {y + 1}h5v5h-5z" fill="#fff"/>'
        f'<path d="M{x + 2} {y + 2}h3v3h-3z" fill="#000"/>'
        for x, y in ((0, 0), (_SQUARE - 7, 0), (0, _SQUARE - 7))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {_SQUARE + 4} {_SQUARE + 4}" width="290" height="290">'
        f'<title>{escape(ticket)}</title><path d="M-2 -2h{_SQUARE + 4}v{_SQUARE + 4}h-{_SQUARE + 4}z" fill="#fff"/>'
        f'<path d="{"".join(cells)}" fill="#000"/>{corners}</svg>'
    )
