"""The console's HTTP doors: pages for people, a small API for the desk's own programs."""

from __future__ import annotations

from aiohttp import web

from .access import Access
from .desk import Desk
from .reach_api import ReachApi
from .reach_pages import ReachPages
from .reconciling_pages import ReconcilingPages


def routes(desk: Desk) -> list[web.RouteDef]:
    """``/desk…``, ``/desk/api/…`` and ``/static/desk.css``. Raises ValueError for an empty access key."""
    access = Access(desk.key)
    pages, api = ReachPages(desk, access), ReachApi(desk, access)
    reconciling = ReconcilingPages(desk, access)
    return [
        web.get("/desk", pages.renewals),
        web.get("/desk/enter", pages.door),
        web.post("/desk/enter", pages.enter),
        web.post("/desk/leave", pages.leave),
        web.get("/desk/report", pages.funnel),
        web.get("/desk/reach", pages.reach),
        web.get("/desk/reconciliation", reconciling.reconciliation),
        web.post("/desk/reconciliation/{id:[0-9]{1,15}}/done", reconciling.close_difference),
        web.get("/desk/renewals/{id:[0-9]{1,15}}", pages.renewal),
        web.get("/desk/renewals/{id:[0-9]{1,15}}/filing", pages.filing),
        web.post("/desk/renewals/{id:[0-9]{1,15}}/links/revoke", pages.revoke),
        web.post("/desk/renewals/{id:[0-9]{1,15}}/binding", pages.bind),
        web.get("/static/desk.css", pages.stylesheet),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/events", api.post_event),
        web.get("/desk/api/renewals/{id:[0-9]{1,15}}", api.get_renewal),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/settle", api.post_settled),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/links/revoke", api.post_revoked),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/binding", api.post_binding),
        web.get("/desk/api/renewals/{id:[0-9]{1,15}}/attempts", api.get_attempts),
        web.get("/desk/api/reach", api.get_reach),
        web.get("/desk/api/tasks", api.get_tasks),
        web.post("/desk/api/tasks/{id:[0-9]{1,15}}/done", api.finish_task),
    ]
