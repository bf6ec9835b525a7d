"""A phone in the browser: pick a tenant, read their WeChat and SMS, type, tap, follow, and let the time run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from .phone_acts import ACTS, move_clock
from .phone_desk import NotNowError, Person, PhoneDesk
from .phone_view import TABS, PhoneView, Spot, stamp

PATH = "/sandbox/phone"
FORM_MAX = 8 * 1024
"""Bytes of a posted form: 600 Chinese characters, each percent-encoded in nine, and room."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_TYPES = {"phone.css": "text/css", "phone.js": "text/javascript"}


def phone_routes(desk: PhoneDesk, account: str = "寓居生活") -> list[web.RouteDef]:
    """``GET /sandbox/phone?p=<person>&tab=<wechat|sms>`` is the page, ``…/news`` what changed of it as JSON.

    ``POST …/{act}`` plays the person (``ACTS``, and ``clock``): a script that says ``X-Phone`` gets the news, a
    plain form is sent back to the page. 404 for an unknown person or act, 403 for a form of another site.
    """
    phone = _Phone(desk, PhoneView(account))
    return [
        web.get(PATH, phone.show),
        web.get(f"{PATH}/news", phone.news),
        web.post(PATH + "/{act}", phone.act),
        web.get(PATH + "/{file:phone[.](?:css|js)}", phone.file),
    ]


class _Phone:
    def __init__(self, desk: PhoneDesk, view: PhoneView) -> None:
        self._desk = desk
        self._view = view
        self._clock_moves = asyncio.Lock()

    async def show(self, request: web.Request) -> web.Response:
        spot = await self._spot(request)
        return _html(await self._view.page(self._desk, spot))

    async def news(self, request: web.Request) -> web.Response:
        """JSON ``{"parts": {name: [stamp, html]}}`` of those whose stamp is not the one the query names; else 204."""
        spot = await self._spot(request)
        changed = await self._changed(request, spot)
        if not changed:
            return web.Response(status=204, headers=HEADERS)
        return web.json_response({"parts": changed}, headers=HEADERS)

    async def act(self, request: web.Request) -> web.Response:
        if _is_foreign(request):
            raise web.HTTPForbidden(text="another site's form")
        if _size(request) > FORM_MAX:
            raise web.HTTPRequestEntityTooLarge(FORM_MAX, _size(request))
        spot, trouble = await self._spot(request), ""
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        try:
            await self._carry_out(request.match_info["act"], spot, fields)
        except NotNowError as not_now:
            trouble = str(not_now)
        if "X-Phone" in request.headers:
            told = {"parts": await self._changed(request, spot), "trouble": trouble}
            return web.json_response(told, headers=HEADERS)
        if trouble:
            return _html(await self._view.page(self._desk, spot, trouble), 409)
        where = urlencode({"p": spot.person, "tab": spot.tab}) if spot.person else ""
        raise web.HTTPSeeOther(f"{PATH}?{where}" if where else PATH, headers=HEADERS)

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["file"]
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self._view.files[name], content_type=_TYPES[name], charset="utf-8", headers=headers)

    async def _carry_out(self, act: str, spot: Spot, fields: Mapping[str, str]) -> None:
        """Raises NotNowError, HTTPNotFound."""
        if act == "clock":
            if self._clock_moves.locked():
                raise NotNowError("时钟正在走，稍等一下")
            async with self._clock_moves:
                await move_clock(self._desk, fields)
            return
        person = await self._person(spot.person)
        if act not in ACTS or person is None:
            raise web.HTTPNotFound
        await ACTS[act](self._desk, person, fields)

    async def _spot(self, request: web.Request) -> Spot:
        """Raises HTTPNotFound for somebody who is not there."""
        key, tab = request.query.get("p", ""), request.query.get("tab", "wechat")
        if (key and await self._person(key) is None) or tab not in TABS:
            raise web.HTTPNotFound
        return Spot(key, tab)

    async def _person(self, key: str) -> Person | None:
        return next((one for one in await self._desk.people() if one.key == key), None)

    async def _changed(self, request: web.Request, spot: Spot) -> dict[str, tuple[str, str]]:
        parts = await self._view.parts(self._desk, spot)
        stamped = {name: (stamp(html), html) for name, html in parts.items()}
        return {name: one for name, one in stamped.items() if request.query.get(name) != one[0]}


def _is_foreign(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _size(request: web.Request) -> int:
    """Bytes of the body; one that does not say counts as too many."""
    if request.content_length is not None:
        return request.content_length
    return FORM_MAX + 1 if request.can_read_body else 0


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)
