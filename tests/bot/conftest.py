"""Fixtures of the shell's tests: a stage on each kind of store, and one on SQLite alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.db.connect import connect
from backend.db.port import Store
from backend.sealing import Sealer
from tests.backend.payments.till import key_pair
from tests.bot.across import Across, across_the_street
from tests.bot.shell import Shell
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


@pytest.fixture(scope="session")
def merchant_keys() -> tuple[str, str]:
    return key_pair()


@pytest.fixture
async def across(clock: StageClock, merchant_keys: tuple[str, str]) -> AsyncIterator[Across]:
    async with across_the_street(clock, merchant_keys) as partners:
        yield partners


@pytest.fixture
def shell(lite: Stage, across: Across) -> Shell:
    """One process on SQLite, answering at its doors."""
    made = Shell(lite, across.adapters)
    made.answer_at(across.doors)
    return made
