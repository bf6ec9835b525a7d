"""Reach at the desk: the report, and the two things staff can do about it — kill old links, bind a WeChat."""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from backend.db.port import Stored

from .access import from_our_page
from .deeds import binding_picture, revoke_links
from .pages import HEADERS, Pages, guarded, lang_of
from .reach import HORIZONS, horizon, last_end, reach_report

SHOWN_MAX = 300
"""Lines on one page; the worst come first, and the counts are of all."""


class ReachPages(Pages):
    @guarded
    async def reach(self, request: web.Request) -> web.StreamResponse:
        """``/desk/reach?days=7``: every live lease that ends within so many days, whoever is without first."""
        desk, today = self.desk, self.desk.today()
        days = horizon(request.query.get("days", ""))
        rows = await desk.store.reach_report(desk.operator, last_end(today, days))
        report = reach_report(rows, days, today)
        shown = report.lines[:SHOWN_MAX]
        return self.page("reach.html", request, report=report, shown=shown, horizons=HORIZONS)

    @guarded
    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """``POST /desk/renewals/{id}/links/revoke``: no link made until now opens the page any more."""
        if not from_our_page(request):
            return self.page("trouble.html", request, 403, trouble="foreign")
        stored = await self._mine(request)
        if stored is None:
            return self.page("trouble.html", request, 404, trouble="missing")
        await revoke_links(self.desk, stored)
        seen = f"/desk/renewals/{stored.id}?lang={lang_of(request)}#links"
        return web.Response(status=303, headers={**HEADERS, "Location": seen})

    @guarded
    async def bind(self, request: web.Request) -> web.StreamResponse:
        """``POST /desk/renewals/{id}/binding``: a code for the tenant to scan, made now, good once."""
        if not from_our_page(request):
            return self.page("trouble.html", request, 403, trouble="foreign")
        stored = await self._mine(request)
        if stored is None:
            return self.page("trouble.html", request, 404, trouble="missing")
        picture = await binding_picture(self.desk, stored)
        connected = self.desk.binding is not None
        facts = {"stored": stored, "picture": picture, "connected": connected}
        page = self.page("binding.html", request, 200 if picture else 503, **facts)
        if picture:
            page.headers["Content-Security-Policy"] = showing(picture)
        return page

    async def _mine(self, request: web.Request) -> Stored | None:
        stored = await self.desk.store.load(int(request.match_info["id"]))
        return stored if stored is not None and stored.operator == self.desk.operator else None


def showing(picture: str) -> str:
    """The pages' policy with room for one picture from elsewhere: its origin, and nothing else of the address."""
    url = URL(picture)
    origin = f"'self' {url.origin()}" if url.absolute else "'self'"
    return HEADERS["Content-Security-Policy"].replace("img-src 'self'", f"img-src {origin}")
