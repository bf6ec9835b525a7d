"""What every entrusted deduction promises: no charge without a mandate, a window and an amount announced before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from .port import Ack, Notice, Payment, PayState


class MandateState(StrEnum):
    MISSING = "missing"
    """Never signed, or the provider does not know the key."""
    ACTIVE = "active"
    ENDED = "ended"


class Mandate(msgspec.Struct, frozen=True):
    """The tenant's standing permission. ``key`` is ours, ``ref`` the provider's; one per plan and tenant (trap 28)."""

    key: str
    state: MandateState
    ref: str = ""
    single_limit: int | None = None
    """Fen a single charge may reach; None where the provider tells no figure."""
    until: datetime | None = None
    """The first instant at which it is no longer valid; None: open-ended."""
    raw: str = ""


class Window(msgspec.Struct, frozen=True):
    """When an announced charge may be tried: ``opens`` <= instant < ``closes``, UTC; ``hours`` bound it within a day.

    ``hours`` are (first, last) full Beijing hours: (7, 22) means 07:00 up to 22:00.
    """

    opens: datetime
    closes: datetime
    hours: tuple[int, int] = (0, 24)


class SignWish(msgspec.Struct, frozen=True):
    """What the tenant is asked to allow. ``shown_name`` appears in the payer's app; ``most`` fen a charge, every
    ``months`` months from ``first_due`` (Shanghai) on, for a provider that writes the rhythm into the permission."""

    shown_name: str
    back: str
    most: int
    months: int
    first_due: date


class Deductions(Protocol):
    """All raise PayError. A refusal that a provider words as accepted-then-failed shows in ``state`` as FAILED."""

    name: str
    heard: Ack

    async def sign_url(self, mandate_key: str, wish: SignWish) -> str:
        """The page on which the tenant signs (open it in the payer's app)."""
        ...

    async def mandate(self, mandate_key: str) -> Mandate:
        """``mandate_key`` as a notice of it named it: our number, and ``@`` the provider's where it wants its own."""
        ...

    async def end(self, mandate_key: str, remark: str) -> None:
        """Ending what has ended, or was never signed, is harmless."""
        ...

    async def announce(self, mandate: Mandate, amount: int, due: datetime) -> Window:
        """Tell the tenant through the provider that at most ``amount`` fen will be taken for what is due at ``due``.

        Where a provider wants no announcement nothing is sent. Raises PayError(WINDOW) at an hour, or for a date, it
        does not take.
        """
        ...

    async def charge(self, key: str, mandate: Mandate, amount: int, description: str) -> None:
        """Accepted, not done: ask ``state``. Repeat only with the same ``key`` and identical parameters.

        Raises PayError: MANDATE_DEAD, LIMIT, WINDOW, TENANT_CAN_FIX refuse for good under this key; UNKNOWN asks
        ``state`` first.
        """
        ...

    async def state(self, key: str) -> Payment:
        """PENDING while the provider still tries, FAILED with ``why`` when this number is spent."""
        ...

    async def refund(self, refund_key: str, key: str, amount: int, total: int) -> None: ...

    async def refund_state(self, refund_key: str, key: str) -> PayState: ...

    def parse_notice(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """Verify, then read. Raises PayError(CONFIG) for anything else."""
        ...
