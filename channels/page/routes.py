"""The page's HTTP door: looking changes nothing, acting takes a form token, a form key and the terms that were seen."""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
from aiohttp import web
from jinja2 import Environment

from .forms import ACTIONS, TENANT_REASONS, FormError, PageAction, opened, read_action, read_form
from .links import Link, LinkError, Links
from .view import PageView, Stage

log = logging.getLogger("xuzu.page")

BODY_MAX = 16 * 1024
COOKIE = "xuzu_page"
COOKIE_MAX = 64
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}

_OFFERING = {Stage.OFFERS, Stage.PREPARING}
SAID: dict[str, set[Stage]] = {
    "choose": {Stage.CONFIRM},
    "confirm": {Stage.CHECKING, Stage.PAY_FIRST, Stage.TALKING, Stage.SIGN},
    "deny": _OFFERING,
    "hesitate": _OFFERING,
    "counter": {Stage.OFFERS, Stage.CONFIRM},
    "human": set(Stage),
    "decline": {Stage.LEAVING},
    "mind": _OFFERING,
    "dispute": {Stage.TALKING},
    "money": {Stage.TALKING, Stage.PAY, Stage.SIGN},
}
"""Where each button leads when it worked; the page says thank you only there."""

HANDED = {("decline", Stage.SIGN), ("mind", Stage.LEAVING), ("mind", Stage.TALKING)}
"""Where only a person may do what was asked, and the rules have called one."""

_ANYWHERE = ("stale", "notnow", "handed")


class PageBusy(Exception):
    """The store does not answer, or the row is fought over: nothing was changed, the tenant may try again."""


class Page(Protocol):
    """What stands behind the page. Both raise PageBusy."""

    async def view(self, link: Link) -> PageView | None:
        """None: no such renewal. Changes nothing."""
        ...

    async def act(self, link: Link, action: PageAction) -> PageView:
        """Apply the event once per ``action.key``; what the page shows now."""
        ...


class PageDoor(msgspec.Struct, frozen=True):
    """``environment`` renders ``page/…`` with the words filters (see ``bot.rendering.page_environment``).

    ``secure``: the page is served over https, so the cookie is too.
    """

    page: Page
    links: Links
    environment: Environment
    now: Callable[[], datetime]
    secure: bool = False


def routes(door: PageDoor) -> list[web.RouteDef]:
    """GET and POST ``/r/{token}…`` and the page's two static files.

    A GET is never taken for the tenant's opening: scanners and previews fetch links too. The page's script posts
    ``/seen`` once it is really shown; without scripts the first button pressed implies it.
    """
    handlers = _Handlers(door)
    return [
        web.get("/r/{token}", handlers.show),
        web.post("/r/{token}/seen", handlers.seen),
        web.post("/r/{token}/{action}", handlers.act),
        web.get("/static/{name:page[.](?:css|js)}", handlers.static),
    ]


class _Stop(Exception):
    """The request ends here with a page that says why."""

    def __init__(self, status: int, trouble: str, detail: str = "") -> None:
        super().__init__(trouble)
        self.status, self.trouble, self.detail = status, trouble, detail


class _Handlers:
    def __init__(self, door: PageDoor) -> None:
        self._door = door
        self._files = {name: _source(door.environment, name) for name in ("page.css", "page.js")}
        self._stamps = {name: hashlib.sha256(raw).hexdigest()[:8] for name, raw in self._files.items()}

    async def show(self, request: web.Request) -> web.Response:
        try:
            link = self._link(request)
            view = await self._view(link)
        except (_Stop, PageBusy) as stop:
            return self._trouble(stop)
        cookie = request.cookies.get(COOKIE, "")[:COOKIE_MAX] or secrets.token_urlsafe(16)
        said = request.query.get("said", "")
        text = self._door.environment.get_template("page/page.html").render(
            lang="zh",
            view=view,
            path=f"/r/{request.match_info['token']}",
            csrf=self._door.links.form_token(link, cookie),
            fresh=lambda: uuid.uuid4().hex,
            said=said if view.stage in SAID.get(said, ()) or said in _ANYWHERE else "",
            reasons=[reason.value for reason in TENANT_REASONS],
            stamps=self._stamps,
        )
        response = _html(text, 200)
        response.set_cookie(COOKIE, cookie, path="/r/", httponly=True, samesite="Lax", secure=self._door.secure)
        return response

    async def seen(self, request: web.Request) -> web.Response:
        try:
            link, _ = await self._form(request)
            view = await self._view(link)
            if not view.seen:
                await self._door.page.act(link, opened(link, view.offer))
        except (_Stop, PageBusy) as stop:
            return self._trouble(stop)
        return web.Response(status=204, headers=HEADERS)

    async def act(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        try:
            link, form = await self._form(request)
            action = _action(name, form, link)
            view = await self._view(link)
            if not view.seen:
                await self._door.page.act(link, opened(link, view.offer))
            after = await self._door.page.act(link, action)
        except (_Stop, PageBusy) as stop:
            return self._trouble(stop)
        said = _said(name, after)
        return web.Response(
            status=303, headers={**HEADERS, "Location": f"/r/{request.match_info['token']}?said={said}"}
        )

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self._files[name], content_type=kind, charset="utf-8", headers=headers)

    def _link(self, request: web.Request) -> Link:
        try:
            return self._door.links.read(request.match_info["token"], self._door.now())
        except LinkError as fault:
            log.info("page refused: %s", fault)
            raise _Stop(410 if fault.kind == "expired" else 404, fault.kind) from None

    async def _view(self, link: Link) -> PageView:
        view = await self._door.page.view(link)
        if view is None:
            raise _Stop(404, "forged")
        return view

    async def _form(self, request: web.Request) -> tuple[Link, dict[str, str]]:
        """Token, size, shape, then the form's own token: in this order, and nothing is done before all four hold."""
        link = self._link(request)
        raw = await _body(request)
        if request.content_type != "application/x-www-form-urlencoded":
            raise _Stop(415, "form")
        try:
            form = read_form(raw)
        except FormError as fault:
            raise _Stop(400, "form", str(fault)) from None
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or not self._door.links.is_form_token(link, cookie, form.get("csrf", "")):
            log.info("page refused: form token missing or wrong")
            raise _Stop(403, "cookie")
        return link, form

    def _trouble(self, stop: _Stop | PageBusy) -> web.Response:
        status, trouble, detail = (
            (503, "busy", "") if isinstance(stop, PageBusy) else (stop.status, stop.trouble, stop.detail)
        )
        template = self._door.environment.get_template("page/trouble.html")
        return _html(template.render(lang="zh", trouble=trouble, detail=detail, stamps=self._stamps), status)


def _action(name: str, form: dict[str, str], link: Link) -> PageAction:
    if name not in ACTIONS:
        raise _Stop(404, "forged")
    try:
        return read_action(name, form, link)
    except FormError as fault:
        raise _Stop(400, "form", str(fault)) from None


def _said(name: str, after: PageView) -> str:
    if after.stage in SAID[name]:
        return name
    if (name, after.stage) in HANDED and not after.relet:
        return "handed"
    return "stale" if name in ("choose", "confirm") else "notnow"


async def _body(request: web.Request) -> bytes:
    """At most BODY_MAX bytes, counted while they come: a length header may be absent or a lie."""
    if (request.content_length or 0) > BODY_MAX:
        raise _Stop(413, "large")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(BODY_MAX):
        raw += chunk
        if len(raw) > BODY_MAX:
            raise _Stop(413, "large")
    return bytes(raw)


def _html(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def _source(environment: Environment, name: str) -> bytes:
    assert environment.loader is not None
    return environment.loader.get_source(environment, f"static/{name}")[0].encode()
