"""May we sign yet, and what the first bill comes to."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from dialogs import receivables
from dialogs.events import Verdict, VerdictReached
from dialogs.lease import Bill
from dialogs.money import ZERO, Fen, yuan
from dialogs.offer import Proposal, RentStep
from dialogs.policy import Policy
from tests.stories.story import LEASE

BILLS = (Bill("B1", date(2026, 9, 1), yuan(100)), Bill("B2", date(2026, 8, 1), yuan(20)))
HELD = LEASE.deposit_due
TERMS = Proposal("keep", 1, (RentStep(12, yuan(3000)),), date(2026, 10, 17), date(2027, 10, 16), yuan(3200), 3)


def found(verdict: Verdict, bills: tuple[Bill, ...] = (), held: Fen | None = HELD) -> VerdictReached:
    return VerdictReached(verdict, bills, held, "ledger", 1)


@pytest.mark.parametrize(
    ("verdict", "waived", "may"),
    [
        (found(Verdict.CLEAR), False, True),
        (found(Verdict.CLEAR, held=yuan(1)), False, False),
        (found(Verdict.OWING, BILLS), False, False),
        (found(Verdict.OWING, BILLS), True, True),
        (found(Verdict.OWING), False, False),
        (found(Verdict.DISPUTED, BILLS), False, False),
        (found(Verdict.DISPUTED, BILLS), True, True),
        (found(Verdict.PENDING), False, False),
        (found(Verdict.PENDING), True, False),
        (found(Verdict.UNAVAILABLE), True, False),
    ],
)
def test_only_an_answer_that_is_clear_or_waived_may_sign(verdict: VerdictReached, waived: bool, may: bool) -> None:
    assert receivables.may_sign(verdict, LEASE, Policy(), waived=waived) is may


def test_a_trifle_within_the_operators_limit_holds_nobody_up() -> None:
    policy = Policy(waiver_limit=yuan(120))
    assert receivables.may_sign(found(Verdict.OWING, BILLS), LEASE, policy, waived=False)
    assert not receivables.may_sign(found(Verdict.OWING), LEASE, policy, waived=False), "a debt without items"


def test_sums() -> None:
    assert receivables.owed(BILLS) == yuan(120)
    assert receivables.deposit_short(LEASE, yuan(1500)) == yuan(1500)
    assert receivables.deposit_short(LEASE, None) == ZERO
    assert receivables.deposit_short(replace(LEASE, deposit_held=yuan(9999)), None) == ZERO


def test_the_first_bill_is_one_pay_cycle_and_what_the_deposit_lacks() -> None:
    assert receivables.top_up(TERMS, LEASE, None) == yuan(200)
    assert receivables.first_bill(TERMS, LEASE, None) == yuan(9200)


def test_no_bill_is_due_on_a_day_nobody_works() -> None:
    assert receivables.first_due(date(2026, 9, 29), Policy()) == date(2026, 10, 8)
