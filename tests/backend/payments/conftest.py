"""Fixtures of the payment tests; what they hold is in till.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.payments.routes import routes
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_calls import Calls
from backend.payments.wechatpay_wire import Merchant, platform_key, private_key
from backend.sandbox.wechatpay import WeChatPaySandbox
from backend.sandbox.wechatpay_seal import MerchantAccount
from tests.backend.payments.till import APIV3, APPID, MCHID, SERIAL, Ear, StillClock, Till, key_pair


@pytest.fixture(scope="session")
def merchant_key() -> tuple[str, str]:
    return key_pair()


@pytest.fixture
async def till(merchant_key: tuple[str, str]) -> AsyncIterator[Till]:
    clock, ear = StillClock(), Ear()
    account = MerchantAccount(MCHID, APPID, public_key_pem=merchant_key[1], serial=SERIAL, apiv3_key=APIV3)
    sandbox = WeChatPaySandbox(account, clock, seed=7)
    platform = {sandbox.serial: platform_key(sandbox.public_key_pem)}
    merchant = Merchant(MCHID, APPID, SERIAL, private_key(merchant_key[0]), APIV3.encode(), platform)
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        calls = Calls(merchant, session, clock, api=str(provider.make_url("")).rstrip("/"))
        ours = web.Application()
        listener = WeChatPay(calls, "https://xuzu.example/callbacks/wechatpay")
        ours.add_routes(routes(listener, ear.hear))
        async with TestServer(ours) as door:
            address = str(door.make_url("/callbacks/wechatpay"))
            api = str(provider.make_url("")).rstrip("/")
            yield Till(clock, sandbox, WeChatPay(calls, address), session, merchant, api, address, ear)
