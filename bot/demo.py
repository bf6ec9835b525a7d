"""``xuzu demo``: a whole season in minutes, with the real server, simulated partners and tenants, and a truth check."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import secrets
import signal
import time as wall
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.console.report import report
from backend.db.connect import connect
from backend.db.port import LeaseRow, Store, Stored
from backend.ledger.reading import Reading, read_ledger
from backend.sandbox.handsets import Line
from backend.sealing import sealer_of
from bot.app import TEMPLATES
from bot.clock import SHANGHAI, shanghai_day
from bot.cohort import Part, deal, unreached
from bot.demo_clockwork import Clockwork, Player
from bot.demo_ledger import dead_numbers
from bot.demo_people import CoSigners, Follower, NoPhone, Post, Tenants, Texter, browser_of
from bot.demo_place import fresh, port
from bot.demo_report import figures, show
from bot.demo_server import Server
from bot.demo_truth import Truth, examine
from bot.demo_world import World
from bot.policies import Policies
from bot.rendering import Phrases
from bot.staffers import Cashier, Desk, Staff
from bot.tenants import Tenant
from dialogs.states import FINAL, State

LEDGER = TEMPLATES / "demo" / "寓居生活.xlsx"
OPERATOR = "寓居生活"
FIRST_DAY = date(2026, 9, 1)
LAST_DAY = date(2026, 11, 20)
"""A bound, not a goal: the season is over when every renewal of the cohort has ended."""


class Services(NamedTuple):
    """An empty PostgreSQL database and a Redis to play on; without them the demo needs no server."""

    database: str = ""
    redis: str = ""


EMBEDDED = Services()


class Season:
    """One demo: its folder, its partners, its server, its people, and the clock they all live by."""

    def __init__(self, folder: Path, port: int, seed: int, services: Services = EMBEDDED) -> None:
        self.folder = folder
        self.port = port
        self.seed = seed
        self.start = datetime.combine(FIRST_DAY, time(9, 0), SHANGHAI).astimezone(UTC)
        self.ledger = _read_ledger()
        self.url = f"http://127.0.0.1:{port}"
        self.world = World(self._now, seed, folder, self.url)
        self.seal_key = secrets.token_hex(32)
        self.database = services.database or f"sqlite:///{folder / 'xuzu.db'}"
        self.redis = services.redis
        self.tenants: dict[str, Tenant] = {}
        self.by_renewal: dict[int, Tenant] = {}
        self.walk_found: list[str] = []
        self.walked: date | None = None
        self.clockwork: Clockwork | None = None

    def _now(self) -> datetime:
        return self.start if self.clockwork is None else self.clockwork.now

    def environ(self) -> dict[str, str]:
        return {
            **self.world.environ(),
            "XUZU_DATABASE_URL": self.database,
            "XUZU_REDIS_URL": self.redis,
            "XUZU_SEAL_KEY": self.seal_key,
            "XUZU_LINK_KEY": secrets.token_hex(32),
            "XUZU_OPERATORS": OPERATOR,
            "XUZU_PUBLIC_URL": self.url,
            "XUZU_HOST": "127.0.0.1",
            "XUZU_PORT": str(self.port),
            "XUZU_OPEN_DESK": "1",
            "XUZU_CLOCK_FILE": str(self.folder / "clock"),
            "XUZU_POLL_SECONDS": "0.03",
        }

    def cast(self) -> None:
        """Deal the parts, hand out the phones, fit the locks."""
        rows = list(self.ledger.rows)
        self.world.fit_locks(row.lease for row in rows)
        window = timedelta(days=Policies().current(OPERATOR).window_days)
        cohort = [row for row in rows if row.lease.end <= FIRST_DAY + window]
        reached = [row.lease.no for row in cohort if row.lease.tenant.id in self.ledger.bindings]
        parts = deal(reached, self.seed) | unreached([row.lease.no for row in cohort if row.lease.no not in reached])
        dead = dead_numbers()
        for row in sorted(cohort, key=lambda one: one.lease.no):
            self.tenants[row.lease.no] = self._tenant(row, parts[row.lease.no], dead)
        for number in dead:
            self.world.sms.handsets.wire(number, Line.DEAD)

    def _tenant(self, row: LeaseRow, part: Part, dead: frozenset[str]) -> Tenant:
        number, openid = _number(row), self.ledger.bindings.get(row.lease.tenant.id)
        if number in dead and openid is None:
            return Tenant(row.lease.no, part, NoPhone(), row.lease.rent)
        browser = browser_of(self.world, openid or f"oUnknown{number}", number, scripts=not part.old_phone)
        phone = Follower(self.world.wechat, openid) if openid else Texter(self.world.sms, number)
        return Tenant(row.lease.no, part, phone, row.lease.rent, browser)

    def open_by_hand(self, lease_no: str) -> None:
        """A housekeeper at the door, with the lock's own keypad: a code that holds for two months."""
        lease = next(row.lease for row in self.ledger.rows if row.lease.no == lease_no)
        self.world.locks.doors.add(int(lease.lock), "passcode", [(self._now(), self._now() + timedelta(days=60))])

    async def look_around(self, store: Store, now: datetime) -> list[Stored]:
        """The renewals as they are; once a day, a walk past every door of the cohort and past the reach report."""
        found = await store.renewals(OPERATOR, limit=10_000)
        for stored in found:
            tenant = self.tenants.get(stored.renewal.lease.no)
            if tenant is not None:
                self.by_renewal.setdefault(stored.id, tenant)
        if self.walked != shanghai_day(now):
            self.walked = shanghai_day(now)
            self.walk_found += [
                f"{self.walked}: renewal {one.id} ({one.renewal.state}) stands before a shut door"
                for one in found
                if one.renewal.state not in (State.MOVED_OUT, State.MOVING_OUT)
                and not self.world.locks.opens(int(one.renewal.lease.lock), now)
            ]
            urgent = await store.reach_report(OPERATOR, self.walked + timedelta(days=7))
            self.walk_found += [
                f"{self.walked}: renewal {one.renewal_id} is at T-7 without proof of reach or a person's task"
                for one in urgent
                if not one.proof and not one.task
            ]
        return found


async def play(arguments: argparse.Namespace) -> int:
    """0 when the season was played and no promise was broken, 1 otherwise. Raises SettingsError for a taken port."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    console = Console()
    number = port(arguments.port, free=arguments.once)
    folder = fresh(arguments.folder)
    began = wall.monotonic()
    async with AsyncExitStack() as stack:
        season = Season(folder, number, arguments.seed, Services(arguments.database, arguments.redis))
        server = await open_season(stack, season, console)
        store = await connect(season.database, sealer_of(season.seal_key))
        stack.push_async_callback(store.close)
        course = Course(server, store, _shanghai(LAST_DAY), arguments.kills)
        clockwork = await play_season(stack, season, course, console)
        cohort = [one for one in await store.renewals(OPERATOR, limit=10_000) if one.id in season.by_renewal]
        truth = await examine(season.world, store, cohort, season.walk_found)
        show(console, report(await store.funnel(OPERATOR)), truth, Phrases(TEMPLATES / "messages" / "phrases.toml"))
        found = await figures(store, OPERATOR, truth, season.seed)
        found["run"] = {
            "seconds": round(wall.monotonic() - began, 1),
            "instants": clockwork.instants,
            "server_starts": server.starts,
        }
        if arguments.report is not None:
            arguments.report.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        _conclude(console, season, truth, found["run"]["seconds"])
        if not arguments.once:
            console.print(f"页面 · Pages: [bold]{season.url}/desk[/]   (Ctrl-C 结束 · to stop)")
            console.print("自己来 · Be the tenant: [bold]make demo PHONE=1[/]")
            with contextlib.suppress(asyncio.CancelledError):
                await server.wait()
        return 1 if truth.violations else 0


async def open_season(stack: AsyncExitStack, season: Season, console: Console) -> Server:
    await season.world.open()
    stack.push_async_callback(season.world.close)
    season.cast()
    (season.folder / "clock").write_text(season.start.isoformat())
    server = Server(season.environ(), season.folder / "server.log")
    console.print(f"导入台账 · Importing {LEDGER.name}: {len(season.ledger.rows)} 份在租合同 live leases")
    await server.run("migrate")
    await server.run("import", str(LEDGER))
    await server.start()
    stack.push_async_callback(server.stop)
    return server


class Course(NamedTuple):
    """What the season runs on, how far, and how often the server is killed on the way."""

    server: Server
    store: Store
    until: datetime
    kills: int = 0


async def play_season(stack: AsyncExitStack, season: Season, course: Course, console: Console) -> Clockwork:
    """Play until every renewal of the cohort has ended, or ``course.until``."""
    desk = Desk(season.url)
    stack.push_async_callback(desk.close)
    for tenant in season.tenants.values():
        stack.push_async_callback(tenant.close)
    cohort = [row for row in season.ledger.rows if row.lease.no in season.tenants]
    cosigners = CoSigners(season.world, frozenset(row.lease.tenant.id for row in cohort), season.seed)
    stack.push_async_callback(cosigners.close)
    players: list[Player] = [
        Post(season.world),
        Tenants(list(season.tenants.values())),
        cosigners,
        Staff(desk, season.tenants, season.seed, season.open_by_hand),
        Cashier(desk, season.by_renewal),
    ]
    clockwork = Clockwork(season.folder / "clock", season.start, f"{season.url}/ready", players)
    season.clockwork = clockwork
    stack.push_async_callback(clockwork.close)
    with Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[news]}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        killer = asyncio.create_task(_kill(course, clockwork, season)) if course.kills else None
        await clockwork.play(course.until, _ticking(season, course.store, progress))
        if killer is not None:
            killer.cancel()
    return clockwork


def _ticking(season: Season, store: Store, progress: Progress) -> Callable[[datetime], Awaitable[bool]]:
    total = len(season.tenants)
    bar = progress.add_task(f"{FIRST_DAY:%m-%d}", total=total, news="")

    async def tick(now: datetime) -> bool:
        found = await season.look_around(store, now)
        ended = [one for one in found if one.renewal.state in FINAL]
        renewed = sum(one.renewal.state is State.RENEWED for one in ended)
        news = f"{len(found)} 户 in the window · {renewed} 已续租 renewed · {len(ended) - renewed} 流失 lost"
        progress.update(bar, description=f"{now.astimezone(SHANGHAI):%m-%d %H:%M}", completed=len(ended), news=news)
        return len(ended) >= total

    return tick


async def _kill(course: Course, clockwork: Clockwork, season: Season) -> None:
    """SIGKILL at random points of the season; the server's keeper starts it again."""
    luck = random.Random(f"{season.seed}:kills")
    for instant in sorted(luck.sample(range(5, 580), course.kills)):
        await clockwork.reached(instant)
        await asyncio.sleep(luck.uniform(0, 0.08))
        await course.server.kill()


def _conclude(console: Console, season: Season, truth: Truth, seconds: float) -> None:
    for one in truth.violations:
        console.print(f"[red]✗[/] {one}")
    if not truth.violations:
        console.print(f"[green]✓[/] 所有承诺都守住了 · Every promise was kept ({seconds:.0f} s, seed {season.seed})")


def _read_ledger() -> Reading:
    reading = read_ledger(LEDGER.read_bytes(), LEDGER.name, OPERATOR, FIRST_DAY)
    assert not reading.problems, "the committed ledger has no mistakes"
    return reading


def _number(row: LeaseRow) -> str:
    """The tenant's own phone."""
    return next(one.phone for one in row.people if one.id == row.lease.tenant.id)


def _shanghai(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), SHANGHAI).astimezone(UTC)
