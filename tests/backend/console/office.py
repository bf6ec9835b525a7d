"""A small office: one lease of a small operator in a real store, under the real rules, and the console in front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.console.desk import Binding, Desk
from backend.console.routes import routes
from backend.db.port import LeaseRow, LedgerBill, Person, Store, Stored, StoreDown, Window
from bot.policies import Policies
from bot.rendering import page_environment
from bot.turn import Turned, Turns
from dialogs.effects import AnyEffect
from dialogs.events import AnyEvent, Chose, Confirmed, OfferPrepared, PageOpened, Verdict, VerdictReached
from dialogs.lease import Comps, Lease, Party, Role
from dialogs.money import yuan
from tests.journeys.samples import BILL, NAME, NOW, TEMPLATES, TODAY, lease

OPERATOR, OTHERS = "寓居生活", "邻家公寓"
KEY = "a-key-for-the-desk"
PHONE = "13800008812"


class Away:
    """A store whose database does not answer, whatever it is asked."""

    def __getattr__(self, name: str) -> object:
        async def unanswered(*wish: object, **more: object) -> None:
            raise StoreDown(name)

        return unanswered


@dataclass
class StillClock:
    """Stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def move(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Office:
    """``client`` keeps cookies; ``url`` is where the console answers."""

    store: Store
    turns: Turns
    clock: StillClock
    client: aiohttp.ClientSession
    url: str
    key: str | None = None

    async def looks(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def enters(self, key: str = KEY) -> int:
        async with self.client.post(self.url + "/desk/enter", data={"key": key}, allow_redirects=False) as answer:
            return answer.status

    async def posts(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """A form of the desk's own pages, as a browser posts it; where it leads stands in the headers."""
        sent = {"Sec-Fetch-Site": "same-origin"} | headers
        async with self.client.post(self.url + path, headers=sent, allow_redirects=False) as answer:
            return answer.status, await answer.text(), dict(answer.headers)

    async def asks(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """The API, as one of the desk's own programs calls it."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        raw = None if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        if raw is not None:
            sent["Content-Type"] = "application/json"
        async with self.client.request(method, self.url + path, data=raw, headers=sent | headers) as answer:
            return answer.status, dict(msgspec.json.decode(await answer.read()))

    async def opens_lease(self, one: Lease | None = None, *bills: LedgerBill, operator: str = OPERATOR) -> Stored:
        """Into the ledger, and its window opened."""
        one = one or lease()
        people = (Person(one.tenant.id, NAME, PHONE),)
        await self.store.import_leases(operator, [LeaseRow(one, people, bills)], one.no, NOW)
        await self.store.open_window(operator, Window(TODAY, 45, {one.end: NOW}, "T-30", 1), NOW)
        rows = await self.store.renewals(operator)
        return next(row for row in rows if row.renewal.lease.no == one.no)

    async def happens(self, stored: Stored, *events: AnyEvent) -> list[AnyEffect]:
        """Events under the real rules; what they wished."""
        wished: list[AnyEffect] = []
        for event in events:
            turned: Turned = await self.turns.deliver(stored.id, event)
            wished += turned.decision.effects if turned.decision else ()
        return wished

    async def again(self, stored: Stored) -> Stored:
        found = await self.store.load(stored.id)
        assert found is not None
        return found

    async def gated(self, stored: Stored) -> Stored:
        """Offered, chosen, confirmed; then the ledger says that a bill is open."""
        await self.happens(stored, OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500))))
        offer = (await self.again(stored)).renewal.offer
        assert offer is not None
        one = offer.proposals[0]
        terms = {"proposal": one.id, "offer": offer.version, "terms_hash": one.terms_hash, "via": "page"}
        await self.happens(stored, PageOpened(via="page"), Chose(**terms), Confirmed(**terms))  # type: ignore[arg-type]
        check = (await self.again(stored)).renewal.check
        owing = VerdictReached(verdict=Verdict.OWING, bills=(BILL,), deposit_held=yuan(3000), check=check)
        await self.happens(stored, owing)
        return await self.again(stored)


def other_lease(number: int, operator: str = OPERATOR, end: date | None = None) -> Lease:
    unit = msgspec.structs.replace(lease().unit, room=f"{number:02d}01")
    return lease(
        no=f"YJ-2025-{number:04d}",
        operator=operator,
        unit=unit,
        parties=(Party(f"p-{operator}-{number}", Role.TENANT),),
        end=end or date(2026, 10, 2),
    )


PICTURE = "https://wechat.test/code?ticket=a%2Bb&x=%3B"


async def binds(stored: Stored) -> str | None:
    """WeChat, as far as the desk knows it: a picture to scan."""
    return PICTURE


More = Callable[[Turns], list[web.RouteDef]]


@asynccontextmanager
async def office(
    store: Store, key: str | None = None, more: More = lambda turns: [], binding: Binding | None = binds
) -> AsyncIterator[Office]:
    """``more``: other doors beside the console's, on the same turns."""
    clock = StillClock()
    turns = Turns(store, Policies(), clock, lambda lanes: None)
    desk = Desk(store, OPERATOR, key, page_environment(TEMPLATES), turns.deliver, clock.now, False, binding, "t-1")
    app = web.Application()
    app.add_routes(routes(desk) + more(turns))
    jar = aiohttp.CookieJar(unsafe=True)
    async with TestServer(app) as served, aiohttp.ClientSession(cookie_jar=jar) as client:
        yield Office(store, turns, clock, client, str(served.make_url("")).rstrip("/"), key)


LEDGER_BILL = LedgerBill(BILL.no, "YJ-2025-0812", BILL.due, BILL.amount)
