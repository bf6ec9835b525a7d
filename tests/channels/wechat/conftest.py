"""Fixtures of the WeChat tests; what they hold is in line.py."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.sandbox.wechat import WeChatSandbox
from channels.wechat.routes import PATH, routes
from tests.channels.wechat.line import ACCOUNT, TENANT, Ear, Line, StillClock

_accounts = itertools.count(1)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """An account of this test alone, so that a shared Redis keeps its token apart; one tenant follows it."""
    clock, ear = StillClock(), Ear()
    account = msgspec.structs.replace(ACCOUNT, appid=f"wx{next(_accounts):016x}")
    sandbox = WeChatSandbox(account.appid, account.secret, account.token, account.aes_key, clock, seed=7)
    sandbox.away = 0
    sandbox.add_follower(TENANT)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        config = msgspec.structs.replace(account, api_base=str(provider.make_url("")))
        ours = web.Application()
        ours.add_routes(routes(config, ear.hear, clock))
        async with TestServer(ours) as door:
            sandbox.callback_url = str(door.make_url(PATH))
            yield Line(clock, sandbox, session, config, sandbox.callback_url, ear)
