"""The bench: its arithmetic, its reading of /proc, its load, and that every part of it runs."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from aiohttp import web

from backend.db.connect import connect
from backend.sealing import sealer_of
from bot import (
    bench,
    bench_cpu,
    bench_floor,
    bench_load,
    bench_opening,
    bench_servers,
    bench_sqlite,
    bench_storm,
    bench_town,
)
from bot.bench_figures import Aim, Plan, Round, Verdict, describe, judge, rates, server_costs
from bot.bench_load import Load, fire, openid, requests
from bot.bench_wechat import COST, RATE, start
from dialogs.states import State
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.recognise import understand
from tests.servers import Postgres

_numbers = itertools.count(1)
TINY = Plan(rounds=1, messages=24, few=10, many=20, connections=4, turns=32, leases=100)


class Away(NamedTuple):
    """A floor in this process, and where its rows are."""

    port: int
    url: str


@pytest.fixture
async def floor(pg_server: Postgres) -> AsyncIterator[Away]:
    name = f"floor_{next(_numbers)}"
    await _admin(pg_server, f"CREATE DATABASE {name}")
    rows = [(openid(one.number), one.number + 1, one.body) for one in bench_town.residents(5, datetime.now(UTC))]
    await bench_floor.seed(pg_server.url(name), rows)
    pool = await asyncpg.create_pool(pg_server.url(name), min_size=1, max_size=4)
    runner = web.AppRunner(bench_floor.floor(pool))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Away(runner.addresses[0][1], pg_server.url(name))
    await runner.cleanup()
    await pool.close()
    await _admin(pg_server, f"DROP DATABASE {name} WITH (FORCE)")


async def _admin(server: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(server.url())
    await connection.execute(statement)
    await connection.close()


async def test_the_floor_answers_and_keeps_each_message_once(floor: Away) -> None:
    load = Load(floor.port, tenants=5, messages=20, first=100, connections=4)
    loaded = await fire(load)
    assert loaded.wall > 0
    assert 0 < loaded.p50 <= loaded.p99
    await fire(load)
    connection = await asyncpg.connect(floor.url)
    counted = [await connection.fetchval(f"SELECT count(*) FROM {name}") for name in ("inbound", "events", "effects")]
    versions = await connection.fetchval("SELECT sum(version) FROM renewals")
    await connection.close()
    assert counted == [20, 20, 20]
    assert versions == 20


async def test_the_floor_refuses_what_is_not_sealed_for_it(floor: Away) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", floor.port)
    writer.write(requests(Load(floor.port, 1, 1, 1))[0].replace(b"msg_signature=", b"msg_signature=0"))
    answer = await reader.readuntil(b"\r\n")
    writer.close()
    await writer.wait_closed()
    assert b"403" in answer


async def test_a_refusal_ends_the_load() -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.add_routes([web.post(bench_load.PATH, refuse)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(ExceptionGroup, match="unhandled") as failed:
        await fire(Load(runner.addresses[0][1], tenants=1, messages=2, first=1, connections=1))
    assert "refused" in str(failed.value.exceptions[0])
    await runner.cleanup()


def test_ratios_are_taken_round_by_round() -> None:
    verdict = judge(RATE, [80.0, 90.0, 300.0], [100.0, 100.0, 100.0])
    assert verdict == Verdict(RATE, 0.9, 0.8, 3.0)
    assert "met" in verdict.line()
    assert "NOT" not in verdict.line()
    assert "NOT met" in judge(COST, [1.5], [1.0]).line()
    with pytest.raises(ValueError, match="no rounds"):
        judge(COST, [], [])
    with pytest.raises(ValueError, match=r"shorter|longer"):
        judge(COST, [1.0], [1.0, 2.0])


def test_an_aim_has_a_direction() -> None:
    assert Aim("more", 2.0, at_least=True).met(2.0)
    assert not Aim("more", 2.0, at_least=True).met(1.9)
    assert Aim("less", 2.0, at_least=False).met(2.0)
    assert not Aim("less", 2.0, at_least=False).met(2.1)


def test_figures_are_per_message() -> None:
    rounds = [Round(100, 2.0, server=0.1, database=0.05, p50=0.01, p99=0.02)]
    assert rates(rounds) == [50.0]
    assert server_costs(rounds) == [0.001]
    assert "50 msg/s" in describe("x", rounds)


def test_a_line_of_proc_with_a_strange_name() -> None:
    line = "42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 20 30 20 0 1 0 100 0 0"
    stat = bench_cpu.parse_stat(line)
    assert stat.parent == 7
    assert stat.own == 200 / bench_cpu.TICK
    assert stat.ended == 50 / bench_cpu.TICK
    with pytest.raises(ValueError, match="not a line"):
        bench_cpu.parse_stat("nothing")


def test_processor_time_grows_with_work() -> None:
    before = bench_cpu.seconds(os.getpid())
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert bench_cpu.seconds(os.getpid()) > before
    assert bench_cpu.family_seconds(os.getpid()) >= bench_cpu.seconds(os.getpid())


def test_residents_have_an_offer_before_them() -> None:
    now = datetime.now(UTC)
    (one,) = bench_town.residents(1, now)
    assert one.renewal.state is State.OFFERED
    assert one.renewal.offer is not None
    assert one.renewal.offer.shown
    heard = [
        to_event(understand(text, context_of(one.renewal), lying(one.renewal)), "wechat", "m", now)
        for text in bench_load.TEXTS
    ]
    assert [type(event).__name__ for event in heard] == ["Asked", "OffersAsked", "Hesitated", "Greeted"]


async def test_the_town_is_the_products_own(pg_url: str) -> None:
    await bench_town.settle_town(pg_url, 3)
    store = await connect(pg_url, sealer_of(bench_town.SEAL_KEY))
    found = await store.find("wechat", openid(2), "k", datetime.now(UTC) + timedelta(days=1))
    await store.close()
    assert found.tenant == "bench-0000002"
    assert [one.renewal.state for one in found.renewals] == [State.OFFERED]


def test_a_child_that_dies_is_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such luck')"]
    with (
        pytest.raises(bench_servers.BenchFailed, match="no such luck"),
        bench_servers.child(command, {}, bench_servers.free_port(), tmp_path / "log"),
    ):
        raise AssertionError("it never answered")


def test_the_sqlite_part_runs(tmp_path: Path) -> None:
    lines, (verdict,) = bench_sqlite.measure_sqlite(tmp_path, TINY)
    assert len(lines) == 2
    assert verdict.ratio > 0


def test_the_servers_parts_run(pg_server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a cluster of the bench's own, with PostgreSQL's programs where the tests found them."""
    monkeypatch.setenv("XUZU_PG_BIN", str(pg_server.binaries))
    with bench_servers.workshop() as folder, bench_servers.cluster(folder) as there:
        lines, (verdict,) = bench_opening.measure_opening(there, TINY)
        assert len(lines) == 2
        assert verdict.ratio > 0
        with start(there, folder, "floor", 3) as contender:
            assert bench_cpu.seconds(contender.pid) > 0
            loaded = asyncio.run(fire(Load(contender.port, 3, 8, 1, 2)))
            assert loaded.wall > 0
        with start(there, folder, "product", 3) as contender:
            loaded = asyncio.run(fire(Load(contender.port, 3, 8, 1, 2)))
            assert loaded.wall > 0
        lines, (verdict,) = bench_storm.measure_storm(there, folder, TINY._replace(few=40))
        assert len(lines) == 1
        assert verdict.ratio > 0


def test_a_storm_is_every_message_four_times_in_any_order() -> None:
    single, many = (requests(Load(1, 5, 20, 100, copies=copies, at=datetime.now(UTC))) for copies in (1, 4))
    assert Counter(many) != Counter(single)
    assert {Counter(many)[one] for one in many} == {4}
    assert many[:20] != sorted(many)[:20]


def test_without_postgresql_the_bench_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("XUZU_PG_BIN", str(tmp_path))
    assert bench.main(["--quick", "opening"]) == 1
    assert "PostgreSQL is needed" in capsys.readouterr().err


def test_without_words_every_part_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(bench, "_run", lambda parts, plan: asked.append(parts) or [])
    assert bench.main([]) == 0
    assert asked == [list(bench.PARTS)]
    with pytest.raises(SystemExit):
        bench.main(["everything"])


def test_a_part_prints_its_aim(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--quick", "sqlite"]) == 0
    said = capsys.readouterr().out
    assert "aim ≥ 3.00x" in said
    assert "one small durable write" in said
