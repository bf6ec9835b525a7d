"""Which paper a renewal is signed on, and what it changes: supplement or new contract by rule (requirements 3.2)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from .lease import Lease
from .offer import Proposal

DEPOSIT_TERMS_SINCE = date(2025, 9, 15)
"""住房租赁条例 in force: a contract from before may lack the deposit's amount, return and deductions (Art. 10)."""


class Kind(StrEnum):
    SUPPLEMENT = "supplement"
    CONTRACT = "contract"


class KeyClause(StrEnum):
    """What the tenant confirms one by one before the way to sign opens, in this order."""

    TERM = "term"
    RENT = "rent"
    DEPOSIT = "deposit"
    LEAVING = "leaving"


class Paper(msgspec.Struct, frozen=True):
    """``why`` names what made it a new contract; empty for a supplement."""

    kind: Kind
    why: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One clause that reads otherwise after the renewal. ``clause`` is ``term | rent | cycle | deposit | gift``."""

    clause: str
    same: bool


def paper_for(lease: Lease, terms: Proposal, today: date) -> Paper:
    """A supplement changes term, rent, deposit and pay cycle of a contract that stands; anything else is a new one.

    Other parties, another flat, use or payee never come here: people make those contracts.
    """
    why = []
    if lease.start < DEPOSIT_TERMS_SINCE:
        why.append("before_deposit_terms")
    if today > lease.end:
        why.append("term_over")
    if terms.start != lease.end.fromordinal(lease.end.toordinal() + 1):
        why.append("gap")
    return Paper(Kind.CONTRACT if why else Kind.SUPPLEMENT, tuple(why))


def changes(lease: Lease, terms: Proposal, held: int) -> tuple[Change, ...]:
    """Every clause the paper sets side by side, and whether it stays as it was. ``held``: deposit in fen."""
    rent_stays = all(step.rent == lease.rent for step in terms.steps)
    return (
        Change("term", same=False),
        Change("rent", same=rent_stays),
        Change("cycle", same=terms.pay_cycle_months == lease.pay_cycle_months),
        Change("deposit", same=terms.deposit == held),
        *([Change("gift", same=False)] if terms.gift else []),
    )
