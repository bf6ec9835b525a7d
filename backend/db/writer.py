"""SQLite's one writer: a thread that takes what waits, does each in its own savepoint, and commits them together."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

T = TypeVar("T")
Job = tuple[Callable[[Connection], Any], asyncio.Future[Any], asyncio.AbstractEventLoop]

BATCH_MAX = 256


class Writer:
    """``run(fn)`` answers after the commit that made ``fn``'s work durable; what ``fn`` raises undoes only its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((job, future, loop))
        return await future

    def stop(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch, more = [first], True
            while more and len(batch) < BATCH_MAX:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._jobs.put(None)
                    break
                batch.append(following)
            self._commit(batch)

    def _commit(self, batch: list[Job]) -> None:
        """One transaction, one fsync; if that fails, every job of the batch fails."""
        outcomes: list[tuple[Job, Any, BaseException | None]] = []
        try:
            self._sql("BEGIN IMMEDIATE")
            outcomes = [(job, *self._one(job[0])) for job in batch]
            self._sql("COMMIT")
        except (sqlite3.Error, SQLAlchemyError) as broken:
            outcomes = [(job, None, broken) for job in batch]
            if self._raw().in_transaction:
                self._sql("ROLLBACK")
        for (_, future, loop), result, fault in outcomes:
            loop.call_soon_threadsafe(_answer, future, result, fault)

    def _one(self, job: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
        self._sql("SAVEPOINT one")
        try:
            result = job(self._connection)
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


def _answer(future: asyncio.Future[Any], result: Any, fault: BaseException | None) -> None:
    if future.cancelled():
        return
    if fault is None:
        future.set_result(result)
    else:
        future.set_exception(fault)
