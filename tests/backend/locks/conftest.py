"""Fixtures of the lock tests; what they hold is in hallway.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.locks.ttlock import TTLock
from backend.locks.ttlock_calls import Calls
from backend.sandbox.ttlock import TTLockSandbox
from tests.backend.locks.hallway import ACCOUNT, Hallway, StillClock


@pytest.fixture
async def hallway() -> AsyncIterator[Hallway]:
    clock = StillClock()
    user = ACCOUNT
    sandbox = TTLockSandbox(user.client_id, user.client_secret, user.username, user.password, clock, seed=7)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        api = str(provider.make_url("")).rstrip("/")
        yield Hallway(clock, sandbox, TTLock(Calls(user, session, clock, api=api)), session, api)
