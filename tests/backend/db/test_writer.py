"""The one writer: what waits is committed together, what fails undoes only itself, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.db.port import StoreDown
from backend.db.sqlite import engine_of
from backend.db.writer import BATCH_MAX, Job, Writer, answer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    engine = engine_of(path, reading=False)
    connection = engine.connect()
    connection.exec_driver_sql("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
    connection.exec_driver_sql("CREATE TABLE tied (n REFERENCES notes (n) DEFERRABLE INITIALLY DEFERRED)")
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    opened = Writer(connection)
    yield opened
    opened.stop()
    engine.dispose()


def note(n: int, table: str = "notes") -> Callable[[Connection], None]:
    return lambda conn: _insert(conn, n, table)


def _insert(conn: Connection, n: int, table: str) -> None:
    conn.exec_driver_sql(f"INSERT INTO {table} VALUES (?)", (n,))


def written(path: Path) -> list[int]:
    raw = sqlite3.connect(path)
    try:
        return [n for (n,) in raw.execute("SELECT n FROM notes ORDER BY n")]
    finally:
        raw.close()


async def test_an_answer_means_it_is_on_disk(writer: Writer, path: Path) -> None:
    await writer.run(note(1))
    assert written(path) == [1]
    assert await writer.run(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM notes").scalar()) == 1


async def test_what_waits_is_committed_together(writer: Writer, path: Path) -> None:
    said: list[str] = []
    gate = threading.Event()

    def hold(conn: Connection) -> None:
        raw = conn.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_trace_callback(said.append)
        assert gate.wait(10)

    jobs = [asyncio.create_task(writer.run(job)) for job in (hold, *(note(n) for n in range(BATCH_MAX - 1)))]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*jobs)
    assert written(path) == list(range(BATCH_MAX - 1))
    assert said.count("COMMIT") <= 2


async def test_a_failing_job_undoes_only_its_own(writer: Writer, path: Path) -> None:
    def half(conn: Connection) -> None:
        _insert(conn, 7, "notes")
        raise LookupError("half way")

    done = await asyncio.gather(writer.run(note(1)), writer.run(half), writer.run(note(2)), return_exceptions=True)
    assert [type(one) for one in done] == [type(None), LookupError, type(None)]
    with pytest.raises(IntegrityError):
        await writer.run(note(1))
    assert written(path) == [1, 2]


async def test_a_commit_that_fails_fails_everybody_in_it(writer: Writer, path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await writer.run(note(9, "tied"))
    await writer.run(note(1))
    assert written(path) == [1]


async def test_stopped_means_done_and_then_down(writer: Writer, path: Path) -> None:
    tasks = [asyncio.create_task(writer.run(note(n))) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(writer.stop)
    await asyncio.gather(*tasks)
    assert written(path) == list(range(20))
    with pytest.raises(StoreDown):
        await writer.run(note(99))


def test_whoever_asked_may_be_gone() -> None:
    loop = asyncio.new_event_loop()
    future: asyncio.Future[Any] = loop.create_future()
    loop.close()
    answer([Job(lambda _: None, future, loop)], [(None, None)])
    assert not future.done()
