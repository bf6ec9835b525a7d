"""What every payment provider promises: one number charges once, unknown is never failed, a refund is made once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class Reason(StrEnum):
    """Shared by all providers (providers sheet, section 8)."""

    TENANT_CAN_FIX = "tenant_can_fix"
    MANDATE_DEAD = "mandate_dead"
    LIMIT = "limit"
    WINDOW = "window"
    CONFIG = "config"
    THROTTLE = "throttle"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"
    FINAL = "final"


class PayState(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"
    MISSING = "missing"
    """The provider has never heard of the number."""


class Order(msgspec.Struct, frozen=True):
    """What the tenant needs to pay: the prepay id of a JSAPI order."""

    key: str
    prepay: str


class Payment(msgspec.Struct, frozen=True):
    key: str
    state: PayState
    amount: int = 0
    provider_ref: str = ""
    at: datetime | None = None
    raw: str = ""


class PayError(Exception):
    def __init__(self, reason: Reason, code: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {code} {detail}".rstrip())
        self.reason = reason
        self.code = code


class Notice(msgspec.Struct, frozen=True):
    """A verified, decrypted callback. ``kind`` is ``payment`` or ``refund``; ``key`` our own number."""

    kind: str
    key: str
    amount: int
    provider_ref: str = ""


class Payments(Protocol):
    name: str

    async def order(
        self, key: str, amount: int, description: str, payer: str, expires_at: datetime | None = None
    ) -> Order:
        """Place (or place again, same number and parameters) an order. ``amount`` fen. Raises PayError."""
        ...

    async def state(self, key: str) -> Payment: ...
    async def close(self, key: str) -> None: ...
    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None: ...
    async def refund_state(self, refund_key: str) -> PayState: ...
    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """Verify the signature over the raw bytes, decrypt, read. Raises PayError(CONFIG) for anything else."""
        ...

    def sheet(self, order: Order, now: datetime) -> Mapping[str, str]:
        """What the page hands to the payer's app (JSAPI: timeStamp, nonceStr, package, signType, paySign)."""
        ...
