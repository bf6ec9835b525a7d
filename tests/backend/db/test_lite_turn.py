"""What is SQLite's alone: idle lanes leave the writer in peace, readers cannot write, ids never come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from sqlite3 import OperationalError

import pytest
from sqlalchemy import Connection

from backend.db import lite_turn
from backend.db.connect import connect
from backend.db.port import StoreDown, Written
from backend.db.sqlite import SqliteStore
from backend.sealing import Sealer
from dialogs.effects import Lane
from dialogs.renewal import Timer
from tests.backend.db.town import FIRST, NOW, after, again, opened, turn


@pytest.fixture
async def lite(sqlite_url: str, sealer: Sealer) -> AsyncIterator[SqliteStore]:
    store = await connect(sqlite_url, sealer)
    assert isinstance(store, SqliteStore)
    yield store
    await store.close()


async def test_idle_lanes_do_not_wait_for_the_writer(lite: SqliteStore) -> None:
    gate = threading.Event()
    busy = asyncio.create_task(lite.write(lambda _: gate.wait(10)))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await lite.claim_effects(Lane.CHAT, 9, NOW, 60, "w") == []
        assert await lite.claim_timers(9, NOW, 60) == []
    assert not busy.done()
    gate.set()
    assert await busy


async def test_a_reader_cannot_write(lite: SqliteStore) -> None:
    with pytest.raises(StoreDown, match="readonly") as refused:
        await lite.read(lambda conn: lite_turn.sql(conn, "DELETE FROM leases"))
    assert isinstance(refused.value.__cause__, OperationalError)


async def test_a_turn_that_is_undone_says_why(lite: SqliteStore) -> None:
    (stored,) = await opened(lite)

    def twice(conn: Connection) -> None:
        lite_turn.write_turn(conn, lite.sealer, turn(stored))
        lite_turn.write_turn(conn, lite.sealer, turn(stored))

    with pytest.raises(lite_turn.Undo) as undone:
        await lite.write(twice)
    assert undone.value.why is Written.STALE
    assert await again(lite, stored) == stored


async def test_a_timers_id_never_comes_back(lite: SqliteStore) -> None:
    (stored,) = await opened(lite)
    (first,) = await lite.claim_timers(9, FIRST, 60)
    await lite.commit([turn(stored, timers=(Timer("GateDue", after(5)),), drop=("TierDue",))])
    (second,) = await lite.timers(stored.id)
    assert second.id > first.id
