"""One deduction plan at the sandbox over loopback HTTP: adapter, provider and our own door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.payments.deduction import Mandate
from backend.payments.entrust import Entrust
from backend.payments.entrust_calls import V2Calls
from backend.payments.entrust_wire import Plan
from backend.payments.routes import routes
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_calls import Calls
from backend.payments.wechatpay_wire import Merchant, platform_key, private_key
from backend.sandbox.entrust import EntrustSandbox
from backend.sandbox.wechatpay import WeChatPaySandbox
from backend.sandbox.wechatpay_seal import MerchantAccount
from tests.backend.payments.till import APIV3, APPID, MCHID, SERIAL, Ear, StillClock

APIV2, PLAN = "fedcba9876543210fedcba9876543210", "106"
DUE = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)


@dataclass
class Deductor:
    clock: StillClock
    sandbox: EntrustSandbox
    payer: Entrust
    ear: Ear = field(default_factory=Ear)
    api: str = ""
    session: aiohttp.ClientSession | None = None

    async def signed(self, key: str = "M1") -> Mandate:
        self.sandbox.tenant_signs(key, self.payer._notify_url)
        await self.sandbox.pump()
        return await self.payer.mandate(key)

    async def ready(self, key: str = "M1", amount: int = 320000) -> Mandate:
        """Signed, announced, and its window open."""
        mandate = await self.signed(key)
        window = await self.payer.announce(mandate, amount, DUE)
        self.clock.at = max(self.clock.at, window.opens)
        return mandate

    async def settled(self) -> None:
        self.clock.move(minutes=1)
        await self.sandbox.pump()

    def money(self) -> int:
        charged = self.sandbox.wechatpay.truth()["charged"]
        assert isinstance(charged, int)
        return charged


@asynccontextmanager
async def deductor(keys: tuple[str, str], mode: Literal["notice", "day"] = "notice") -> AsyncIterator[Deductor]:
    """``keys``: PEM of the merchant's private key and its public half."""
    clock, ear = StillClock(), Ear()
    account = MerchantAccount(MCHID, APPID, public_key_pem=keys[1], serial=SERIAL, apiv3_key=APIV3)
    shop = WeChatPaySandbox(account, clock, seed=7)
    sandbox = EntrustSandbox(shop, clock, apiv2_key=APIV2, plan_id=PLAN, mode=mode)
    merchant = Merchant(
        MCHID, APPID, SERIAL, private_key(keys[0]), APIV3.encode(), {shop.serial: platform_key(shop.public_key_pem)}
    )
    app = shop.app()
    sandbox.add_to(app)
    async with TestServer(app) as provider, aiohttp.ClientSession() as session:
        api = str(provider.make_url("")).rstrip("/")
        plan = Plan(MCHID, APPID, APIV2, PLAN, mode)
        v3, v2 = Calls(merchant, session, clock, api=api), V2Calls(plan, session, clock, api=api)
        ours = web.Application()
        listener = Entrust(v2, v3, WeChatPay(v3, "https://xuzu.example/callbacks/wechatpay"), "https://x.example/e")
        ours.add_routes(routes(listener, ear.hear))
        async with TestServer(ours) as door:
            address = str(door.make_url("/callbacks/entrust"))
            payer = Entrust(v2, v3, WeChatPay(v3, address), address)
            yield Deductor(clock, sandbox, payer, ear, api, session)
            await sandbox.close()
