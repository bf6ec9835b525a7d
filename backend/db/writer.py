"""SQLite's one writer: a thread that takes what waits, does each in its own savepoint, and commits them together."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from .port import StoreDown

T = TypeVar("T")

BATCH_MAX = 256

Outcome = tuple[Any, BaseException | None]
"""What a job returned, or what it raised."""


class Job(msgspec.Struct, frozen=True):
    """One piece of work and whom to answer."""

    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Writer:
    """``run(fn)`` answers after the commit that made ``fn``'s work durable; what ``fn`` raises undoes only its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Raises StoreDown once stopped, and whatever ``work`` raises."""
        if self._stopped:
            raise StoreDown("the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(Job(work, future, loop))
        return await future

    def stop(self) -> None:
        """Everything asked for before is done first."""
        self._stopped = True
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            self._commit([first, *self._waiting()])

    def _waiting(self) -> list[Job]:
        """What came in while the last batch was committed."""
        waiting: list[Job] = []
        while len(waiting) < BATCH_MAX - 1:
            try:
                following = self._jobs.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._jobs.put(None)
                break
            waiting.append(following)
        return waiting

    def _commit(self, batch: list[Job]) -> None:
        """One transaction, one fsync; if that fails, every job of the batch fails."""
        try:
            self._sql("BEGIN IMMEDIATE")
            outcomes: list[Outcome] = [self._one(job.work) for job in batch]
            self._sql("COMMIT")
        except (sqlite3.Error, SQLAlchemyError) as broken:
            outcomes = [(None, broken)] * len(batch)
            if self._raw().in_transaction:
                self._sql("ROLLBACK")
        answer(batch, outcomes)

    def _one(self, work: Callable[[Connection], Any]) -> Outcome:
        self._sql("SAVEPOINT one")
        try:
            result = work(self._connection)
        except Exception as fault:
            self._sql("ROLLBACK TO one")
            self._sql("RELEASE one")
            return None, fault
        self._sql("RELEASE one")
        return result, None

    def _sql(self, statement: str) -> None:
        self._raw().execute(statement)

    def _raw(self) -> sqlite3.Connection:
        raw = self._connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw


def answer(batch: list[Job], outcomes: list[Outcome]) -> None:
    """Each event loop is woken once for all of its jobs; whoever asked may be gone by now, and the loop with them."""
    for loop in {job.loop for job in batch}:
        mine = [(job.future, outcome) for job, outcome in zip(batch, outcomes, strict=True) if job.loop is loop]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_tell_all, mine)


def _tell_all(answers: list[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, (result, fault) in answers:
        _tell(future, result, fault)


def _tell(future: asyncio.Future[Any], result: Any, fault: BaseException | None) -> None:
    if future.cancelled():
        return
    if fault is None:
        future.set_result(result)
    else:
        future.set_exception(fault)
