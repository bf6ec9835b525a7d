"""Which provider stands behind which port: one line each, from the settings."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from backend.coordination import OwnShelf, Shelf, Together
from backend.esign.fadada import Fadada
from backend.esign.fadada_calls import Calls as FadadaCalls
from backend.esign.fadada_wire import Account
from backend.esign.port import ESign
from backend.esign.port import Notice as SignNotice
from backend.esign.routes import routes as esign_routes
from backend.ledger.erp import Erp
from backend.locks.port import Locks
from backend.locks.ttlock import TTLock
from backend.locks.ttlock_calls import Account as LockAccount
from backend.locks.ttlock_calls import Calls as LockCalls
from backend.locks.webhook import WebhookLock
from backend.payments.alipay import Alipay
from backend.payments.alipay_calls import AlipayCalls
from backend.payments.alipay_cycle import AlipayCycle
from backend.payments.alipay_wire import Shop, cert_sn, certified_key, root_sn
from backend.payments.deduction import Deductions
from backend.payments.entrust import Entrust
from backend.payments.entrust_calls import V2Calls
from backend.payments.entrust_wire import Plan
from backend.payments.port import Notice as PayNotice
from backend.payments.port import Payments
from backend.payments.routes import routes as pay_routes
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_calls import Calls as PayCalls
from backend.payments.wechatpay_wire import Merchant, platform_key, private_key
from bot.clock import Clock
from bot.settings import (
    AlipaySettings,
    EntrustSettings,
    FadadaSettings,
    LockSettings,
    Noticed,
    PaySettings,
    Settings,
    SettingsError,
    SmsSettings,
    WeChatSettings,
)
from channels.port import Channel, Inbound, Outbound
from channels.sms.aliyun import Aliyun
from channels.sms.channel import Sms, Vendor
from channels.sms.config import AliyunConfig, SmsConfig, TencentConfig
from channels.sms.routes import routes as sms_routes
from channels.sms.tencent import Tencent
from channels.sms.wording import Texts
from channels.wechat.channel import WeChat, reply_text
from channels.wechat.config import NOTICE_FIELDS, WeChatConfig
from channels.wechat.routes import routes as wechat_routes
from dialogs.effects import Lane

SMS_TEXTS = Path(__file__).parent.parent / "templates" / "messages" / "sms.toml"
Hear = Callable[[Inbound], Awaitable[str | None]]


class Ears(msgspec.Struct, frozen=True):
    """Who hears what comes in, by channel."""

    wechat: Hear
    sms: Hear


class Adapters(msgspec.Struct):
    """What is connected; None where the settings say nothing of it."""

    shelf: Shelf
    worker: str
    now: Callable[[], datetime]
    together: Together | None = None
    """Redis, where there is one."""
    wechat: WeChat | None = None
    sms: Sms | None = None
    esign: ESign | None = None
    payments: dict[str, Payments] = msgspec.field(default_factory=dict)
    """By name, in the order in which they are offered."""
    deductions: dict[str, Deductions] = msgspec.field(default_factory=dict)
    """By name, which is also the front of a mandate's."""
    locks: Locks | None = None
    erp: Erp | None = None
    """Whose word on receivables counts; None: the built-in ledger's."""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """By name, in the order in which they are tried."""
        connected: tuple[Channel | None, ...] = (self.wechat, self.sms)
        return {one.name: one for one in connected if one is not None}

    @property
    def template(self) -> str:
        """The subscription notice whose consents count; empty where none is configured."""
        return "" if self.wechat is None else self.wechat.config.subscribe_template

    def passive(self, message: Outbound) -> str:
        """The words of a passive reply."""
        return message.text if self.wechat is None else reply_text(message, self.wechat.config)

    def publish(self, lanes: Iterable[Lane]) -> None:
        """Tell the other processes that these lanes were fed; a hint, so it may get lost."""
        if self.together is not None:
            self.together.publish([lane.value for lane in lanes])

    def listen(self, ring: Callable[[Iterable[Lane]], None]) -> None:
        """Hear the hints of other processes."""
        if self.together is not None:
            self.together.listen(lambda names: ring([Lane(name) for name in names]))

    async def close(self) -> None:
        if self.together is not None:
            await self.together.close()

    def routes(
        self,
        ears: Ears,
        envelope_moved: Callable[[SignNotice], Awaitable[object]],
        payment_moved: Callable[[PayNotice, str], Awaitable[object]],
        mandate_moved: Callable[[PayNotice, str], Awaitable[object]] | None = None,
    ) -> list[web.RouteDef]:
        found: list[web.RouteDef] = []
        if self.wechat is not None:
            found += wechat_routes(self.wechat.config, ears.wechat, self.wechat.now)
        if self.sms is not None:
            found += sms_routes(self.sms.config, ears.sms, self.now)
        if self.esign is not None:
            found += esign_routes(self.esign, envelope_moved)
        payers: list[Payments | Deductions] = [*self.payments.values(), *self.deductions.values()]
        for provider in payers:
            found += pay_routes(provider, _sorted(provider.name, payment_moved, mandate_moved))
        return found


def _sorted(
    name: str,
    payment_moved: Callable[[PayNotice, str], Awaitable[object]],
    mandate_moved: Callable[[PayNotice, str], Awaitable[object]] | None,
) -> Callable[[PayNotice], Awaitable[object]]:
    """One door for a payer's news of orders, deductions and mandates."""

    async def hear(notice: PayNotice) -> None:
        if notice.kind != "mandate":
            await payment_moved(notice, name)
        elif mandate_moved is not None:
            await mandate_moved(notice, name)

    return hear


async def wire(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Adapters:
    """Connect what is configured; nothing is called yet."""
    together = Together(settings.redis_url) if settings.redis_url else None
    shelf = OwnShelf() if together is None else together.shelf
    adapters = Adapters(shelf, f"{socket.gethostname()}:{os.getpid()}", clock.now, together)
    public = settings.public_url.rstrip("/")
    if settings.wechat is not None:
        adapters.wechat = _wechat(settings.wechat, shelf, session, clock)
    if settings.sms is not None:
        adapters.sms = _sms(settings, settings.sms, session, clock)
    if settings.fadada is not None:
        adapters.esign = _fadada(settings.fadada, session, clock, f"{public}/callbacks/fadada")
    if settings.pay is not None:
        v3 = _pay_calls(settings.pay, session, clock)
        wechatpay = WeChatPay(v3, f"{public}/callbacks/wechatpay")
        adapters.payments[wechatpay.name] = wechatpay
        if settings.entrust is not None:
            plan = _plan(settings.pay, settings.entrust)
            v2 = V2Calls(plan, session, clock.now, api=settings.pay.api_base)
            adapters.deductions["entrust"] = Entrust(v2, v3, wechatpay, f"{public}/callbacks/entrust")
    if settings.alipay is not None:
        calls = _alipay_calls(settings.alipay, adapters, session)
        adapters.payments["alipay"] = Alipay(calls, f"{public}/callbacks/alipay")
        if settings.alipay.sign_scene:
            adapters.deductions["alipaycycle"] = AlipayCycle(calls, f"{public}/callbacks/alipaycycle")
    for name, pay in settings.pay_of.items():
        account = WeChatPay(_pay_calls(pay, session, clock), f"{public}/callbacks/wechatpay.{name}", name)
        adapters.payments[account.name] = account
    for name, ali in settings.alipay_of.items():
        shop = Alipay(_alipay_calls(ali, adapters, session), f"{public}/callbacks/alipay.{name}", name)
        adapters.payments[shop.name] = shop
    if settings.lock is not None:
        adapters.locks = _lock(settings.lock, session, clock)
    if (own := settings.lock_webhook) is not None:
        adapters.locks = WebhookLock(own.url, own.secret, session, clock.now)
    if settings.erp is not None:
        adapters.erp = Erp(settings.erp.url, settings.erp.secret, session, clock.now)
    return adapters


def _wechat(settings: WeChatSettings, shelf: Shelf, session: aiohttp.ClientSession, clock: Clock) -> WeChat:
    config = WeChatConfig(
        settings.appid,
        settings.secret,
        settings.token,
        settings.aes_key,
        settings.previous_aes_key,
        settings.api_base,
        settings.notice_template,
        _fields(settings.notice_fields),
        settings.subscribe_template,
        _fields(settings.subscribe_fields),
        oauth_base=settings.oauth_base,
        qr_image_base=settings.qr_image_base,
        menu=settings.menu,
        bizmsgmenu=settings.bizmsgmenu,
    )
    return WeChat(config, session, shelf, clock.now)


def _fields(said: Mapping[Noticed, str]) -> Mapping[str, str]:
    return {str(name): field for name, field in said.items()} or NOTICE_FIELDS


def _sms(settings: Settings, sms: SmsSettings, session: aiohttp.ClientSession, clock: Clock) -> Sms:
    """Vendors in the order the settings name them, those that are configured. Raises SettingsError."""
    page = sms.page_url or settings.public_url
    config = SmsConfig(sms.sign, sms.secret, page, sms.link_mode, sms.price, sms.sources)
    made: dict[str, Vendor] = {}
    if (ali := settings.aliyun_sms) is not None:
        account = AliyunConfig(ali.access_key_id, ali.access_key_secret, sms.sign, ali.templates, ali.endpoint)
        made["aliyun"] = Aliyun(account, session, clock.now)
    if (ten := settings.tencent_sms) is not None:
        tencent = TencentConfig(
            ten.secret_id, ten.secret_key, ten.app_id, sms.sign, ten.templates, ten.region, ten.endpoint
        )
        made["tencent"] = Tencent(tencent, session, clock.now)
    vendors = [made[name] for name in sms.vendors if name in made]
    if not vendors:
        raise SettingsError("XUZU_SMS_… is set, but neither XUZU_ALIYUN_SMS_… nor XUZU_TENCENT_SMS_… is")
    return Sms(config, vendors, Texts(SMS_TEXTS, sms.sign, page, sms.link_mode))


def _lock(settings: LockSettings, session: aiohttp.ClientSession, clock: Clock) -> TTLock:
    account = LockAccount(settings.client_id, settings.client_secret, settings.username, settings.password)
    return TTLock(LockCalls(account, session, clock.now, api=settings.api_base))


def _fadada(settings: FadadaSettings, session: aiohttp.ClientSession, clock: Clock, callback: str) -> Fadada:
    account = Account(
        settings.app_id,
        settings.app_secret,
        settings.open_corp_id,
        settings.business_id,
        voiding_takes=frozenset(settings.voiding_takes),
    )
    return Fadada(FadadaCalls(account, session, clock.now, api=settings.api_base), callback)


def _alipay_calls(settings: AlipaySettings, adapters: Adapters, session: aiohttp.ClientSession) -> AlipayCalls:
    alipay = settings.alipay_key_pem or settings.alipay_cert_pem
    certified = bool(settings.alipay_cert_pem)
    shop = Shop(
        settings.app_id,
        private_key(settings.app_key_pem),
        certified_key(alipay) if certified else platform_key(alipay),
        settings.gateway,
        settings.seller_id,
        cert_sn(settings.app_cert_pem) if certified else "",
        root_sn(settings.root_cert_pem) if certified else "",
        settings.cycle_product,
        settings.sign_scene,
        settings.days_before,
        settings.limit,
    )
    return AlipayCalls(shop, session, adapters.now)


def _plan(pay: PaySettings, plan: EntrustSettings) -> Plan:
    return Plan(pay.mchid, pay.appid, plan.apiv2_key, plan.plan_id, plan.mode, plan.window_days, plan.signs_with)


def _pay_calls(settings: PaySettings, session: aiohttp.ClientSession, clock: Clock) -> PayCalls:
    merchant = Merchant(
        settings.mchid,
        settings.appid,
        settings.merchant_serial,
        private_key(settings.merchant_key_pem),
        settings.apiv3_key.encode(),
        {settings.platform_serial: platform_key(settings.platform_key_pem)},
    )
    return PayCalls(merchant, session, clock.now, api=settings.api_base)
