"""Proposal, offer, counter-offer: the terms people choose among, and the hash that pins them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import msgspec

from .money import ZERO, Fen


class RentStep(msgspec.Struct, frozen=True):
    """``months`` months at ``rent`` fen each."""

    months: int
    rent: Fen


class Proposal(msgspec.Struct, frozen=True):
    """One set of terms. ``id`` is ``keep | rise | ladder`` or ``special`` (made by a person)."""

    id: str
    number: int
    steps: tuple[RentStep, ...]
    start: date
    end: date
    deposit: Fen
    pay_cycle_months: int = 1
    gift: str = ""
    """Message-catalogue key of the gift, or empty."""
    gift_value: Fen = ZERO
    break_after_months: int | None = None
    """Tenant may leave without penalty after so many months; None where the contract's usual rule stands."""
    reason: str = ""
    """Key of the sentence that explains the price."""

    @property
    def months(self) -> int:
        return sum(step.months for step in self.steps)

    @property
    def first_rent(self) -> Fen:
        return self.steps[0].rent

    @property
    def total(self) -> Fen:
        """Rent over the whole term."""
        return Fen(sum(step.months * step.rent for step in self.steps))

    @property
    def net_monthly(self) -> Fen:
        """Net effective rent a month: total less gifts, spread over the term."""
        return Fen((self.total - self.gift_value) // self.months)

    @property
    def terms_hash(self) -> str:
        """First 16 hex digits of SHA-256 over the canonical terms: what the tenant saw is what is signed."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


class Offer(msgspec.Struct, frozen=True):
    """Up to three proposals with an expiry; a new version replaces, never edits."""

    version: int
    proposals: tuple[Proposal, ...]
    expires_at: datetime
    shown: bool = False
    """Has this tenant seen it (page opened, or told in the chat)?"""

    def find(self, proposal: str) -> Proposal | None:
        return next((one for one in self.proposals if one.id == proposal), None)

    def numbered(self, number: int) -> Proposal | None:
        return next((one for one in self.proposals if one.number == number), None)


class CounterOffer(msgspec.Struct, frozen=True):
    """What the tenant asks for; None where nothing was said."""

    rent: Fen | None = None
    months: int | None = None
    pay_cycle_months: int | None = None
    repair: bool = False
