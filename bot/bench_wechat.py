"""Parts one and two: the whole WeChat path against the floor, at one size of portfolio and at another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bot import bench_floor
from bot.bench_cpu import family_seconds, seconds
from bot.bench_figures import Aim, Round, Verdict, describe, judge, rates, server_costs
from bot.bench_load import AES_KEY, APPID, SECRET, TOKEN, Load, Loaded, openid
from bot.bench_servers import BenchFailed, Cluster, child, free_port
from bot.bench_town import OPERATOR, SEAL_KEY, residents, settle_town

LOAD_SECONDS = 600
RATE = Aim("WeChat path: messages a second, to the floor's", 0.75, at_least=True)
COST = Aim("WeChat path: server processor time, to the floor's", 1.4, at_least=False)
DATABASE = Aim("WeChat path: PostgreSQL processor time, to the floor's", 1.4, at_least=False)
FLAT = Aim("WeChat path: time a message, large to small portfolio", 1.2, at_least=False)
FLAT_COST = Aim("WeChat path: server time, large to small portfolio", 1.2, at_least=False)


class Contender(msgspec.Struct):
    """A server under load, and what its rounds measured."""

    name: str
    port: int
    pid: int
    tenants: int
    rounds: list[Round]


class Plan(msgspec.Struct, frozen=True):
    """How much of everything."""

    rounds: int = 5
    messages: int = 2000
    few: int = 1000
    many: int = 100_000
    connections: int = 32
    turns: int = 2000
    leases: int = 100_000


def measure_wechat(cluster: Cluster, folder: Path, plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to. Raises BenchFailed."""
    with ExitStack() as stack:
        contenders = [stack.enter_context(start(cluster, folder, plan.few)) for start in (_product, _floor)] + [
            stack.enter_context(start(cluster, folder, plan.many)) for start in (_product, _floor)
        ]
        cluster.settle()
        number = 1_000_000
        for one in contenders:
            _fire(cluster, one, plan, number := number + plan.messages, keep=False)
        for _ in range(plan.rounds):
            for one in contenders:
                _fire(cluster, one, plan, number := number + plan.messages, keep=True)
        return [describe(one.name, one.rounds) for one in contenders], _verdicts(contenders)


def _verdicts(contenders: Sequence[Contender]) -> list[Verdict]:
    ours, floor, ours_large, floor_large = (one.rounds for one in contenders)
    found = [
        judge(RATE, rates(ours), rates(floor)),
        judge(COST, server_costs(ours), server_costs(floor)),
        judge(DATABASE, _database(ours), _database(floor)),
        judge(FLAT, rates(ours), rates(ours_large)),
        judge(FLAT_COST, server_costs(ours_large), server_costs(ours)),
    ]
    large = [(RATE, rates(ours_large), rates(floor_large)), (COST, server_costs(ours_large), server_costs(floor_large))]
    return found + [judge(aim._replace(name=f"{aim.name}, large"), one, other) for aim, one, other in large]


def _database(rounds: Sequence[Round]) -> list[float]:
    return [one.database / one.messages for one in rounds]


def _fire(cluster: Cluster, one: Contender, plan: Plan, first: int, *, keep: bool) -> None:
    load = Load(one.port, one.tenants, plan.messages, first, plan.connections, seed=first)
    server, database = seconds(one.pid), family_seconds(cluster.pid)
    loaded = _loaded(load)
    measured = Round(
        plan.messages,
        loaded.wall,
        seconds(one.pid) - server,
        family_seconds(cluster.pid) - database,
        loaded.p50,
        loaded.p99,
    )
    if keep:
        one.rounds.append(measured)


def _loaded(load: Load) -> Loaded:
    """Processor time of sealing the requests falls on the load's own process, before its clock starts."""
    command = [sys.executable, "-m", "bot.bench_load"]
    done = subprocess.run(
        command, input=msgspec.json.encode(load), capture_output=True, timeout=LOAD_SECONDS, check=False
    )
    if done.returncode:
        raise BenchFailed(f"the load failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Loaded)


@contextmanager
def _product(cluster: Cluster, folder: Path, tenants: int) -> Iterator[Contender]:
    """``xuzu serve`` as operators run it: the doors in one process, no workers beside them."""
    url, port = cluster.create(f"product_{tenants}"), free_port()
    asyncio.run(settle_town(url, tenants))
    environ = {
        "XUZU_DATABASE_URL": url,
        "XUZU_SEAL_KEY": SEAL_KEY,
        "XUZU_LINK_KEY": "bench-link-key-bench-link-key-00",
        "XUZU_OPERATORS": OPERATOR,
        "XUZU_PORT": str(port),
        "XUZU_ROLE": "web",
        "XUZU_WECHAT_APPID": APPID,
        "XUZU_WECHAT_SECRET": SECRET,
        "XUZU_WECHAT_TOKEN": TOKEN,
        "XUZU_WECHAT_AES_KEY": AES_KEY,
    }
    command = [sys.executable, "-m", "bot", "serve"]
    with child(command, environ, port, folder / f"product_{tenants}.log") as pid:
        yield Contender(f"product, {tenants} renewals", port, pid, tenants, [])


@contextmanager
def _floor(cluster: Cluster, folder: Path, tenants: int) -> Iterator[Contender]:
    """The same bodies in the floor's own tables."""
    url, port = cluster.create(f"floor_{tenants}"), free_port()
    rows = ((openid(one.number), one.number + 1, one.body) for one in residents(tenants, datetime.now(UTC)))
    asyncio.run(bench_floor.seed(url, rows))
    command = [sys.executable, "-m", "bot.bench_floor", url, str(port)]
    with child(command, {}, port, folder / f"floor_{tenants}.log") as pid:
        yield Contender(f"floor, {tenants} renewals", port, pid, tenants, [])
