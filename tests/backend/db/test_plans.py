"""The turn path never grows with the portfolio: each statement finds its rows by index, on both databases."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from backend.db import lite_turn, pg_sql
from backend.db.connect import connect
from backend.db.pg_turns import turn_columns
from backend.db.postgres import SESSION
from backend.db.sqlite import SqliteStore
from backend.db.tables import iso
from backend.sealing import Sealer
from tests.backend.db.town import NOW, opened, say, turn

PG: dict[str, tuple[Any, ...]] = {
    "FIND": ("wechat", "a", "m", NOW, 8),
    "LOAD": (1,),
    "CLAIM_EFFECTS": ("chat", NOW, NOW, "w", 9),
    "SETTLE": (1, 1, "", NOW, [], [], [], [], []),
    "POSTPONE": (1, 1, "open", NOW, False, True, ""),
    "CLAIM_TIMERS": (NOW, NOW, 9),
}
LITE: dict[str, tuple[Any, ...]] = {
    "FIND": ("wechat", "a", "m", iso(NOW), 8),
    "LOAD": (1,),
    "SAVE": (1, 0, "opened", 0, None, True, "{}"),
    "CLAIM_EFFECTS": ("chat", iso(NOW), iso(NOW), "w", 9),
    "SETTLE": (1, 1, ""),
    "POSTPONE": (1, 1, "open", iso(NOW), False, True, ""),
    "CLAIM_TIMERS": (iso(NOW), iso(NOW), 9),
}


async def plan(url: str, statement: str, values: tuple[Any, ...]) -> str:
    """As the store's own connections go about it."""
    connection = await asyncpg.connect(url, server_settings=SESSION)
    try:
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *values))
    finally:
        await connection.close()


@pytest.mark.parametrize("name", PG)
async def test_postgres_finds_by_index(pg_url: str, name: str) -> None:
    found = await plan(pg_url, getattr(pg_sql, name), PG[name])
    assert "Seq Scan" not in found
    assert "Index" in found


async def test_a_look_into_the_outbox_reads_one_renewals_part_of_it(pg_url: str) -> None:
    found = await plan(pg_url, pg_sql.FIND, PG["FIND"])
    assert "ix_effects_renewal" in found
    assert "hashed" not in found


async def test_a_whole_turn_finds_by_index(pg_url: str, sealer: Sealer) -> None:
    store = await connect(pg_url, sealer)
    (stored,) = await opened(store)
    await store.close()
    found = await plan(pg_url, pg_sql.TURNS, tuple(turn_columns([turn(stored, say("S1"), key="m")], sealer)))
    assert "Seq Scan" not in found


@pytest.mark.parametrize("name", LITE)
async def test_sqlite_finds_by_index(sqlite_url: str, sealer: Sealer, name: str) -> None:
    store = await connect(sqlite_url, sealer)
    assert isinstance(store, SqliteStore)
    statement = f"EXPLAIN QUERY PLAN {getattr(lite_turn, name)}"
    rows = await store.write(lambda conn: lite_turn.sql(conn, statement, *LITE[name]).fetchall())
    await store.close()
    steps = [row[3] for row in rows]
    assert any("SEARCH" in step for step in steps)
    assert [
        step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step and "subquery" not in step
    ] == []
