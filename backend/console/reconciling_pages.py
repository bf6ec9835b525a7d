"""Reconciliation at the desk: what each day came to with each partner, and the differences somebody has to look at."""

from __future__ import annotations

from aiohttp import web

from .access import from_our_page
from .pages import HEADERS, Pages, guarded, lang_of

OUTCOME_MAX, ACTOR_MAX = 200, 40
SHOWN_MAX = 100


class ReconcilingPages(Pages):
    @guarded
    async def reconciliation(self, request: web.Request) -> web.StreamResponse:
        """``/desk/reconciliation``; ``?all=1`` shows what was closed, too."""
        desk, everything = self.desk, request.query.get("all") == "1"
        days = await desk.store.compared(desk.operator)
        found = await desk.store.differences(desk.operator, open_only=not everything, limit=SHOWN_MAX + 1)
        shown, more = found[:SHOWN_MAX], len(found) > SHOWN_MAX
        return self.page("reconciliation.html", request, days=days, found=shown, more=more, everything=everything)

    @guarded
    async def close_difference(self, request: web.Request) -> web.StreamResponse:
        """``POST /desk/reconciliation/{id}/done`` with actor and outcome: who looked, and what became of it."""
        if not from_our_page(request):
            return self.page("trouble.html", request, 403, trouble="foreign")
        form = await request.post()
        actor, outcome = _said(form.get("actor"), ACTOR_MAX), _said(form.get("outcome"), OUTCOME_MAX)
        if not actor or not outcome:
            return self.page("trouble.html", request, 400, trouble="unsaid")
        desk = self.desk
        number = int(request.match_info["id"])
        if not await desk.store.close_difference(desk.operator, number, actor, outcome, desk.now()):
            return self.page("trouble.html", request, 404, trouble="missing")
        there = f"/desk/reconciliation?lang={lang_of(request)}#differences"
        return web.Response(status=303, headers={**HEADERS, "Location": there})


def _said(value: object, longest: int) -> str:
    return value.strip()[:longest] if isinstance(value, str) else ""
