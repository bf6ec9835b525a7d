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
from bot.bench_figures import Aim, Plan, Round, Verdict, describe, judge, rates, server_costs
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


def measure_wechat(cluster: Cluster, folder: Path, plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to. Raises BenchFailed."""
    sizes = [(kind, tenants) for tenants in (plan.few, plan.many) for kind in ("product", "floor")]
    with ExitStack() as stack:
        contenders = [stack.enter_context(start(cluster, folder, kind, tenants)) for kind, tenants in sizes]
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
    found = loaded(load)
    measured = Round(
        plan.messages,
        found.wall,
        seconds(one.pid) - server,
        family_seconds(cluster.pid) - database,
        found.p50,
        found.p99,
    )
    if keep:
        one.rounds.append(measured)


def loaded(load: Load) -> Loaded:
    """Processor time of sealing the requests falls on the load's own process, before its clock starts."""
    command = [sys.executable, "-m", "bot.bench_load"]
    words = msgspec.json.encode(load)
    done = subprocess.run(command, input=words, capture_output=True, timeout=LOAD_SECONDS, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BenchFailed(f"the load failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Loaded)


@contextmanager
def start(cluster: Cluster, folder: Path, kind: str, tenants: int) -> Iterator[Contender]:
    """``product`` or ``floor`` in a process of its own, over a fresh database with so many open renewals."""
    url, port = cluster.create(f"{kind}_{tenants}"), free_port()
    command, environ = (_floor if kind == "floor" else _product)(url, port, tenants)
    with child(command, environ, port, folder / f"{kind}_{tenants}.log") as pid:
        yield Contender(f"{kind}, {tenants} renewals", port, pid, tenants, [])


def _product(url: str, port: int, tenants: int) -> tuple[list[str], dict[str, str]]:
    """``xuzu serve`` as operators run it: the doors in one process, no workers beside them."""
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
    return [sys.executable, "-m", "bot", "serve"], environ


def _floor(url: str, port: int, tenants: int) -> tuple[list[str], dict[str, str]]:
    """The same bodies in the floor's own tables."""
    rows = ((openid(one.number), one.number + 1, one.body) for one in residents(tenants, datetime.now(UTC)))
    asyncio.run(bench_floor.seed(url, rows))
    return [sys.executable, "-m", "bot.bench_floor", url, str(port)], {}
