"""The store on PostgreSQL, for any number of processes: the driver's own pool under turns, SQLAlchemy beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from backend.sealing import Sealer
from dialogs.effects import Lane
from dialogs.renewal import FLOW

from . import pg_sql
from .desk_side import DeskSide
from .gathering import Gatherer
from .pg_turns import columns, turn_columns
from .port import ClaimedEffect, ClaimedTimer, Found, Stored, StoreDown, Window, Words, Write, Written
from .rows import OPENS_MAX, claimed_of, encode, found_of, sealed_words, snapshot, stored_of

T = TypeVar("T")

POOL_MAX = 16
CHUNK = 5000
STATEMENT_SECONDS = 30
SESSION = {
    "application_name": "xuzu",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
"""The statements are constant and find their rows by key: planning them anew each time costs as much as running them,
and a table too young to have statistics must not tempt the planner into reading all of it."""
_DOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)
_SPOILED = (
    asyncpg.UniqueViolationError,
    asyncpg.DivisionByZeroError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


async def open_postgres(url: str, sealer: Sealer) -> PostgresStore:
    """Raises StoreDown when nobody answers."""
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=2,
            max_size=POOL_MAX,
            connection_class=Unreset,
            command_timeout=STATEMENT_SECONDS,
            server_settings=SESSION,
        )
    except (*_DOWN, asyncpg.PostgresError) as fault:
        raise StoreDown(f"{type(fault).__name__}: {fault}") from fault
    return PostgresStore(url, pool, sealer)


class Unreset(asyncpg.Connection):  # type: ignore[misc]  # the driver has no types
    """Nothing on these connections changes session state, so a reset would be a round trip for nothing."""

    def get_reset_query(self) -> str:
        return ""


class PostgresStore(DeskSide):
    """``backend.db.port.Store``; open it with ``backend.db.connect``."""

    def __init__(self, url: str, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self.sealer = sealer
        self._pool = pool
        self._gatherer = Gatherer(self._write_together)
        self._engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), pool_size=4)

    async def close(self) -> None:
        await self._gatherer.finish()
        await self._pool.close()
        await self._engine.dispose()

    async def read(self, job: Callable[[Connection], T]) -> T:
        try:
            async with self._engine.connect() as conn:
                return await conn.run_sync(job)
        except (DBAPIError, *_DOWN) as fault:
            raise _named(fault) from fault

    async def write(self, job: Callable[[Connection], T]) -> T:
        try:
            async with self._engine.begin() as conn:
                return await conn.run_sync(job)
        except (DBAPIError, *_DOWN) as fault:
            raise _named(fault) from fault

    # --- the turn path
    async def find(self, channel: str, address: str, inbound_key: str, now: datetime) -> Found:
        values = (channel, self.sealer.blind(address), inbound_key, now, OPENS_MAX)
        return found_of(await self._fetch(pg_sql.FIND, *values), self.sealer)

    async def load(self, renewal_id: int) -> Stored | None:
        rows = await self._fetch(pg_sql.LOAD, renewal_id)
        if not rows:
            return None
        return stored_of(rows[0], self.sealer)

    async def commit(self, writes: Sequence[Write]) -> list[Written]:
        return await self._gatherer.put(writes)

    async def _write_together(self, writes: Sequence[Write]) -> list[Written]:
        """One statement for all; where one turn spoils it, halves are tried until that one stands alone."""
        try:
            rows = await self._fetch(pg_sql.TURNS, *turn_columns(writes, self.sealer))
        except _SPOILED as fault:
            if len(writes) == 1:
                return [_why(fault)]
            half = len(writes) // 2
            return [*await self._write_together(writes[:half]), *await self._write_together(writes[half:])]
        saved = {row[0] for row in rows}
        return [Written.SAVED if number in saved else Written.STALE for number in range(1, len(writes) + 1)]

    # --- outbox and timers
    async def claim_effects(
        self, lane: Lane, limit: int, now: datetime, lease_seconds: int, worker: str
    ) -> list[ClaimedEffect]:
        until = now + timedelta(seconds=lease_seconds)
        rows = await self._fetch(pg_sql.CLAIM_EFFECTS, lane.value, now, until, worker, limit)
        return [claimed_of(row) for row in rows]

    async def settle(self, claim: ClaimedEffect, now: datetime, words: tuple[Words, ...] = (), note: str = "") -> bool:
        said = columns(sealed_words(words, self.sealer), 5)
        (row,) = await self._fetch(pg_sql.SETTLE, claim.id, claim.fence, note, now, *said)
        return bool(row[0])

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
        values = (claim.id, claim.fence, "dead" if dead else "open", run_at, unsure, not waits, error)
        return bool(await self._execute(pg_sql.POSTPONE, *values))

    async def claim_timers(self, limit: int, now: datetime, lease_seconds: int) -> list[ClaimedTimer]:
        rows = await self._fetch(pg_sql.CLAIM_TIMERS, now, now + timedelta(seconds=lease_seconds), limit)
        return [ClaimedTimer(*row) for row in rows]

    async def open_window(self, operator: str, window: Window, now: datetime) -> int:
        """By end date and id, in chunks of 5,000 leases: no lock is held long, and a stop midway loses nothing."""
        dates = (window.today.isoformat(), window.last.isoformat())
        opened, end_date, lease_id = 0, "", 0
        while True:
            after = (operator, *dates, end_date, CHUNK, snapshot(window), FLOW, now)
            rows = await self._fetch(pg_sql.OPEN_CHUNK, *after, window.tier, encode(window.dues), lease_id)
            if not rows:
                return opened
            ((count, end_date, lease_id),) = rows
            opened += int(count)

    async def _fetch(self, statement: str, *values: Any) -> list[Any]:
        return list(await self._ask(lambda conn: conn.fetch(statement, *values)))

    async def _execute(self, statement: str, *values: Any) -> int:
        """How many rows it changed."""
        done = await self._ask(lambda conn: conn.execute(statement, *values))
        return int(str(done).rsplit(" ", 1)[-1])

    async def _ask(self, question: Callable[[Any], Awaitable[Any]]) -> Any:
        if self._pool.is_closing():
            raise StoreDown("the store is closed")
        try:
            async with self._pool.acquire() as conn:
                try:
                    return await question(conn)
                except asyncpg.InterfaceError as fault:
                    if conn.is_closed():
                        raise ConnectionResetError(str(fault)) from fault
                    raise
        except _DOWN as fault:
            raise _named(fault) from fault


def _why(fault: asyncpg.PostgresError) -> Written:
    if isinstance(fault, asyncpg.DivisionByZeroError):
        return Written.LOST
    known = isinstance(fault, asyncpg.UniqueViolationError) and fault.table_name == "inbound"
    return Written.DUPLICATE if known else Written.STALE


def _named(fault: BaseException) -> BaseException:
    """StoreDown for trouble with the server; a value or a statement that is wrong stays what it is."""
    cause = fault.orig.__cause__ if isinstance(fault, DBAPIError) and fault.orig is not None else fault
    lost = isinstance(fault, DBAPIError) and fault.connection_invalidated
    return StoreDown(f"{type(cause).__name__}: {cause}") if lost or isinstance(cause, _DOWN) else fault
