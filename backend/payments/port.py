"""What every payment provider promises: one number charges once, unknown is never failed, a refund is made once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
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
    FAILED = "failed"
    """A deduction the bank declined: final for its number, a new attempt takes a new one."""
    MISSING = "missing"
    """The provider has never heard of the number."""


class Payer(msgspec.Struct, frozen=True):
    """Who pays: their id with the provider, where it needs one, and the page they come back to afterwards."""

    id: str = ""
    back: str = ""


class Order(msgspec.Struct, frozen=True):
    """What the tenant needs to pay: the prepay id of an order placed for them, or a link to the provider's page."""

    key: str
    prepay: str = ""
    link: str = ""


class Payment(msgspec.Struct, frozen=True):
    key: str
    state: PayState
    amount: int = 0
    provider_ref: str = ""
    at: datetime | None = None
    raw: str = ""
    why: Reason | None = None
    """Of a FAILED deduction: what the provider said of it, UNKNOWN where it said nothing we know."""


class BillLine(msgspec.Struct, frozen=True):
    """One row of the provider's day bill: a payment under ``key``, or a refund of it under ``refund_key``."""

    key: str
    amount: int
    at: datetime
    provider_ref: str = ""
    refund_key: str = ""


class PayError(Exception):
    def __init__(self, reason: Reason, code: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {code} {detail}".rstrip())
        self.reason = reason
        self.code = code


class Notice(msgspec.Struct, frozen=True):
    """A verified, decrypted callback. ``key`` is our own number: of a payment, a refund, a deduction or a mandate.

    ``kind`` is ``payment``, ``refund``, ``deduction`` (succeeded or failed: ask its state) or ``mandate`` (ask it too).
    """

    kind: str
    key: str
    amount: int
    provider_ref: str = ""


class Ack(msgspec.Struct, frozen=True):
    """The exact answer that stops a provider from calling again."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain"


class Biller(Protocol):
    """A merchant account whose day bill can be compared with our books."""

    name: str
    billed: tuple[str, ...]
    """The providers, by name, whose payments stand in this bill."""

    async def bill(self, day: date) -> tuple[BillLine, ...]:
        """Every payment and refund of ``day`` (Beijing). Empty: a day without trade, which is a result.

        Raises PayError(TRANSIENT, "NOT_READY") while the provider has not made it yet.
        """
        ...


class Payments(Biller, Protocol):
    name: str
    """Also its door: callbacks come to ``/callbacks/<name>``."""
    heard: Ack
    asks_for: str
    """The channel whose address of the tenant is the payer's id (``wechat``); empty: anybody may pay."""

    async def order(
        self, key: str, amount: int, description: str, payer: Payer, expires_at: datetime | None = None
    ) -> Order:
        """Place (or place again, same number and parameters) an order. ``amount`` fen. Raises PayError."""
        ...

    async def state(self, key: str) -> Payment: ...
    async def close(self, key: str) -> None:
        """Only an unpaid order closes; closing it again, or what was never entered, is harmless."""
        ...

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None: ...
    async def refund_state(self, refund_key: str, key: str) -> PayState: ...
    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """Verify the signature over the raw bytes, decrypt, read. Raises PayError(CONFIG) for anything else."""
        ...

    def sheet(self, order: Order, now: datetime) -> Mapping[str, str]:
        """What the page hands to the payer's app (JSAPI: timeStamp, nonceStr, package, signType, paySign)."""
        ...
