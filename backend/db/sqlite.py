"""The store on SQLite, for one process: WAL, every commit on disk, one writer thread, reads beside it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from backend.sealing import Sealer
from dialogs.effects import Lane

from . import lite_turn
from .desk_side import DeskSide
from .port import ClaimedEffect, ClaimedTimer, Found, Stored, StoreDown, Window, Words, Write, Written
from .rows import Postponed
from .tables import iso
from .writer import Writer

T = TypeVar("T")

READERS = 2
BUSY_MS = 5000


_DOWN = (sqlite3.OperationalError, OperationalError)
"""Locked too long, disk full, file gone: trouble that may pass, unlike a statement that is wrong."""


def engine_of(path: Path, *, reading: bool) -> Engine:
    """Connections that begin and commit only when told."""

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        raw.execute(f"PRAGMA query_only={int(reading)}")
        return raw

    size = READERS if reading else 1
    return create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=size, isolation_level="AUTOCOMMIT"
    )


class SqliteStore(DeskSide):
    """``backend.db.port.Store``; open it with ``backend.db.connect``. Raises StoreDown when the file cannot be had."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self.sealer = sealer
        self._reading = engine_of(path, reading=True)
        self._writing = engine_of(path, reading=False)
        try:
            self._writer = Writer(self._writing.connect())
        except _DOWN as fault:
            raise StoreDown(f"{path}: {fault}") from fault
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._closed = False

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._writer.stop)
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()

    async def read(self, job: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self._reading.connect() as conn:
                return job(conn)

        if self._closed:
            raise StoreDown("the store is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, run)
        except _DOWN as fault:
            raise StoreDown(str(fault)) from fault

    async def write(self, job: Callable[[Connection], T]) -> T:
        try:
            return await self._writer.run(job)
        except _DOWN as fault:
            raise StoreDown(str(fault)) from fault

    # --- the turn path
    async def find(self, channel: str, address: str, inbound_key: str, now: datetime) -> Found:
        key = (channel, self.sealer.blind(address), inbound_key)
        return await self.read(lambda conn: lite_turn.find(conn, self.sealer, key, now))

    async def load(self, renewal_id: int) -> Stored | None:
        return await self.read(lambda conn: lite_turn.load(conn, self.sealer, renewal_id))

    async def commit(self, writes: Sequence[Write]) -> list[Written]:
        return list(await asyncio.gather(*(self._commit(write) for write in writes)))

    async def _commit(self, write: Write) -> Written:
        try:
            await self.write(lambda conn: lite_turn.write_turn(conn, self.sealer, write))
        except lite_turn.Undo as undo:
            return undo.why
        return Written.SAVED

    # --- outbox and timers
    async def claim_effects(
        self, lane: Lane, limit: int, now: datetime, lease_seconds: int, worker: str
    ) -> list[ClaimedEffect]:
        lease = timedelta(seconds=lease_seconds)
        if not await self.read(lambda conn: _any_due(conn, lane, now)):
            return []
        return await self.write(lambda conn: lite_turn.claim_effects(conn, lane, limit, now, lease, worker))

    async def settle(self, claim: ClaimedEffect, now: datetime, words: tuple[Words, ...] = (), note: str = "") -> bool:
        def job(conn: Connection) -> bool:
            if not lite_turn.settle(conn, claim, note):
                return False
            lite_turn.add_words(conn, self.sealer, words, claim.renewal_id, iso(now))
            return True

        return await self.write(job)

    async def postpone(
        self,
        claim: ClaimedEffect,
        run_at: datetime,
        error: str,
        *,
        unsure: bool,
        dead: bool = False,
        waits: bool = False,
    ) -> bool:
        until = Postponed(run_at, error, unsure, dead, waits)
        return await self.write(lambda conn: lite_turn.postpone(conn, claim, until))

    async def claim_timers(self, limit: int, now: datetime, lease_seconds: int) -> list[ClaimedTimer]:
        if not await self.read(lambda conn: _any_timer(conn, now)):
            return []
        lease = timedelta(seconds=lease_seconds)
        return await self.write(lambda conn: lite_turn.claim_timers(conn, limit, now, lease))

    async def open_window(self, operator: str, window: Window, now: datetime) -> int:
        return await self.write(lambda conn: lite_turn.open_window(conn, operator, window, now))


def _any_due(conn: Connection, lane: Lane, now: datetime) -> bool:
    """An idle lane looks without taking the writer's turn."""
    statement = "SELECT 1 FROM effects WHERE lane = ?1 AND status = 'open' AND run_at <= ?2 LIMIT 1"
    return lite_turn.sql(conn, statement, lane.value, iso(now)).fetchone() is not None


def _any_timer(conn: Connection, now: datetime) -> bool:
    return lite_turn.sql(conn, "SELECT 1 FROM timers WHERE run_at <= ?1 LIMIT 1", iso(now)).fetchone() is not None
