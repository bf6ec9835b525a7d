"""Part four: opening the window of a whole portfolio, against one bare ``INSERT … SELECT`` into the same table."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import msgspec

from backend.db.connect import connect
from backend.db.desk_side import DeskSide
from backend.db.migrate import upgrade
from backend.db.port import Window
from backend.sealing import sealer_of
from bot.bench_figures import Aim, Plan, Verdict, judge
from bot.bench_servers import BenchFailed, Cluster
from bot.bench_town import CHUNK, OPERATOR, SEAL_KEY, lease, put

OPENING = Aim("opening a window: seconds, to a bare INSERT … SELECT", 2.0, at_least=False)
LEASES = (
    "INSERT INTO leases (operator, no, tenant, community, building, layout, rent, start_date, end_date, facts)"
    " SELECT $1::text, no, t, '明月苑', '3', '一室', 320000, '2025-01-01', e, f::jsonb"
    " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS u (no, t, e, f)"
)
BARE = (
    "INSERT INTO renewals (operator, lease_id, lease_no, tenant, end_date, flow, opened_at, opening, body)"
    " SELECT operator, id, no, tenant, end_date, 1, $2::timestamptz, b, b FROM"
    " (SELECT *, jsonb_build_object('lease', facts) AS b FROM leases WHERE operator = $1::text AND status = 'live') l"
)


def measure_opening(cluster: Cluster, plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to. Raises BenchFailed."""
    url = cluster.create("opening")
    ours, floor = asyncio.run(_measure(cluster, url, plan))
    middle = plan.rounds // 2
    lines = [
        f"  {name:<24} {sorted(seconds)[middle]:7.2f} s for {plan.leases} leases"
        for name, seconds in (("open_window", ours), ("INSERT … SELECT", floor))
    ]
    return lines, [judge(OPENING, ours, floor)]


async def _measure(cluster: Cluster, url: str, plan: Plan) -> tuple[list[float], list[float]]:
    await upgrade(url)
    store = await connect(url, sealer_of(SEAL_KEY))
    assert isinstance(store, DeskSide)
    now = datetime.now(UTC)
    window = Window(now.date(), 45, {now.date() + timedelta(days=day): now for day in range(46)}, "T-30", 1)
    await _let(store, plan.leases, now.date())
    await asyncio.to_thread(cluster.settle)
    ours, floor = [], []
    for _ in range(plan.rounds):
        await _empty(store)
        started = time.perf_counter()
        opened = await store.open_window(OPERATOR, window, now)
        ours.append(time.perf_counter() - started)
        if opened != plan.leases:
            raise BenchFailed(f"{opened} of {plan.leases} leases were opened")
        await _empty(store)
        started = time.perf_counter()
        await put(store, BARE, (OPERATOR, now))
        floor.append(time.perf_counter() - started)
    await store.close()
    return ours, floor


async def _let(store: DeskSide, count: int, today: date) -> None:
    """Leases that end on all the days of the window."""
    for start in range(0, count, CHUNK):
        held = [
            msgspec.structs.replace(lease(number, today), end=today + timedelta(days=number % 46))
            for number in range(start, min(start + CHUNK, count))
        ]
        values = (
            OPERATOR,
            [one.no for one in held],
            [one.tenant.id for one in held],
            [one.end.isoformat() for one in held],
            [msgspec.json.encode(one).decode() for one in held],
        )
        await put(store, LEASES, values)


async def _empty(store: DeskSide) -> None:
    await put(store, "TRUNCATE renewals, timers")
