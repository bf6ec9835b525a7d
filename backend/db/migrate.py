"""Brings a database to this version's schema, and says whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

TURNSTILE = 0x78757A75
FOLDER = Path(__file__).parents[2] / "migrations"


def config(connection: Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    if connection is not None:
        found.attributes["connection"] = connection
    return found


async def upgrade(url: str) -> None:
    """To the newest version; safe to repeat. ``url``: ``sqlite:///path`` or ``postgresql://…``."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
        with engine.begin() as connection:
            _upgrade(connection)
        engine.dispose()
        return
    distant = create_async_engine(parsed.set(drivername="postgresql+asyncpg"))
    async with distant.begin() as there:
        await there.run_sync(_upgrade)
    await distant.dispose()


def _upgrade(connection: Connection) -> None:
    """Two that start at once take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURNSTILE})
    command.upgrade(config(connection), "head")


def behind(connection: Connection) -> bool:
    """Is the schema not the one this version knows?"""
    now = MigrationContext.configure(connection).get_current_heads()
    return set(now) != set(ScriptDirectory.from_config(config()).get_heads())
