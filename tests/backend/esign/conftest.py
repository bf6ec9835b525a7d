"""Fixtures of the e-sign tests; what they hold is in studio.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.esign.fadada import Fadada
from backend.esign.fadada_calls import Calls
from backend.esign.routes import routes
from backend.sandbox.fadada import FadadaSandbox
from tests.backend.esign.studio import ACCOUNT, Ear, StillClock, Studio


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    clock, ear = StillClock(), Ear()
    sandbox = FadadaSandbox(ACCOUNT.app_id, ACCOUNT.app_secret, clock, seed=7)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        origin = str(provider.make_url("")).rstrip("/")
        calls = Calls(ACCOUNT, session, clock, api=f"{origin}/api/v5")
        ours = web.Application()
        ours.add_routes(routes(Fadada(calls), ear.hear))
        async with TestServer(ours) as door:
            address = str(door.make_url("/callbacks/fadada"))
            yield Studio(clock, sandbox, Fadada(calls, address), session, origin, address, ear)
