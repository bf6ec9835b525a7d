"""What every test may ask for: both stores, a Redis, a sealer; and nobody speaks to another machine."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import shutil
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend.db.connect import connect
from backend.db.migrate import upgrade
from backend.db.port import Store
from backend.sealing import Sealer, sealer_of
from tests import servers

TEMPLATE = "xuzu_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refuses any socket to anywhere but loopback; ``make live`` asks real providers, and says so."""
    if request.config.getoption("markexpr") == "live":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(connecting: Any) -> Any:
    def connect_here(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
            raise RuntimeError(f"tests speak to this machine only, not to {address[0]}")
        return connecting(self, address)

    return connect_here


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    return (host[:1].isdigit() or ":" in host) and ipaddress.ip_address(host).is_loopback


@pytest.fixture(scope="session")
def pg_server() -> Iterator[servers.Postgres]:
    """One PostgreSQL for this worker, with a migrated template database in it."""
    with servers.postgres() as server:
        _run(_statement(server, f"CREATE DATABASE {TEMPLATE}"))
        _run(upgrade(server.url(TEMPLATE)))
        yield server


@pytest.fixture
def pg_url(pg_server: servers.Postgres) -> Iterator[str]:
    """A fresh, migrated database of this test alone."""
    name = f"xuzu_{next(_numbers)}"
    _run(_statement(pg_server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield pg_server.url(name)
    _run(_statement(pg_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "xuzu.db"
    _run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated database of this test alone."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'xuzu.db')}"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """One Redis for this worker; whoever uses it picks keys of their own."""
    with servers.redis() as url:
        yield url


@pytest.fixture
def sealer() -> Sealer:
    return sealer_of("5e" * 32)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database, of each kind in turn."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url"))


@pytest.fixture
async def store(store_url: str, sealer: Sealer) -> AsyncIterator[Store]:
    """An empty store of each kind in turn."""
    opened = await connect(store_url, sealer)
    yield opened
    await opened.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own, so that it disturbs no test's event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _statement(server: servers.Postgres, sql: str) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
