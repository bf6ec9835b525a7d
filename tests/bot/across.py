"""The four partners on loopback, our adapters towards them, and our doors for what they call back with."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.esign.port import Notice as SignNotice
from backend.payments.port import Notice as PayNotice
from backend.sandbox.alipay import AlipaySandbox
from backend.sandbox.entrust import EntrustSandbox
from backend.sandbox.fadada import FadadaSandbox
from backend.sandbox.ttlock import TTLockSandbox
from backend.sandbox.wechat import WeChatSandbox
from backend.sandbox.wechatpay import WeChatPaySandbox
from backend.sandbox.wechatpay_seal import MerchantAccount
from bot.adapters import Adapters, Ears, wire
from bot.clock import SHANGHAI
from bot.demo_sms import SmsVendors
from bot.settings import (
    AlipaySettings,
    EntrustSettings,
    FadadaSettings,
    LockSettings,
    PaySettings,
    Settings,
    WeChatSettings,
    read_settings,
)
from channels.port import Inbound
from dialogs.lease import Lease
from tests.bot.stage import LINK_KEY, OPERATOR, StageClock

SECRET = "synthetic-secret-of-the-stage-000"
APPID, MCHID, SERIAL, APIV3 = "wx0000000000stage", "1900000001", "7777AAAA", "0123456789abcdef0123456789abcdef"
APIV2, PLAN, DEDUCT_LIMIT = "fedcba9876543210fedcba9876543210", "106", 500_000
ALIPAY_APP = "2021000000000001"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass
class Doors:
    """Who answers at our doors; a test or a shell puts itself here."""

    hear: Callable[[Inbound], Awaitable[str | None]] | None = None
    hear_sms: Callable[[Inbound], Awaitable[str | None]] | None = None
    envelope_moved: Callable[[SignNotice], Awaitable[object]] | None = None
    payment_moved: Callable[[PayNotice, str], Awaitable[object]] | None = None
    mandate_moved: Callable[[PayNotice, str], Awaitable[object]] | None = None

    async def heard(self, inbound: Inbound) -> str | None:
        assert self.hear is not None
        return await self.hear(inbound)

    async def heard_sms(self, inbound: Inbound) -> str | None:
        assert self.hear_sms is not None
        return await self.hear_sms(inbound)

    async def envelope(self, notice: SignNotice) -> object:
        assert self.envelope_moved is not None
        return await self.envelope_moved(notice)

    async def mandate(self, notice: PayNotice, provider: str) -> object:
        assert self.mandate_moved is not None
        return await self.mandate_moved(notice, provider)

    async def payment(self, notice: PayNotice, provider: str) -> object:
        assert self.payment_moved is not None
        return await self.payment_moved(notice, provider)


@dataclass
class Across:
    """Everything on the other side of the street."""

    clock: StageClock
    wechat: WeChatSandbox
    esign: FadadaSandbox
    pay: WeChatPaySandbox
    entrust: EntrustSandbox
    alipay: AlipaySandbox
    locks: TTLockSandbox
    session: aiohttp.ClientSession
    settings: Settings
    adapters: Adapters
    origins: dict[str, str]
    doors: Doors = field(default_factory=Doors)
    sms: SmsVendors | None = None

    def welcome(self, openid: str) -> None:
        """A follower, whose chat window is shut until they write."""
        self.wechat.add_follower(openid)

    def fit(self, lease: Lease, *, asleep: int = 0) -> None:
        """A door with a code and a phone key that end with the lease; the gateway is busy so many times."""
        after = datetime.combine(lease.end + timedelta(days=1), time.min, SHANGHAI)
        span = (datetime.combine(lease.start, time.min, SHANGHAI), (after - timedelta(seconds=1)).astimezone(UTC))
        self.locks.add_lock(int(lease.lock), passcodes=[span], ekeys=[span])
        self.locks.trouble(int(lease.lock), *[-3003] * asleep)

    async def signs(self, outcome: str = "sign") -> int:
        """Everybody who is waited for opens their page and presses the button; how many did."""
        waiting = self.esign.waiting_for()
        for one in waiting:
            async with self.session.post(self.origins["esign"] + one["path"], data={"outcome": outcome}) as answer:
                assert answer.status == 200
        return len(waiting)

    async def pump(self) -> int:
        """What the partners have to deliver now; how many deliveries were tried."""
        texts = 0 if self.sms is None else await self.sms.pump()
        return texts + await self.wechat.deliver_pending() + await self.esign.pump() + await self._money()

    async def _money(self) -> int:
        return await self.pay.pump() + await self.entrust.pump() + await self.alipay.pump()

    def next_due(self) -> datetime | None:
        texts = None if self.sms is None else self.sms.next_due()
        payers = (self.pay.next_due(), self.entrust.next_due(), self.alipay.next_due())
        moments = (texts, self.wechat.next_due(), self.esign.next_due(), *payers)
        return min((one for one in moments if one is not None), default=None)

    def charges(self) -> list[dict[str, object]]:
        charges = self.pay.truth()["charges"]
        assert isinstance(charges, list)
        return charges

    def envelopes(self, key: str) -> int:
        """How many tasks there really are under this key."""
        return sum(task.key == key for task in self.esign.book.tasks.values())


def _sandboxes(
    clock: StageClock, public_key: str
) -> tuple[WeChatSandbox, FadadaSandbox, WeChatPaySandbox, TTLockSandbox]:
    account = MerchantAccount(MCHID, APPID, public_key_pem=public_key, serial=SERIAL, apiv3_key=APIV3)
    return (
        WeChatSandbox(APPID, SECRET, "stage-token", AES_KEY, clock, 7),
        FadadaSandbox("80000001", SECRET, clock, 7),
        WeChatPaySandbox(account, clock, 7),
        TTLockSandbox("client-1", SECRET, "owner-1", "synthetic-password", clock, 7),
    )


def _settings(
    public: str, origins: dict[str, str], pay: WeChatPaySandbox, alipay: AlipaySandbox, private_key: str
) -> Settings:
    return Settings(
        "sqlite:///unused.db",
        "5e" * 32,
        LINK_KEY,
        (OPERATOR,),
        public_url=public,
        wechat=WeChatSettings(
            APPID, SECRET, "stage-token", AES_KEY, api_base=origins["wechat"], notice_template="notice-1"
        ),
        fadada=FadadaSettings("80000001", SECRET, "corp0001", f"{origins['esign']}/api/v5", "scene0001"),
        pay=PaySettings(
            MCHID,
            APPID,
            SERIAL,
            private_key,
            APIV3,
            pay.serial,
            pay.public_key_pem,
            origins["pay"],
            origins["pay"] + "/sandbox/pay/{prepay}",
        ),
        entrust=EntrustSettings(APIV2, PLAN, DEDUCT_LIMIT),
        alipay=AlipaySettings(ALIPAY_APP, private_key, alipay.public_pem, gateway=f"{origins['alipay']}/gateway.do"),
        lock=LockSettings("client-1", SECRET, "owner-1", "synthetic-password", origins["locks"]),
    )


def _with_sms(settings: Settings, sms: SmsVendors, origins: Mapping[str, str]) -> Settings:
    least = {"XUZU_DATABASE_URL": "sqlite://", "XUZU_SEAL_KEY": "-", "XUZU_LINK_KEY": "-", "XUZU_OPERATORS": "-"}
    read = read_settings(least | sms.environ(origins))
    return msgspec.structs.replace(settings, sms=read.sms, aliyun_sms=read.aliyun_sms, tencent_sms=read.tencent_sms)


MakeSms = Callable[[str], SmsVendors]
"""From our public address."""


@asynccontextmanager
async def across_the_street(
    clock: StageClock, keys: tuple[str, str], make_sms: MakeSms | None = None
) -> AsyncIterator[Across]:
    """``keys``: PEM of our merchant's private key and of its public half. Without ``make_sms`` there is no SMS."""
    async with AsyncExitStack() as stack:
        wechat, esign, pay, locks = _sandboxes(clock, keys[1])
        entrust = EntrustSandbox(pay, clock, apiv2_key=APIV2, plan_id=PLAN)
        stack.push_async_callback(entrust.close)
        alipay = AlipaySandbox(clock, app_id=ALIPAY_APP, app_public_pem=keys[1])
        stack.push_async_callback(alipay.close)
        origins = {}
        sandboxes = {"wechat": wechat, "esign": esign, "pay": pay, "alipay": alipay, "locks": locks}
        for name, sandbox in sandboxes.items():
            there = sandbox.app()
            if name == "pay":
                entrust.add_to(there)
            server = await stack.enter_async_context(TestServer(there))
            origins[name] = str(server.make_url("")).rstrip("/")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        public = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = _settings(public, origins, pay, alipay, keys[0])
        texts = None if make_sms is None else make_sms(public)
        if texts is not None:
            for name, app in texts.apps().items():
                server = await stack.enter_async_context(TestServer(app))
                origins[name] = str(server.make_url("")).rstrip("/")
            texts.push_to(public)
            settings = _with_sms(settings, texts, origins)
        adapters = await wire(settings, session, clock)
        stack.push_async_callback(adapters.close)
        found = Across(
            clock, wechat, esign, pay, entrust, alipay, locks, session, settings, adapters, origins, sms=texts
        )
        wechat.callback_url = f"{public}/callbacks/wechat"
        app = web.Application()
        doors = found.doors
        ears = Ears(doors.heard, doors.heard_sms)
        app.add_routes(adapters.routes(ears, doors.envelope, doors.payment, doors.mandate))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()
        yield found
