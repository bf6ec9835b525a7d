"""Part three: turns through the SQLite store, thirty-two at once, against plain ``sqlite3`` with one commit each."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backend.db.connect import connect
from backend.db.migrate import upgrade
from backend.db.port import Inbound, LeaseRow, Person, Store, Stored, Window, Words, Write, Written
from backend.sealing import sealer_of
from bot.bench_figures import Aim, Plan, Round, Verdict, judge, rates
from bot.bench_servers import BenchFailed
from bot.bench_town import OPERATOR, SEAL_KEY, lease
from dialogs.events import Thanked
from dialogs.renewal import Decision

LITE = Aim("SQLite store: turns a second, to plain sqlite3's", 3.0, at_least=True)
RENEWALS = 200
PLAIN = """
CREATE TABLE renewals (id INTEGER PRIMARY KEY, version INT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE inbound (key TEXT PRIMARY KEY, renewal_id INT, reply TEXT, at TEXT NOT NULL);
CREATE TABLE events (renewal_id INT, seq INT, at TEXT, event TEXT, PRIMARY KEY (renewal_id, seq));
CREATE TABLE words (n INTEGER PRIMARY KEY, id TEXT, renewal_id INT, at TEXT, author TEXT, sealed TEXT);
CREATE INDEX said ON words (renewal_id, n);
"""


def measure_sqlite(folder: Path, plan: Plan) -> tuple[list[str], list[Verdict]]:
    """Lines to print and what they come to."""
    return asyncio.run(_measure(folder, plan))


async def _measure(folder: Path, plan: Plan) -> tuple[list[str], list[Verdict]]:
    store = await _opened(folder)
    plain = _plain(folder, await store.renewals(OPERATOR, limit=RENEWALS))
    ours: list[Round] = []
    floor: list[Round] = []
    for number in range(plan.rounds):
        ours.append(await _ours(store, plan, number))
        floor.append(_floor(plain, plan, number))
    await store.close()
    plain.close()
    lines = [f"  {name:<24} {_middle(rounds):7.0f} turns/s" for name, rounds in (("store", ours), ("plain", floor))]
    return lines, [judge(LITE, rates(ours), rates(floor))]


def _middle(rounds: Sequence[Round]) -> float:
    return sorted(rates(rounds))[len(rounds) // 2]


async def _opened(folder: Path) -> Store:
    url = f"sqlite:///{folder / 'store.db'}"
    await upgrade(url)
    store = await connect(url, sealer_of(SEAL_KEY))
    now = datetime.now(UTC)
    held = [lease(number, now.date()) for number in range(RENEWALS)]
    rows = [LeaseRow(one, (Person(one.tenant.id, "租客", "13800000000"),)) for one in held]
    await store.import_leases(OPERATOR, rows, "bench", now)
    await store.open_window(OPERATOR, Window(now.date(), 45, {held[0].end: now}, "T-30", 1), now)
    return store


async def _ours(store: Store, plan: Plan, number: int) -> Round:
    """Each of the tasks takes turn after turn on renewals of its own, and waits until each is on disk."""
    stored = await store.renewals(OPERATOR, limit=RENEWALS)
    tasks = [stored[place :: plan.connections] for place in range(plan.connections)]
    started = time.perf_counter()
    await asyncio.gather(*(_turns(store, mine, plan, number) for mine in tasks if mine))
    return Round(plan.turns, time.perf_counter() - started)


async def _turns(store: Store, mine: list[Stored], plan: Plan, number: int) -> None:
    for place in range(plan.turns // plan.connections):
        one = mine[place % len(mine)]
        (written,) = await store.commit([_write(one, f"r{number}-{one.id}-{place}")])
        if written is not Written.SAVED:
            raise BenchFailed(f"a turn was {written}")
        mine[place % len(mine)] = msgspec.structs.replace(one, version=one.version + 1)


def _write(one: Stored, key: str) -> Write:
    said = (Words(key, "tenant", "wechat", "谢谢"), Words(f"{key}-a", "bot", "wechat", "不客气", "thanks"))
    decision = Decision(one.renewal, row="opened --Thanked--> opened")
    return Write(one.id, one.version, Thanked(message=key), decision, datetime.now(UTC), Inbound(key, "不客气"), said)


def _plain(folder: Path, stored: Sequence[Stored]) -> sqlite3.Connection:
    """The same durability: WAL, and every commit synced."""
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(PLAIN)
    rows = [(one.id, msgspec.json.encode(one.renewal).decode()) for one in stored]
    connection.executemany("INSERT INTO renewals VALUES (?, 0, 'opened', ?)", rows)
    return connection


def _floor(connection: sqlite3.Connection, plan: Plan, number: int) -> Round:
    ids = [row[0] for row in connection.execute("SELECT id FROM renewals")]
    turns = plan.turns // plan.connections * plan.connections
    started = time.perf_counter()
    for place in range(turns):
        _plain_turn(connection, ids[place % len(ids)], f"r{number}-{place}")
    return Round(plan.turns, (time.perf_counter() - started) * plan.turns / turns)


def _plain_turn(connection: sqlite3.Connection, renewal_id: int, key: str) -> None:
    now = datetime.now(UTC).isoformat()
    connection.execute("BEGIN IMMEDIATE")
    row = connection.execute("SELECT version, body FROM renewals WHERE id = ?", (renewal_id,)).fetchone()
    saved = "UPDATE renewals SET version = version + 1, state = 'opened', body = ? WHERE id = ? AND version = ?"
    connection.execute(saved, (row[1], renewal_id, row[0]))
    connection.execute("INSERT INTO events VALUES (?, ?, ?, '{}')", (renewal_id, row[0] + 1, now))
    connection.execute("INSERT INTO inbound VALUES (?, ?, '不客气', ?)", (key, renewal_id, now))
    for said in _said(key, renewal_id, now):
        connection.execute("INSERT INTO words (id, renewal_id, at, author, sealed) VALUES (?, ?, ?, ?, ?)", said)
    connection.execute("COMMIT")


def _said(key: str, renewal_id: int, now: str) -> Iterator[tuple[str, int, str, str, str]]:
    yield key, renewal_id, now, "tenant", "谢谢"
    yield f"{key}-a", renewal_id, now, "bot", "不客气"
