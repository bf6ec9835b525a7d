"""The pages people look at: renewals by state, one renewal whole, the report. They change nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
from aiohttp import web

from backend.db.port import Logged, OpenEffect, Stored, StoreDown
from backend.db.reach_port import Attempt
from dialogs.lease import next_no
from dialogs.rungs import Contact
from dialogs.states import State

from .access import COOKIE, SESSION, Access
from .desk import SHANGHAI, Desk, discreet, masked
from .diagram import draw, passed, way
from .report import report
from .script import script
from .words import desk_words

PER_PAGE = 50
DETAIL_MAX = 160
_TOLD_ELSEWHERE = ("event", "message", "terms_hash")
FORM_MAX = 4096
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Given = ParamSpec("Given")
Self_ = TypeVar("Self_", bound="Pages")
Handler = Callable[Concatenate[Self_, web.Request, Given], Awaitable[web.StreamResponse]]


def guarded(handler: Handler[Self_, []]) -> Handler[Self_, []]:
    """Only for people let in; a store that is away gets a page that says so."""

    @wraps(handler)
    async def asked(self: Self_, request: web.Request) -> web.StreamResponse:
        if not self.access.may_look(request, self.desk.now()):
            return self.locked(request)
        try:
            return await handler(self, request)
        except StoreDown:
            return self.page("trouble.html", request, 503, trouble="down")

    return asked


class Seen(msgspec.Struct, frozen=True):
    """The reach of one renewal: ways without their addresses, tries oldest first, since when links are dead."""

    contact: Contact
    tried: list[Attempt]
    links_dead: datetime | None


class Pages:
    def __init__(self, desk: Desk, access: Access) -> None:
        self.desk = desk
        self.access = access
        loader = desk.environment.loader
        assert loader is not None
        self._css = loader.get_source(desk.environment, "static/desk.css")[0].encode()
        self._words = desk_words(desk.environment)
        self._stamp = hashlib.sha256(self._css).hexdigest()[:8]

    @guarded
    async def renewals(self, request: web.Request) -> web.StreamResponse:
        """``/desk?state=…&after=<id>``: counts by state, then fifty renewals by id."""
        state = request.query.get("state", "")
        state = state if state in set(State) else ""
        after = int(number) if (number := request.query.get("after", "")).isdecimal() and len(number) < 16 else 0
        store, operator = self.desk.store, self.desk.operator
        counts, found = await asyncio.gather(
            store.count_by_state(operator),
            store.renewals(operator, state=state or None, limit=PER_PAGE + 1, after=after),
        )
        shown = found[:PER_PAGE]
        return self.page(
            "renewals.html",
            request,
            counts={one.value: counts.get(one.value, 0) for one in State},
            chosen=state,
            after=after,
            more=shown[-1].id if len(found) > PER_PAGE else 0,
            rows=[(one, masked(one.name)) for one in shown],
        )

    @guarded
    async def filing(self, request: web.Request) -> web.StreamResponse:
        """``/desk/renewals/{id}/filing``: what the city's form asks for about a renewed term, to copy or to print."""
        stored = await self.desk.store.load(int(request.match_info["id"]))
        if stored is None or stored.operator != self.desk.operator or stored.renewal.state is not State.RENEWED:
            return self.page("trouble.html", request, 404, trouble="missing")
        terms = stored.renewal.accepted
        assert terms is not None, "what was renewed was accepted"
        no = next_no(stored.renewal.lease.no, terms.start)
        return self.page("filing.html", request, stored=stored, name=masked(stored.name), terms=terms, no=no)

    @guarded
    async def renewal(self, request: web.Request) -> web.StreamResponse:
        """``/desk/renewals/{id}``: another operator's renewal does not exist here."""
        stored = await self.desk.store.load(int(request.match_info["id"]))
        if stored is None or stored.operator != self.desk.operator:
            return self.page("trouble.html", request, 404, trouble="missing")
        store = self.desk.store
        thread, log, timers, outbox, tasks, seen = await asyncio.gather(
            store.thread(stored.id),
            store.log(stored.id),
            store.timers(stored.id),
            store.outbox(stored.id),
            store.tasks(self.desk.operator, renewal_id=stored.id),
            self._seen(stored),
        )
        name = stored.name
        return self.page(
            "renewal.html",
            request,
            stored=stored,
            name=masked(name),
            thread=[(at, words, discreet(words.text, name)) for at, words in thread],
            log=[(one, _name(one), _detail(one), way(one.row)) for one in reversed(log)],
            timers=timers,
            outbox=[(one, _kind(one)) for one in outbox],
            tasks=tasks,
            deposit=await store.deposit_entries(self.desk.operator, stored.renewal.lease.no),
            quotes={words.id: discreet(words.text, name) for _, words in thread if words.author == "tenant"},
            contact=seen.contact,
            tried=seen.tried,
            links_dead=seen.links_dead,
            connected=self.desk.binding is not None,
            script=script(stored, tasks, seen.tried, self.desk.today()),
            diagrams=[
                (name, draw(stored.renewal.state, passed(one.row for one in log), upright=name == "upright"))
                for name in ("lying", "upright")
            ],
        )

    async def _seen(self, stored: Stored) -> Seen:
        store, desk = self.desk.store, self.desk
        ways, tried, dead = await asyncio.gather(
            store.ways(stored.tenant, desk.template, desk.now()),
            store.attempts(stored.id),
            store.links_dead_before(stored.id),
        )
        return Seen(ways.contact, tried, dead)

    @guarded
    async def funnel(self, request: web.Request) -> web.StreamResponse:
        """``/desk/report``."""
        return self.page("report.html", request, report=report(await self.desk.store.funnel(self.desk.operator)))

    async def door(self, request: web.Request) -> web.StreamResponse:
        if self.access.may_look(request, self.desk.now()):
            raise web.HTTPSeeOther("/desk", headers=HEADERS)
        return self.locked(request, 200)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """The posted key buys a session cookie. Ten wrong keys a minute, and everybody waits."""
        now = self.desk.now()
        if self.access.throttled(now):
            return self.page("enter.html", request, 429, wrong="slow")
        if (request.content_length or FORM_MAX + 1) > FORM_MAX:
            return self.page("enter.html", request, 413, wrong="key")
        said = (await request.post()).get("key", "")
        if not isinstance(said, str) or not self.access.is_key(said.strip()):
            self.access.note_failure(now)
            return self.page("enter.html", request, 403, wrong="key")
        response = web.Response(status=303, headers={**HEADERS, "Location": f"/desk?lang={lang_of(request)}"})
        response.set_cookie(
            COOKIE,
            self.access.session(now),
            path="/desk",
            httponly=True,
            samesite="Lax",
            secure=self.desk.secure,
            max_age=int(SESSION.total_seconds()),
        )
        return response

    async def leave(self, request: web.Request) -> web.StreamResponse:
        response = web.Response(status=303, headers={**HEADERS, "Location": "/desk/enter"})
        response.del_cookie(COOKIE, path="/desk")
        return response

    async def stylesheet(self, request: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self._css, content_type="text/css", charset="utf-8", headers=headers)

    def locked(self, request: web.Request, status: int = 401) -> web.Response:
        if self.access.open:
            return self.page("trouble.html", request, 403, trouble="address")
        return self.page("enter.html", request, status, wrong="")

    def page(self, template: str, request: web.Request, status: int = 200, **facts: object) -> web.Response:
        """One rendered page. ``lang`` comes from ``?lang=en``; Chinese otherwise."""
        lang = lang_of(request)
        text = self.desk.environment.get_template(f"console/{template}").render(
            lang=lang,
            say=lambda zh, en: en if lang == "en" else zh,
            reason=lambda text: self._words.reason(text, lang),
            name_of=lambda key, section: self._words.name(key, section, lang),
            here=_here(request),
            asked={key: value for key, value in request.query.items() if key in ("state", "after", "days")},
            today=self.desk.today(),
            shanghai=SHANGHAI,
            operator=self.desk.operator,
            stamp=self._stamp,
            inside=template != "enter.html",
            keyed=not self.access.open and template not in ("enter.html", "trouble.html"),
            **facts,
        )
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def lang_of(request: web.Request) -> str:
    """``en`` where the address asks for it, else ``zh``."""
    return "en" if request.query.get("lang") == "en" else "zh"


def _here(request: web.Request) -> str:
    """An address that can be looked at again: a form's own address cannot."""
    number = request.match_info.get("id")
    return request.path if number is None or request.method == "GET" else f"/desk/renewals/{number}"


def _name(one: Logged) -> str:
    return type(one.event).__name__


def _kind(one: OpenEffect) -> str:
    return type(one.effect).__name__


def _detail(one: Logged) -> str:
    """The event's own fields on one short line; events carry ids and amounts, never words of a person."""
    fields = {key: value for key, value in msgspec.to_builtins(one.event).items() if key not in _TOLD_ELSEWHERE}
    text = "  ".join(f"{key}={_short(value)}" for key, value in fields.items())
    return text if len(text) <= DETAIL_MAX else f"{text[:DETAIL_MAX]}…"


def _short(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
