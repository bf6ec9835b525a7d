"""A month of a thousand tenants: who follows, who blocks, whose number is dead, who has had enough, what they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from backend.db.port import LeaseRow
from backend.sandbox.handsets import Line
from backend.sandbox.wechat import TenantSawError
from channels.page.forms import PageAction
from channels.page.links import Link
from dialogs.events import PageOpened
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import OPERATOR, lease, row

FIRST, LAST = datetime(2026, 9, 8, 0, 30, tzinfo=UTC), datetime(2026, 10, 7, 15, 45, tzinfo=UTC)
"""Half past eight on the first morning; a quarter to midnight on the last day of the National Day week."""
ENDS = date(2026, 10, 8)
"""The first lease ends then, the others up to six days later: every T-7 lies in the holiday week."""
NEVER_FOLLOWED, BLOCKED, DEAD, TIRED_OF_SMS, TIRED_OF_CHAT = range(12), range(12, 17), (3, 14, 40), (5, 30), (31,)
"""Of each hundred tenants; two of the dead numbers belong to people whom WeChat does not reach either."""
READERS, WRITERS = range(60, 80), range(80, 90)
DOWN_FROM = datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
DOWN_UNTIL = DOWN_FROM + timedelta(hours=6)
"""The first SMS vendor serves nobody while the first climbs are due."""
WORDS = ("续租有哪些方案？", "我再考虑考虑", "押金什么时候退", "不续了，准备搬")
STEPS = 20_000
"""Bound on instants and on rounds."""
QUARTER = timedelta(minutes=15)


@dataclass
class Person:
    """One tenant: ``number`` from 1; openid empty: never followed."""

    number: int

    @property
    def kind(self) -> int:
        return self.number % 100

    @property
    def phone(self) -> str:
        return f"1380000{self.number:04d}"

    @property
    def openid(self) -> str:
        return "" if self.kind in NEVER_FOLLOWED else f"o-tenant-{self.number}"


@dataclass
class Month:
    shell: Shell
    across: Across
    size: int
    acted: set[int] = field(default_factory=set)
    tired: dict[str, datetime] = field(default_factory=dict)
    """openid → when they wrote that they have had enough."""
    ids: dict[str, int] = field(default_factory=dict)
    """lease → renewal."""

    def people(self) -> Iterator[Person]:
        return (Person(number) for number in range(1, self.size + 1))

    def rows(self) -> list[LeaseRow]:
        return [row(one.number, openid=one.openid, end=ENDS + timedelta(days=one.number % 7)) for one in self.people()]

    def settle(self) -> None:
        """Everybody's phone as it is."""
        assert self.across.sms is not None
        for one in self.people():
            self.across.fit(lease(one.number))
            if one.openid:
                self.across.welcome(one.openid)
            if one.kind in BLOCKED:
                self.across.wechat.block(one.openid)
            if one.kind in DEAD:
                self.across.sms.handsets.wire(one.phone, Line.DEAD)
        self.across.sms.aliyun.door.outage(DOWN_FROM, DOWN_UNTIL)

    async def play(self) -> None:
        clock = self.shell.stage.clock
        clock.at = FIRST
        await self.shell.stage.store.import_leases(OPERATOR, self.rows(), "0" * 64, FIRST)
        self.settle()
        for _ in range(STEPS):
            await self.shell.ticker.scan()
            await self._rest()
            if await self._act():
                await self._rest()
            following = await self.shell.next_moment(self.across)
            midnight = _next_morning(clock.at)
            clock.at = max(clock.at + timedelta(seconds=1), min(one for one in (following, midnight) if one))
            clock.at = _quarter(clock.at)
            if clock.at > LAST:
                clock.at = LAST
                return
        raise AssertionError("the month never ended")

    async def _rest(self) -> None:
        for _ in range(STEPS):
            if not (await self.shell.ticker.ring() + await self.shell.carry_out() + await self.across.pump()):
                return
        raise AssertionError("it never came to rest")

    async def _act(self) -> bool:
        """Some read, some write, some have had enough: each once, after the first message, by day. Did anybody act?"""
        assert self.across.sms is not None
        if not 1 <= self.shell.stage.clock.at.hour < 12:
            return False
        before = len(self.acted)
        for one in self.people():
            texts = self.across.sms.handsets.inbox(one.phone)
            chats = self.across.wechat.inbox(one.openid) if one.openid else []
            if one.number in self.acted or not (texts or chats):
                continue
            if one.kind in TIRED_OF_SMS and texts:
                await self.across.sms.aliyun.tenant_texts(one.phone, ("TD", "退订")[one.number // 100 % 2])
            elif one.kind in TIRED_OF_CHAT and chats:
                self.tired[one.openid] = self.shell.stage.clock.at
                await self._write(one, "退订")
            elif one.kind in READERS:
                await self._open(one)
            elif one.kind in WRITERS and chats:
                await self._write(one, WORDS[one.number // 100 % len(WORDS)])
            else:
                continue
            self.acted.add(one.number)
        return len(self.acted) > before

    async def _open(self, one: Person) -> None:
        link = Link(await self._renewal(one), LAST + timedelta(days=30), f"j-{one.number}")
        await self.shell.page.act(link, PageAction(f"page:{one.number}:seen", PageOpened(via="page")))

    async def _write(self, one: Person, words: str) -> None:
        try:
            await self.across.wechat.tenant_says(one.openid, words)
        except TenantSawError:
            raise AssertionError("the account did not answer") from None

    async def _renewal(self, one: Person) -> int:
        """All are opened by the first day's scan."""
        if not self.ids:
            found = await self.shell.stage.store.renewals(OPERATOR, limit=self.size)
            self.ids = {stored.renewal.lease.no: stored.id for stored in found}
        return self.ids[f"YJ-{one.number:04d}"]


def _next_morning(now: datetime) -> datetime:
    """Half past eight tomorrow, in Hangzhou: the day's scan."""
    morning = now.replace(hour=0, minute=30, second=0, microsecond=0)
    return morning if morning > now else morning + timedelta(days=1)


def _quarter(at: datetime) -> datetime:
    """The next full quarter of an hour: a thousand people's moments fall together."""
    over = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at - over + QUARTER if over else at
