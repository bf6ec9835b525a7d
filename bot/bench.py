"""``xuzu bench``: ratios of one run against straight-line floors, median of interleaved rounds, beside their aims."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.bench_figures import Plan, Verdict
from bot.bench_opening import measure_opening
from bot.bench_servers import BenchFailed, Cluster, cluster, sync_milliseconds, workshop
from bot.bench_sqlite import measure_sqlite
from bot.bench_storm import CONNECTIONS, COPIES, measure_storm
from bot.bench_understanding import measure_understanding
from bot.bench_wechat import measure_wechat

PARTS = ("wechat", "storm", "sqlite", "opening", "understanding")
QUICK = Plan(rounds=1, messages=64, few=50, many=100, connections=8, turns=64, leases=200)
Measured = tuple[list[str], list[Verdict]]


def main(argv: Sequence[str]) -> int:
    """0 = measured (whether or not the aims were met: this is no test), 1 = could not be run here."""
    arguments = _parser().parse_args(argv)
    plan = QUICK if arguments.quick else Plan(rounds=arguments.rounds, messages=arguments.messages)
    try:
        verdicts = _run(arguments.parts or list(PARTS), plan)
    except BenchFailed as failed:
        print(f"the bench cannot be run here: {failed}", file=sys.stderr)
        return 1
    print("\nRatios (median of the rounds)")
    for verdict in verdicts:
        print(verdict.line())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xuzu bench", description="Ratios against straight-line floors.")
    parser.add_argument("parts", nargs="*", type=_part, metavar="|".join(PARTS), help="default: all of them")
    parser.add_argument("--rounds", type=int, default=Plan().rounds)
    parser.add_argument("--messages", type=int, default=Plan().messages, help="in each round of the WeChat path")
    parser.add_argument("--quick", action="store_true", help="a few messages only: does it run?")
    return parser


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"not a part: {name}; there are {', '.join(PARTS)}")
    return name


def _run(parts: Sequence[str], plan: Plan) -> list[Verdict]:
    verdicts: list[Verdict] = []
    with workshop() as folder:
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
        print(f"one small durable write: {sync_milliseconds(folder):.2f} ms")
        for name, measure in _measures(parts, folder, plan):
            started = time.perf_counter()
            print(f"\n{name}", flush=True)
            lines, found = measure()
            print("\n".join(lines))
            print(f"  ({time.perf_counter() - started:.0f} s)", flush=True)
            verdicts += found
    return verdicts


def _measures(parts: Sequence[str], folder: Path, plan: Plan) -> Iterator[tuple[str, Callable[[], Measured]]]:
    if "understanding" in parts:
        yield f"Understanding, {plan.messages} messages in a fresh process", lambda: measure_understanding(plan)
    if "sqlite" in parts:
        yield f"SQLite store, {plan.turns} turns, {plan.connections} at once", lambda: measure_sqlite(folder, plan)
    if "opening" in parts:
        with _own_cluster(folder, "opening") as there:
            yield f"Opening {plan.leases} leases", lambda: measure_opening(there, plan)
    if "storm" in parts:
        with _own_cluster(folder, "storm") as there:
            heading = f"Storm, {plan.messages} messages {COPIES} times over {CONNECTIONS} connections, senders hanging"
            yield heading, lambda: measure_storm(there, folder, plan)
    if "wechat" in parts:
        with _own_cluster(folder, "wechat") as there:
            heading = f"WeChat path, {plan.messages} messages over {plan.connections} connections"
            yield heading, lambda: measure_wechat(there, folder, plan)


@contextmanager
def _own_cluster(folder: Path, name: str) -> Iterator[Cluster]:
    """Each part has PostgreSQL to itself."""
    place = folder / name
    place.mkdir()
    folder.chmod(0o711)
    with cluster(place) as there:
        yield there
