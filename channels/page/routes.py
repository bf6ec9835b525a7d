"""The page's HTTP door: looking changes nothing, acting takes a proof, a form token, a form key and the terms seen."""

from __future__ import annotations

import logging

from aiohttp import web
from yarl import URL

from .answers import BODY_MAX, NOSNIFF, Stop, headers, see_other
from .door import Page, PageBusy, PageDoor
from .forms import ACTIONS, TENANT_REASONS, FormError, PageAction, opened, read_action
from .gate import Gate, in_wechat
from .links import Link
from .notes import read_note
from .proof import PageSignature
from .proving import Proving
from .shortdoor import ShortDoor
from .view import PageView, Stage

__all__ = ["ANYWHERE", "BODY_MAX", "SAID", "Page", "PageBusy", "PageDoor", "routes"]

log = logging.getLogger("xuzu.page")

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
    "clause": {Stage.SIGN},
    "way": {Stage.PAY},
    "money": {Stage.TALKING, Stage.PAY, Stage.SIGN},
}
"""Where each button leads when it worked; the page says thank you only there."""

HANDED = {("decline", Stage.SIGN), ("mind", Stage.LEAVING), ("mind", Stage.TALKING)}
"""Where only a person may do what was asked, and the rules have called one."""

ANCHORS = {"clause": "#clauses"}
"""Where on the page it goes on."""

ANYWHERE = ("stale", "notnow", "handed")


def routes(door: PageDoor) -> list[web.RouteDef]:
    """GET and POST ``/r/{token}…``, the door of short codes (``/r``, ``/c/{code}``) and the page's two static files.

    A GET is never taken for the tenant's opening: scanners and previews fetch links too. The page's script posts
    ``/seen`` once it is really shown; without scripts the first button pressed implies it.
    """
    gate = Gate(door)
    proving, short = Proving(gate), ShortDoor(gate)
    handlers = _Handlers(gate, proving)
    return [
        web.get("/r{slash:/?}", short.ask),
        web.post("/r", short.typed),
        web.get("/c/{code}", short.carried),
        web.get("/r/{token}", handlers.show),
        *([] if door.proofs is None else _proof_routes(proving, handlers)),
        web.post("/r/{token}/seen", handlers.seen),
        web.post("/r/{token}/note", handlers.note),
        web.post("/r/{token}/{action}", handlers.act),
        web.get("/static/{name:page[.](?:css|js)}", handlers.static),
    ]


def _proof_routes(proving: Proving, handlers: _Handlers) -> list[web.RouteDef]:
    return [
        web.get("/r/{token}/wechat", proving.wechat),
        web.post("/r/{token}/digits", proving.digits),
        web.get("/r/{token}/passcode", proving.enter),
        web.post("/r/{token}/passcode", proving.passcode),
        web.post("/r/{token}/bind", handlers.bind),
    ]


class _Handlers:
    def __init__(self, gate: Gate, proving: Proving) -> None:
        self._gate = gate
        self._door = gate.door
        self._proving = proving

    async def show(self, request: web.Request) -> web.Response:
        try:
            link, proven = await self._gate.link(request)
            if not proven:
                return await self._proving.begin(request, link)
            view = await self._view(link)
            asking = await self._asking(request)
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        said = request.query.get("said", "")
        text = self._gate.render(
            request,
            link,
            "page",
            view=view,
            said=said if view.stage in SAID.get(said, ()) or said in ANYWHERE else "",
            reasons=[reason.value for reason in TENANT_REASONS],
            asking=asking,
            bindable=self._door.proofs is not None and self._door.proofs.wechat and not in_wechat(request),
            in_wechat=in_wechat(request),
        )
        return self._gate.answer(request, text, scripts=str(URL(asking.script).origin()) if asking else "")

    async def seen(self, request: web.Request) -> web.Response:
        try:
            link = await self._gate.proven(request)
            await self._gate.form(request, link)
            view = await self._view(link)
            if not view.seen:
                await self._door.page.act(link, opened(link, view.offer))
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        return web.Response(status=204, headers=headers())

    async def note(self, request: web.Request) -> web.Response:
        try:
            link = await self._gate.proven(request)
            form = await self._gate.form(request, link)
            await self._door.page.note(link, read_note(form, link, request.headers.get("User-Agent", "")))
        except FormError as fault:
            return self._gate.trouble(Stop(400, "form", str(fault)))
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        return web.Response(status=204, headers=headers())

    async def act(self, request: web.Request) -> web.Response:
        name, home = request.match_info["action"], f"/r/{request.match_info['token']}"
        try:
            link = await self._gate.proven(request)
            action = _action(name, await self._gate.form(request, link), link, home)
            view = await self._view(link)
            if not view.seen:
                await self._door.page.act(link, opened(link, view.offer))
            after = await self._door.page.act(link, action)
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        return see_other(f"{home}?said={_said(name, after)}{ANCHORS.get(name, '')}")

    async def bind(self, request: web.Request) -> web.Response:
        """A picture to scan with WeChat; asked for by a form because it makes a one-time scene."""
        try:
            link = await self._gate.proven(request)
            await self._gate.form(request, link)
            assert self._door.proofs is not None
            picture = await self._door.proofs.binding_qr(link)
            if picture is None:
                raise Stop(503, "busy")
        except (Stop, PageBusy) as stop:
            return self._gate.trouble(stop)
        text = self._gate.render(request, link, "bind", picture=picture)
        return self._gate.answer(request, text, images=str(URL(picture).origin()))

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        lasting = {"Cache-Control": "public, max-age=31536000, immutable"} | NOSNIFF
        return web.Response(body=self._gate.files[name], content_type=kind, charset="utf-8", headers=lasting)

    async def _view(self, link: Link) -> PageView:
        view = await self._door.page.view(link)
        if view is None:
            raise Stop(404, "forged")
        return view

    async def _asking(self, request: web.Request) -> PageSignature | None:
        """What it takes to ask for notices by subscription: only inside WeChat, only where it is set up."""
        if self._door.proofs is None or not in_wechat(request):
            return None
        return await self._door.proofs.page_signature(self._door.public_url.rstrip("/") + request.path_qs)


def _action(name: str, form: dict[str, str], link: Link, home: str) -> PageAction:
    if name not in ACTIONS:
        raise Stop(404, "forged")
    try:
        return read_action(name, form, link)
    except FormError as fault:
        raise Stop(400, "form", str(fault), home) from None


def _said(name: str, after: PageView) -> str:
    if after.stage in SAID[name]:
        return name
    if (name, after.stage) in HANDED and not after.relet:
        return "handed"
    return "stale" if name in ("choose", "confirm") else "notnow"
