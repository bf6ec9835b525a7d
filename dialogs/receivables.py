"""May we sign yet: what is owed, what the deposit lacks, and what the first bill of the next term comes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .events import Verdict, VerdictReached
from .lease import Bill, Lease
from .money import Fen
from .offer import Proposal
from .policy import Policy
from .workdays import legal_deadline


def owed(bills: Iterable[Bill]) -> Fen:
    """Sum of open bills, fen."""
    return Fen(sum(bill.amount for bill in bills))


def deposit_short(lease: Lease, held: Fen | None) -> Fen:
    """What the running lease's deposit lacks, fen; ``held`` is the ledger's figure, None where it is silent."""
    return Fen(max(0, lease.deposit_due - (lease.deposit_held if held is None else held)))


def may_sign(verdict: VerdictReached, lease: Lease, policy: Policy, *, waived: bool) -> bool:
    """Only an answer counts: pending and unavailable are never clear, waiver or not (seed S30)."""
    if verdict.verdict in (Verdict.PENDING, Verdict.UNAVAILABLE):
        return False
    if waived:
        return True
    debt = owed(verdict.bills) + deposit_short(lease, verdict.deposit_held)
    return verdict.verdict is not Verdict.DISPUTED and _said_clear(verdict) and debt <= policy.waiver_limit


def top_up(accepted: Proposal, lease: Lease, held: Fen | None) -> Fen:
    """Deposit still to be paid for the next term, fen: what is held is carried over."""
    return Fen(max(0, accepted.deposit - (lease.deposit_held if held is None else held)))


def first_bill(accepted: Proposal, lease: Lease, held: Fen | None) -> Fen:
    """Rent of the first pay cycle plus the deposit top-up, fen."""
    return Fen(accepted.first_rent * accepted.pay_cycle_months + top_up(accepted, lease, held))


def first_due(today: date, policy: Policy) -> date:
    """Shanghai day on which the first bill is due; never on a day nobody works (Civil Code 203)."""
    return legal_deadline(today + timedelta(days=policy.pay_days), policy)


def _said_clear(verdict: VerdictReached) -> bool:
    """CLEAR, or OWING with the items named: a debt without items is unknown, hence too much."""
    return verdict.verdict is Verdict.CLEAR or bool(verdict.bills)
