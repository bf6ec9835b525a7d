"""Fixtures of the shell's tests: a stage on each kind of store, and one on SQLite alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.db.connect import connect
from backend.db.port import Store
from backend.sealing import Sealer
from tests.bot.stage import Stage, StageClock


@pytest.fixture
def clock() -> StageClock:
    return StageClock()


@pytest.fixture
def stage(store: Store, clock: StageClock) -> Stage:
    """On each kind of store in turn."""
    return Stage(store, clock)


@pytest.fixture
async def lite(sqlite_url: str, sealer: Sealer, clock: StageClock) -> AsyncIterator[Stage]:
    """On SQLite only: for what does not depend on the store."""
    opened = await connect(sqlite_url, sealer)
    yield Stage(opened, clock)
    await opened.close()
