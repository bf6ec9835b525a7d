"""The way in: a true link that is not revoked, the browser's own cookie, and a proof that this is the tenant."""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from typing import Any

from aiohttp import web

from .answers import Stop, html, posted
from .door import PageBusy, PageDoor
from .links import Link, LinkError
from .proof import How, is_proven, proof_cookie, seal_proof

log = logging.getLogger("xuzu.page")

COOKIE = "xuzu_page"
COOKIE_MAX = 64
BROWSER = web.RequestKey("browser", str)
STATUS = {"expired": 410, "forged": 404}


class Gate:
    """What all handlers of one door share."""

    def __init__(self, door: PageDoor) -> None:
        self.door = door
        self.files = {name: self._source(name) for name in ("page.css", "page.js")}
        self._stamps = {name: hashlib.sha256(raw).hexdigest()[:8] for name, raw in self.files.items()}

    async def link(self, request: web.Request) -> tuple[Link, bool]:
        """The link, and whether its tenant proved themselves in this browser. Raises Stop, PageBusy."""
        now = self.door.now()
        try:
            link = self.door.links.read(request.match_info["token"], now)
        except LinkError as fault:
            log.info("page refused: %s", fault)
            raise Stop(STATUS[fault.kind], fault.kind) from None
        dead_before = await self.door.page.dead_before(link)
        if dead_before is not None and link.issued_at < dead_before:
            log.info("page refused: link revoked")
            raise Stop(410, "revoked")
        cookie = request.cookies.get(proof_cookie(link), "")
        return link, self.door.proofs is None or is_proven(self.door.links, link, cookie, now, dead_before)

    async def proven(self, request: web.Request) -> Link:
        """Raises Stop where nobody is proven: what such a form says does not count."""
        link, proven = await self.link(request)
        if not proven:
            raise Stop(403, "unproven", back=f"/r/{request.match_info['token']}")
        return link

    async def form(self, request: web.Request, link: Link | None) -> dict[str, str]:
        """Size, shape, then the form's own token: nothing is done before all three hold. Raises Stop."""
        form = await posted(request)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or not self.door.links.is_form_token(link, cookie, form.get("csrf", "")):
            log.info("page refused: form token missing or wrong")
            raise Stop(403, "cookie")
        return form

    def render(self, request: web.Request, link: Link | None, name: str, **more: Any) -> str:
        """The words of one page with what every form on it needs."""
        token = request.match_info.get("token", "")
        return self.door.environment.get_template(f"page/{name}.html").render(
            lang="zh",
            path=f"/r/{token}" if token else "/r",
            csrf=self.door.links.form_token(link, browser(request)),
            fresh=lambda: uuid.uuid4().hex,
            stamps=self._stamps,
            **more,
        )

    def answer(self, request: web.Request, text: str, status: int = 200, **origins: str) -> web.Response:
        """The page, with the browser's own cookie."""
        response = html(text, status, **origins)
        self.remember(response, COOKIE, browser(request))
        return response

    def trouble(self, stop: Stop | PageBusy) -> web.Response:
        found = Stop(503, "busy") if isinstance(stop, PageBusy) else stop
        template = self.door.environment.get_template("page/trouble.html")
        words = {"trouble": found.trouble, "detail": found.detail, "back": found.back}
        return html(template.render(lang="zh", stamps=self._stamps, **words), found.status)

    def prove(self, response: web.Response, link: Link, how: How) -> None:
        value, seconds = seal_proof(self.door.links, link, how, self.door.now())
        self.remember(response, proof_cookie(link), value, seconds)
        log.info("page of renewal %s: proven by %s", link.renewal_id, how)

    def remember(self, response: web.Response, name: str, value: str, seconds: int | None = None) -> None:
        secure = self.door.secure
        response.set_cookie(name, value, path="/r", httponly=True, samesite="Lax", secure=secure, max_age=seconds)

    def _source(self, name: str) -> bytes:
        environment = self.door.environment
        assert environment.loader is not None
        return environment.loader.get_source(environment, f"static/{name}")[0].encode()


def browser(request: web.Request) -> str:
    """The browser's own cookie, or a fresh one, the same for the whole request."""
    if BROWSER not in request:
        request[BROWSER] = request.cookies.get(COOKIE, "")[:COOKIE_MAX] or secrets.token_urlsafe(16)
    return request[BROWSER]


def in_wechat(request: web.Request) -> bool:
    """Inside WeChat's own browser (channels 1.6)."""
    return "MicroMessenger" in request.headers.get("User-Agent", "")
