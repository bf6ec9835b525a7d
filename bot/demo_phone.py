"""Everybody's phone, held by whoever tries the demo: their WeChat, their SMS, and the clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from aiohttp import web

from backend.db.port import LeaseRow
from backend.sandbox.phone import PATH, phone_routes
from backend.sandbox.phone_desk import Bubble, Kind, NotNowError, Person, SmsBubble
from backend.sandbox.wechat import TenantSawError
from backend.sandbox.wechat_book import Shown
from bot.clock import shanghai_day
from bot.demo_clockwork import Clockwork, NeverQuiet
from bot.demo_world import SUBSCRIBE_TEMPLATE, World

SHOWN_MOST = 40
BEFORE, AFTER = timedelta(days=7), timedelta(days=45)
"""Leases that end between these days around today have a phone to be held."""
BREATH = 0.2
"""Real seconds between looks at what the partners have to deliver."""
SENDER = "1069 0001"
_AWAY = "该公众号暂时无法提供服务，请稍后再试"
_CARD_LABELS = ("房源", "合同编号", "时间")
Row = TypeVar("Row")
_KINDS = {"template": Kind.TEMPLATE, "subscribe": Kind.SUBSCRIBE}
_LATER = "时钟正在走，稍等一下"


class Phones:
    """Implements ``backend.sandbox.phone_desk.PhoneDesk`` over the demo's partners."""

    def __init__(self, world: World, clockwork: Clockwork, rows: Sequence[LeaseRow], openids: dict[str, str]) -> None:
        """``openids`` by tenant, of those the ledger knows."""
        self._world = world
        self._clockwork = clockwork
        self._rows = {row.lease.no: row for row in rows}
        self._openids = openids
        self._own: dict[str, list[tuple[int, Bubble]]] = {}
        self._typed: dict[str, list[tuple[int, SmsBubble]]] = {}
        self._moving = asyncio.Lock()

    # --- what is seen
    def now(self) -> datetime:
        return self._clockwork.now

    async def next_event(self) -> datetime | None:
        return await self._clockwork.following()

    async def people(self) -> Sequence[Person]:
        today = shanghai_day(self.now())
        near = [row for row in self._rows.values() if today - BEFORE <= row.lease.end <= today + AFTER]
        near.sort(key=lambda row: (row.lease.end, row.lease.no))
        return [self._person(row) for row in near[:SHOWN_MOST]]

    async def chat(self, person: str) -> Sequence[Bubble]:
        follower = self._world.wechat.book.followers.get(self._openid(person))
        shown = [_bubble(one) for one in follower.shown] if follower is not None else []
        return _merged(shown, self._own.get(person, []))

    async def texts(self, person: str) -> Sequence[SmsBubble]:
        inbox = self._world.sms.handsets.inbox(self._number(person), self.now())
        come = [SmsBubble(one.at, False, one.text, SENDER) for one in inbox]
        return _merged(come, self._typed.get(person, []))

    # --- what thumbs do
    async def say(self, person: str, text: str) -> None:
        await self._says(person, text, "")

    async def tap(self, person: str, item: str, label: str) -> None:
        await self._says(person, label, item)

    async def text_sms(self, person: str, text: str) -> None:
        number = self._number(person)
        inbox = self._world.sms.handsets.inbox(number, self.now())
        self._typed.setdefault(person, []).append((len(inbox), SmsBubble(self.now(), True, text)))
        vendor = self._world.sms.tencent if inbox and inbox[-1].vendor == "tencent" else self._world.sms.aliyun
        if not await vendor.tenant_texts(number, text):
            raise NotNowError("短信没有送到，请稍后再发")

    async def follow(self, person: str) -> None:
        await self._follows(person, "", "你关注了公众号")

    async def scan(self, person: str, scene: str) -> None:
        await self._follows(person, scene, "你扫了管家给的二维码")

    async def unfollow(self, person: str) -> None:
        with _unless_away():
            await self._world.wechat.unfollow(self._openid(person))
        self._note(person, "你取消了关注")

    async def consent(self, person: str, template: str, yes: bool) -> None:
        with _unless_away():
            await self._world.wechat.answers_consent(self._openid(person), {template: yes})
        self._note(person, "你允许了一次到期提醒" if yes else "你没有允许提醒")

    async def advance(self, to: datetime) -> None:
        """Everything due on the way happens in its order."""
        if self._moving.locked():
            raise NotNowError(_LATER)
        async with self._moving:
            try:
                await self._clockwork.play(to, _go_on)
                await self._clockwork.settle()
            except NeverQuiet:
                raise NotNowError("系统一直没有停下来：请看演示目录里的 server.log") from None

    async def breathe(self) -> None:
        """Between moves of the clock: partners deliver what is due now. Until cancelled."""
        while True:
            if not self._moving.locked():
                async with self._moving:
                    await self._world.pump()
            await asyncio.sleep(BREATH)

    # --- how
    async def _says(self, person: str, text: str, item: str) -> None:
        self._keep(person, Bubble(self.now(), True, text))
        with _unless_away():
            await self._world.wechat.tenant_says(self._openid(person), text, item)

    async def _follows(self, person: str, scene: str, words: str) -> None:
        with _unless_away():
            await self._world.wechat.follow(self._openid(person), scene)
        self._note(person, words)

    def _note(self, person: str, words: str) -> None:
        self._keep(person, Bubble(self.now(), True, words, kind=Kind.EVENT))

    def _keep(self, person: str, bubble: Bubble) -> None:
        """Behind what the phone shows by now: the clock often stands still while people talk."""
        shown = self._world.wechat.book.followers[self._openid(person)].shown
        self._own.setdefault(person, []).append((len(shown), bubble))

    def _person(self, row: LeaseRow) -> Person:
        key = row.lease.no
        openid, number = self._openid(key), self._number(key)
        follower = self._world.wechat.book.followers[openid]
        shown = [*(one.text for one in follower.shown), *(one.text for one in self._world.sms.handsets.inbox(number))]
        name = next(one.name for one in row.people if one.id == row.lease.tenant.id)
        return Person(
            key,
            f"{name} · {row.lease.unit.building}{row.lease.unit.room}",
            openid,
            number,
            self._story(row, openid),
            follower.follows,
            self._world.wechat.api.pages.newest_scene(),
            ((SUBSCRIBE_TEMPLATE, "租约到期提醒"),),
            shown[-1].splitlines()[0] if shown else "",
        )

    def _story(self, row: LeaseRow, openid: str) -> str:
        end = row.lease.end
        facts = [f"{end.month}月{end.day}日到期", f"月租{row.lease.rent // 100}元"]
        if row.bills:
            facts.append(f"欠{sum(one.amount for one in row.bills) // 100}元")
        if row.lease.deposit_held < row.lease.deposit_due:
            facts.append("押金没交足")
        if openid not in self._openids.values():
            facts.append("没关注公众号")
        return "，".join(facts)

    def _openid(self, person: str) -> str:
        """Known to the ledger, or one that nobody has met."""
        row = self._rows[person]
        openid = self._openids.get(row.lease.tenant.id) or f"oUnknown{self._number(person)}"
        known = row.lease.tenant.id in self._openids
        (self._world.wechat.add_known if known else self._world.wechat.add_person)(openid)
        return openid

    def _number(self, person: str) -> str:
        row = self._rows[person]
        return next(one.phone for one in row.people if one.id == row.lease.tenant.id)


@contextlib.contextmanager
def _unless_away() -> Iterator[None]:
    try:
        yield
    except TenantSawError:
        raise NotNowError(_AWAY) from None


async def _go_on(_: datetime) -> bool:
    return False


def _bubble(one: Shown) -> Bubble:
    if one.kind in _KINDS:
        values = [value for value in one.text.split(" · ") if value != one.title]
        lines = [f"{label}：{value}" for label, value in zip(_CARD_LABELS, values, strict=False)]
        return Bubble(one.at, False, "\n".join(lines), one.url, kind=_KINDS[one.kind], title=one.title)
    if one.items:
        text = one.text.removesuffix(one.tail).strip()
        return Bubble(one.at, False, text, one.url, one.items, Kind.MENU, tail=one.tail)
    kind = Kind.NEWS if one.title else Kind.TEXT
    return Bubble(one.at, False, one.text, one.url, kind=kind, title=one.title)


def _merged(come: Sequence[Row], own: Sequence[tuple[int, Row]]) -> list[Row]:
    """``own``: each with how many had come before it."""
    found = [(place, 1, row) for place, row in enumerate(come)] + [(place, 0, row) for place, row in own]
    return [row for _, _, row in sorted(found, key=lambda one: one[:2])]


class PhoneServer:
    """The phone's page on a loopback port of its own, beside the product's."""

    def __init__(self, phones: Phones, account: str) -> None:
        self._phones = phones
        self._account = account
        self._runner: web.AppRunner | None = None
        self._breath: asyncio.Task[None] | None = None
        self.url = ""

    async def open(self, choose: Callable[[int], int], port: int) -> None:
        """``choose`` gives the port, or another where it is taken."""
        app = web.Application()
        app.add_routes(phone_routes(self._phones, self._account))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        number = choose(port)
        await web.TCPSite(self._runner, "127.0.0.1", number).start()
        self.url = f"http://127.0.0.1:{number}{PATH}"
        self._breath = asyncio.create_task(self._phones.breathe())

    async def close(self) -> None:
        if self._breath is not None:
            self._breath.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
