"""Opening a store: by address, only on the right schema, and with a clear word when the database is away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from backend.db import migrate, pg_sql, tables
from backend.db.connect import connect
from backend.db.desk_side import DeskSide
from backend.db.port import SchemaBehind, Store, StoreDown
from backend.db.postgres import PostgresStore
from backend.db.sqlite import SqliteStore
from backend.sealing import Sealer
from tests import servers
from tests.backend.db.town import NOW, OPERATOR, again, imported, opened, row, turn


async def test_the_address_names_the_kind(pg_url: str, sqlite_url: str, sealer: Sealer) -> None:
    for url, kind in ((pg_url, PostgresStore), (sqlite_url, SqliteStore)):
        store = await connect(url, sealer)
        assert isinstance(store, kind)
        await store.close()


@pytest.mark.parametrize("url", ["mysql://somewhere/db", "sqlite://"])
async def test_another_address_is_refused(url: str, sealer: Sealer) -> None:
    with pytest.raises(ValueError, match="not a database we know"):
        await connect(url, sealer)


async def test_an_empty_database_is_refused(tmp_path: Path, sealer: Sealer) -> None:
    with pytest.raises(SchemaBehind, match="xuzu migrate"):
        await connect(f"sqlite:///{tmp_path / 'empty.db'}", sealer)


async def test_a_database_that_is_not_there(tmp_path: Path, sealer: Sealer) -> None:
    with pytest.raises(StoreDown):
        await connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}", sealer)
    with pytest.raises(StoreDown):
        await connect(f"postgresql://xuzu@127.0.0.1:{servers.free_port()}/xuzu", sealer)


async def test_the_schema_is_what_the_tables_say(store: Store) -> None:
    assert isinstance(store, DeskSide)

    def differences(conn: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(conn), tables.metadata))

    assert await store.read(differences) == []


async def test_migrations_go_down_and_up_and_may_be_repeated(store_url: str, sealer: Sealer) -> None:
    await migrate.upgrade(store_url)
    store = await connect(store_url, sealer)
    assert isinstance(store, DeskSide)
    await imported(store, row())
    await store.write(lambda conn: command.downgrade(migrate.config(conn), "base"))
    assert await store.read(migrate.behind)
    await store.close()
    await asyncio.gather(migrate.upgrade(store_url), migrate.upgrade(store_url))
    store = await connect(store_url, sealer)
    assert await store.lease(OPERATOR, "L1") is None
    await store.close()


async def test_a_crashed_server_is_down_and_comes_back(
    pg_server: servers.Postgres, pg_url: str, sealer: Sealer
) -> None:
    store = await connect(pg_url, sealer)
    (stored,) = await opened(store)
    await asyncio.to_thread(pg_server.stop)
    try:
        with pytest.raises(StoreDown):
            await store.commit([turn(stored)])
        with pytest.raises(StoreDown):
            await store.find("wechat", "open-1", "m", NOW)
        with pytest.raises(StoreDown):
            await store.renewals(OPERATOR)
    finally:
        await asyncio.to_thread(pg_server.start)
    assert await again(store, stored) == stored
    assert [one.id for one in await store.renewals(OPERATOR)] == [stored.id]
    await store.close()


async def test_a_closed_store_says_so(store_url: str, sealer: Sealer) -> None:
    store = await connect(store_url, sealer)
    (stored,) = await opened(store)
    await store.close()
    with pytest.raises(StoreDown):
        await store.commit([turn(stored)])


async def test_a_wrong_statement_is_not_a_database_that_is_down(pg_url: str, sealer: Sealer) -> None:
    store = await connect(pg_url, sealer)
    assert isinstance(store, PostgresStore)
    with pytest.raises(asyncpg.InterfaceError):
        await store._fetch(pg_sql.LOAD)
    with pytest.raises(asyncpg.UndefinedTableError):
        await store._fetch("SELECT * FROM nowhere")
    await store.close()
