"""The partners of the demo: each speaks its own wire on a loopback port of its own, in the driver's process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from backend.sandbox.alipay import AlipaySandbox
from backend.sandbox.fadada import FadadaSandbox
from backend.sandbox.fadada_faults import Fault as SignFault
from backend.sandbox.fadada_faults import Post as SignPost
from backend.sandbox.sms_faults import Fault as SmsFault
from backend.sandbox.sms_faults import Post as SmsPost
from backend.sandbox.ttlock import TTLockSandbox
from backend.sandbox.wechat import WeChatSandbox
from backend.sandbox.wechat_faults import Fault as SayFault
from backend.sandbox.wechat_faults import Push, Receipt
from backend.sandbox.wechatpay import WeChatPaySandbox
from backend.sandbox.wechatpay_faults import Fault as PayFault
from backend.sandbox.wechatpay_faults import Post as PayPost
from backend.sandbox.wechatpay_faults import Troubles
from backend.sandbox.wechatpay_seal import MerchantAccount
from bot.clock import SHANGHAI
from bot.demo_sms import SmsVendors
from dialogs.lease import Lease

NOTICE_TEMPLATE, SUBSCRIBE_TEMPLATE = "renewal-notice", "renewal-once"
_APPID, _MCHID, _MERCHANT_SERIAL = "wx0000000000demo01", "1900000001", "4A5B6C7D8E9F00112233445566778899AABBCCDD"
_APIV3_KEY = "0123456789abcdef0123456789abcdef"
_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_ALIPAY_APP = "2021000000000001"
_SIGN_APP, _SIGN_CORP, _SIGN_SCENE = "80000001", "corp0001", "scene0001"


class World:
    """WeChat, SMS, Fadada, WeChat Pay, Alipay and TTLock with an ordinary week's troubles, by the demo's clock."""

    def __init__(self, clock: Callable[[], datetime], seed: int, folder: Path, server: str) -> None:
        """``server``: our own address, which stands in the texts that the SMS vendors approved."""
        self._server = server
        self._folder = folder
        self._secret = secrets.token_hex(16)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._merchant_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        account = MerchantAccount(_MCHID, _APPID, public_key_pem=public, serial=_MERCHANT_SERIAL, apiv3_key=_APIV3_KEY)
        self.wechat = _wechat(clock, seed, self._secret)
        self.sms = _sms(clock, seed, server)
        self.esign = FadadaSandbox(
            _SIGN_APP,
            self._secret,
            clock,
            seed,
            corp=_SIGN_CORP,
            grants=frozenset({_SIGN_SCENE}),
            faults=Troubles({SignFault.BUSY: 0.02, SignFault.BROKEN_AFTER: 0.02, SignFault.RESET_AFTER: 0.01}, seed),
            post_troubles=Troubles({SignPost.TWICE: 0.1, SignPost.LOST: 0.03, SignPost.LATE: 0.05}, seed),
        )
        self.pay = WeChatPaySandbox(
            account,
            clock,
            seed,
            faults=Troubles({PayFault.BUSY: 0.02, PayFault.BROKEN_AFTER: 0.02, PayFault.RESET_AFTER: 0.01}, seed),
            post=Troubles({PayPost.TWICE: 0.1, PayPost.LOST: 0.03, PayPost.LATE: 0.05, PayPost.FORGED: 0.02}, seed),
        )
        self.alipay = AlipaySandbox(
            clock,
            app_id=_ALIPAY_APP,
            app_public_pem=public,
            faults=Troubles({PayFault.BUSY: 0.02, PayFault.BROKEN_AFTER: 0.02, PayFault.RESET_AFTER: 0.01}, seed),
        )
        self.locks = TTLockSandbox("demo-client", self._secret, "landlord", "demo-password", clock, seed)
        self._runners: list[web.AppRunner] = []
        self._urls: dict[str, str] = {}

    @property
    def wechat_url(self) -> str:
        """Where WeChat is, once it listens."""
        return self._urls["wechat"]

    async def open(self) -> None:
        """Listen; what comes for us is posted to the server."""
        for name, app in (
            ("wechat", self.wechat.app()),
            ("esign", self.esign.app()),
            ("pay", self.pay.app()),
            ("alipay", self.alipay.app()),
            ("locks", self.locks.app()),
            *self.sms.apps().items(),
        ):
            self._urls[name] = await self._listen(app)
        self.wechat.callback_url = f"{self._server}/callbacks/wechat"
        self.sms.push_to(self._server)
        (self._folder / "merchant_key.pem").write_text(self._merchant_key)
        (self._folder / "platform_key.pem").write_text(self.pay.public_key_pem)
        (self._folder / "alipay_key.pem").write_text(self.alipay.public_pem)

    async def close(self) -> None:
        await self.alipay.close()
        for runner in self._runners:
            await runner.cleanup()

    def environ(self) -> dict[str, str]:
        """The server's settings towards these partners."""
        return {
            "XUZU_WECHAT_APPID": _APPID,
            "XUZU_WECHAT_SECRET": self._secret,
            "XUZU_WECHAT_TOKEN": "demo-token",
            "XUZU_WECHAT_AES_KEY": _AES_KEY,
            "XUZU_WECHAT_API_BASE": self._urls["wechat"],
            "XUZU_WECHAT_OAUTH_BASE": self._urls["wechat"],
            "XUZU_WECHAT_QR_IMAGE_BASE": self._urls["wechat"] + "/cgi-bin/showqrcode",
            "XUZU_WECHAT_NOTICE_TEMPLATE": NOTICE_TEMPLATE,
            "XUZU_WECHAT_SUBSCRIBE_TEMPLATE": SUBSCRIBE_TEMPLATE,
            **self.sms.environ(self._urls),
            "XUZU_FADADA_APP_ID": _SIGN_APP,
            "XUZU_FADADA_APP_SECRET": self._secret,
            "XUZU_FADADA_OPEN_CORP_ID": _SIGN_CORP,
            "XUZU_FADADA_BUSINESS_ID": _SIGN_SCENE,
            "XUZU_FADADA_API_BASE": self._urls["esign"] + "/api/v5",
            "XUZU_PAY_MCHID": _MCHID,
            "XUZU_PAY_APPID": _APPID,
            "XUZU_PAY_MERCHANT_SERIAL": _MERCHANT_SERIAL,
            "XUZU_PAY_MERCHANT_KEY_PEM_FILE": str(self._folder / "merchant_key.pem"),
            "XUZU_PAY_APIV3_KEY": _APIV3_KEY,
            "XUZU_PAY_PLATFORM_SERIAL": self.pay.serial,
            "XUZU_PAY_PLATFORM_KEY_PEM_FILE": str(self._folder / "platform_key.pem"),
            "XUZU_PAY_API_BASE": self._urls["pay"],
            "XUZU_PAY_PAY_PAGE": self._urls["pay"] + "/sandbox/pay/{prepay}",
            "XUZU_ALIPAY_APP_ID": _ALIPAY_APP,
            "XUZU_ALIPAY_APP_KEY_PEM_FILE": str(self._folder / "merchant_key.pem"),
            "XUZU_ALIPAY_ALIPAY_KEY_PEM_FILE": str(self._folder / "alipay_key.pem"),
            "XUZU_ALIPAY_GATEWAY": self._urls["alipay"] + "/gateway.do",
            "XUZU_LOCK_CLIENT_ID": "demo-client",
            "XUZU_LOCK_CLIENT_SECRET": self._secret,
            "XUZU_LOCK_USERNAME": "landlord",
            "XUZU_LOCK_PASSWORD": "demo-password",
            "XUZU_LOCK_API_BASE": self._urls["locks"],
        }

    def fit_locks(self, leases: Iterable[Lease]) -> None:
        """A door for every lease, with a code and a phone key that end with it; some gateways are having a bad week."""
        for number, lease in enumerate(sorted(leases, key=lambda one: one.no)):
            span = (_midnight(lease, first=True), _midnight(lease, first=False))
            self.locks.add_lock(int(lease.lock), passcodes=[span], ekeys=[span])
            if number % 17 == 5:
                self.locks.trouble(int(lease.lock), -3003)
            if number % 41 == 7:
                self.locks.trouble(int(lease.lock), *[-3002] * 5)

    async def pump(self) -> int:
        """Everything the partners have to deliver now: receipts, callbacks; how many were tried."""
        chats = await self.wechat.deliver_pending() + await self.sms.pump()
        return chats + await self.esign.pump() + await self.pay.pump() + await self.alipay.pump()

    def next_due(self) -> datetime | None:
        payers = (self.pay.next_due(), self.alipay.next_due())
        moments = (self.wechat.next_due(), self.sms.next_due(), self.esign.next_due(), *payers)
        return min((one for one in moments if one is not None), default=None)

    def sign_pages(self) -> list[tuple[str, str]]:
        """(actor, address) of every signature that is waited for."""
        return [(one["actor"], self._urls["esign"] + one["path"]) for one in self.esign.waiting_for()]

    async def _listen(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address: str = runner.addresses[0][0]
        return f"http://{address}:{runner.addresses[0][1]}"


def _midnight(lease: Lease, *, first: bool) -> datetime:
    """The first or the last second of the lease, as a UTC instant."""
    if first:
        return datetime.combine(lease.start, time.min, SHANGHAI).astimezone(UTC)
    after = datetime.combine(lease.end + timedelta(days=1), time.min, SHANGHAI)
    return (after - timedelta(seconds=1)).astimezone(UTC)


def _wechat(clock: Callable[[], datetime], seed: int, secret: str) -> WeChatSandbox:
    return WeChatSandbox(
        _APPID,
        secret,
        "demo-token",
        _AES_KEY,
        clock,
        seed,
        faults=Troubles({SayFault.BUSY: 0.02, SayFault.RESET_AFTER: 0.02}, seed),
        pushes=Troubles({Push.TWICE: 0.08, Push.DEAF: 0.05}, seed),
        receipts=Troubles({Receipt.TWICE: 0.05, Receipt.LATE: 0.03, Receipt.LOST: 0.02}, seed),
    )


def _sms(clock: Callable[[], datetime], seed: int, server: str) -> SmsVendors:
    return SmsVendors(
        server,
        clock,
        seed,
        faults={SmsFault.BUSY: 0.02},
        post={SmsPost.TWICE: 0.05, SmsPost.LATE: 0.03, SmsPost.LOST: 0.02},
    )
