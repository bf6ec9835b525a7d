"""A lease as the rules see it: terms and ids, never a name, a phone number or an address of a person."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from .money import ZERO, Fen


class Role(StrEnum):
    TENANT = "tenant"
    CO_TENANT = "co_tenant"
    GUARANTOR = "guarantor"


class Party(msgspec.Struct, frozen=True):
    """Somebody who has to sign; ``id`` names the person's sealed row in the store."""

    id: str
    role: Role


class Unit(msgspec.Struct, frozen=True):
    """The flat. ``custom`` marks villas and courtyards: never priced by rule (seed S51)."""

    community: str
    building: str
    room: str
    layout: str
    floor_band: str = "middle"
    custom: bool = False
    policy_type: str = "market"
    """``market`` or ``affordable`` (保租房: rent cap is a hard stop)."""


class Bill(msgspec.Struct, frozen=True):
    """One open receivable."""

    no: str
    due: date
    amount: Fen


class Comps(msgspec.Struct, frozen=True):
    """Comparable signed leases: same community and layout, last 180 days; ``median`` is None when ``count`` is 0."""

    count: int = 0
    median: Fen | None = None
    low: Fen | None = None
    high: Fen | None = None


class Lease(msgspec.Struct, frozen=True):
    """The lease whose next term is at stake. ``end`` is its last day (Asia/Shanghai); rent is fen a month."""

    no: str
    operator: str
    unit: Unit
    parties: tuple[Party, ...]
    start: date
    end: date
    rent: Fen
    deposit_due: Fen
    deposit_held: Fen
    housekeeper: str
    lock: str
    pay_cycle_months: int = 1
    tenancy_months: int = 12
    late_payments: int = 0
    open_repairs: int = 0
    arrears: Fen = ZERO
    """Money owed on the day the ledger was read: a hint for the desk; signing asks the receivables ledger afresh."""
    head_lease_end: date | None = None
    """Last day of the operator's own lease; a longer sublease does not bind the owner (Civil Code 717)."""
    comps: Comps = Comps()
    mandate: str = ""
    """``<provider>:<our number>`` of the tenant's standing deduction mandate, where there is one."""
    payee: str = ""
    """Which of the operator's merchant accounts is paid (收款主体); empty: the one without a name."""

    @property
    def tenant(self) -> Party:
        return next(party for party in self.parties if party.role is Role.TENANT)


def next_no(no: str, start: date) -> str:
    """The number of the next term: the old one and the month it begins."""
    return f"{no}-{start:%y%m}"
