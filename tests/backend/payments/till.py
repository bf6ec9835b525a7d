"""One merchant at the sandbox over loopback HTTP: the adapter, the provider and our own callback door."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from backend.payments.port import Notice, Payer
from backend.payments.wechatpay import WeChatPay
from backend.payments.wechatpay_calls import Calls
from backend.payments.wechatpay_wire import Merchant
from backend.sandbox.wechatpay import WeChatPaySandbox

MCHID, APPID, SERIAL, APIV3 = "1900000001", "wxsandbox0000001", "7777AAAA", "0123456789abcdef0123456789abcdef"
EXPIRES = datetime(2026, 9, 27, 4, 0, tzinfo=UTC)


class StillClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Ear:
    """Whoever listens behind the callback door; raises what stands in ``deaf`` first, one for each call."""

    heard: list[Notice] = field(default_factory=list)
    deaf: list[Exception] = field(default_factory=list)

    async def hear(self, notice: Notice) -> None:
        if self.deaf:
            raise self.deaf.pop(0)
        self.heard.append(notice)


@dataclass
class Till:
    clock: StillClock
    sandbox: WeChatPaySandbox
    payments: WeChatPay
    session: aiohttp.ClientSession
    merchant: Merchant
    api: str
    door: str
    ear: Ear

    async def ordered(self, key: str, amount: int = 320000, bill: str = "首期租金 B1") -> str:
        """The prepay id."""
        return (await self.payments.order(key, amount, bill, Payer("oDemo1"), EXPIRES)).prepay

    def another(self, merchant: Merchant | None = None, seconds: float = 10) -> WeChatPay:
        """The adapter once more: for another merchant, or with less patience."""
        patience = aiohttp.ClientTimeout(total=seconds)
        calls = Calls(merchant or self.merchant, self.session, self.clock, api=self.api, timeout=patience)
        return WeChatPay(calls, self.door)

    def charges(self) -> list[dict[str, object]]:
        charges = self.sandbox.truth()["charges"]
        assert isinstance(charges, list)
        return charges


def key_pair() -> tuple[str, str]:
    """PEM of a private key and of its public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )
