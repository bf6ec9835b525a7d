"""The throw-away servers themselves: they answer, they are private, and what is missing is named."""

from __future__ import annotations

import socket
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from tests import servers


async def test_postgres_answers_with_the_schema(pg_url: str) -> None:
    connection = await asyncpg.connect(pg_url)
    assert await connection.fetchval("SELECT count(*) FROM renewals") == 0
    await connection.close()


async def test_redis_answers(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.ping()


def test_no_socket_leaves_this_machine() -> None:
    with socket.socket() as probe, pytest.raises(RuntimeError, match=r"this machine only, not to 192\.0\.2\.1"):
        probe.connect(("192.0.2.1", 80))


def test_a_named_folder_without_the_program_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XUZU_PG_BIN", str(tmp_path))
    with pytest.raises(servers.Missing, match="XUZU_PG_BIN"), servers.postgres():
        pass


def test_what_cannot_be_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 1000)
    with pytest.raises(servers.Missing, match="apt-get install redis-server"):
        servers._install("redis-server", "redis-server", "XUZU_REDIS_BIN")
