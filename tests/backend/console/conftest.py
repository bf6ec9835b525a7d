"""Fixtures of the console tests; what they hold is in office.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.db.connect import connect
from backend.db.port import Store
from backend.sealing import Sealer
from tests.backend.console.office import KEY, Office, office


@pytest.fixture
async def ledger(sqlite_url: str, sealer: Sealer) -> AsyncIterator[Store]:
    opened = await connect(sqlite_url, sealer)
    yield opened
    await opened.close()


@pytest.fixture
async def at_desk(ledger: Store) -> AsyncIterator[Office]:
    """Open to whoever calls by a loopback name."""
    async with office(ledger) as made:
        yield made


@pytest.fixture
async def keyed(ledger: Store) -> AsyncIterator[Office]:
    """Behind the access key."""
    async with office(ledger, KEY) as made:
        yield made
