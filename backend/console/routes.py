"""The console's HTTP doors: pages for people, a small API for the desk's own programs."""

from __future__ import annotations

from aiohttp import web

from .access import Access
from .api import Api
from .desk import Desk
from .pages import Pages


def routes(desk: Desk) -> list[web.RouteDef]:
    """``/desk…``, ``/desk/api/…`` and ``/static/desk.css``. Raises ValueError for an empty access key."""
    access = Access(desk.key)
    pages, api = Pages(desk, access), Api(desk, access)
    return [
        web.get("/desk", pages.renewals),
        web.get("/desk/enter", pages.door),
        web.post("/desk/enter", pages.enter),
        web.post("/desk/leave", pages.leave),
        web.get("/desk/report", pages.funnel),
        web.get("/desk/renewals/{id:[0-9]{1,15}}", pages.renewal),
        web.get("/static/desk.css", pages.stylesheet),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/events", api.post_event),
        web.get("/desk/api/renewals/{id:[0-9]{1,15}}", api.get_renewal),
        web.post("/desk/api/renewals/{id:[0-9]{1,15}}/settle", api.post_settled),
        web.get("/desk/api/tasks", api.get_tasks),
        web.post("/desk/api/tasks/{id:[0-9]{1,15}}/done", api.finish_task),
    ]
