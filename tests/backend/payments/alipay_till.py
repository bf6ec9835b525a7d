"""Alipay at the sandbox over loopback HTTP: adapters, provider and our own doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.payments.alipay import Alipay
from backend.payments.alipay_calls import AlipayCalls
from backend.payments.alipay_cycle import AlipayCycle
from backend.payments.alipay_wire import Shop
from backend.payments.deduction import Mandate, SignWish
from backend.payments.port import Payer
from backend.payments.routes import routes
from backend.payments.wechatpay_wire import platform_key, private_key
from backend.sandbox.alipay import AlipaySandbox
from tests.backend.payments.till import Ear, StillClock

APP = "2021000000000001"
WISH = SignWish("林*", "https://xuzu.example/r/t1", 500_000, 1, date(2026, 9, 24))


@dataclass
class AlipayTill:
    clock: StillClock
    sandbox: AlipaySandbox
    payments: Alipay
    cycle: AlipayCycle
    calls: AlipayCalls
    session: aiohttp.ClientSession
    ear: Ear = field(default_factory=Ear)

    async def ordered(self, key: str = "R1P1A1", amount: int = 320000) -> str:
        """The link, opened by the tenant: only now there is a trade. Gives the path its buttons post to."""
        link = (await self.payments.order(key, amount, "首期租金 B-1", Payer(back="https://xuzu.example/r/t1"))).link
        return await self.opened(link)

    async def opened(self, link: str) -> str:
        async with self.session.get(link) as page:
            text = await page.text()
            assert page.status == 200, text
        return text.split('action="')[1].split('"')[0]

    async def pressed(self, path: str, outcome: str) -> int:
        origin = self.calls.shop.gateway.removesuffix("/gateway.do")
        async with self.session.post(origin + path, data={"outcome": outcome}) as done:
            return done.status

    async def paid(self, key: str = "R1P1A1", amount: int = 320000) -> None:
        assert await self.pressed(await self.ordered(key, amount), "pay") == 200

    async def signed(self, key: str = "M1", wish: SignWish = WISH) -> Mandate:
        """On Alipay's page; its number comes with the notice."""
        path = await self.opened(await self.cycle.sign_url(key, wish))
        assert await self.pressed(path, "sign") == 200
        await self.sandbox.pump()
        return await self.cycle.mandate(self.ear.heard[-1].key)


@asynccontextmanager
async def alipay_till(keys: tuple[str, str]) -> AsyncIterator[AlipayTill]:
    clock, ear = StillClock(), Ear()
    sandbox = AlipaySandbox(clock, app_id=APP, app_public_pem=keys[1])
    ours = web.Application()
    async with TestServer(sandbox.app()) as provider, aiohttp.ClientSession() as session:
        gateway = str(provider.make_url("/gateway.do"))
        key, theirs = private_key(keys[0]), platform_key(sandbox.public_pem)
        shop = Shop(APP, key, theirs, gateway, sign_scene="INDUSTRY|TEST")
        calls = AlipayCalls(shop, session, clock)
        listening = Alipay(calls, ""), AlipayCycle(calls, "")
        for one in listening:
            ours.add_routes(routes(one, ear.hear))
        async with TestServer(ours) as doors:
            payments = Alipay(calls, str(doors.make_url("/callbacks/alipay")))
            cycle = AlipayCycle(calls, str(doors.make_url("/callbacks/alipaycycle")))
            sandbox.gateway_notices = str(doors.make_url("/callbacks/alipaycycle"))
            yield AlipayTill(clock, sandbox, payments, cycle, calls, session, ear)
            await sandbox.close()
