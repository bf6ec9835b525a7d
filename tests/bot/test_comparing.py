"""One row of a bill against one renewal: each way in which they can agree or not."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from backend.db.port import Stored
from backend.db.reconciling_port import Paid
from backend.payments.port import BillLine
from bot.comparing import Findings, absent, compare_payment, compare_refund, twice_in
from dialogs.lease import Bill
from dialogs.money import Fen, yuan
from dialogs.renewal import Payment, Renewal
from tests.bot.stage import NOW, lease

RENT = yuan(3200)
LINE = BillLine("R1P1A1", 320000, NOW, "42")


def stored(payment: Payment, amount: Fen = RENT) -> Stored:
    return Stored(1, "yuju", "p-1", 1, Renewal(lease(), bill=Bill("B-1", date(2026, 10, 3), amount), payment=payment))


@pytest.mark.parametrize(
    ("payment", "counted", "apply"),
    [
        (Payment(tried=1, paid="R1P1A1"), "matched", False),
        (Payment(tried=2, paid="R1P1A2", refunding=("R1P1A1",)), "given_back", False),
        (Payment(tried=1, open="R1P1A1"), "", True),
        (Payment(tried=2, paid="R1P1A2"), "", True),
    ],
)
def test_a_payment_of_ours(payment: Payment, counted: str, apply: bool) -> None:
    findings = Findings()
    assert compare_payment("wechatpay", LINE, stored(payment), findings) is apply
    assert dict(findings.counts) == ({counted: 1} if counted else {})
    assert findings.differences == []


def test_other_fen_and_unknown_numbers_are_never_applied() -> None:
    findings = Findings()
    assert not compare_payment("wechatpay", LINE, stored(Payment(paid="R1P1A1"), yuan(3201)), findings)
    assert not compare_payment("wechatpay", LINE, None, findings)
    unbilled = replace(stored(Payment()), renewal=Renewal(lease()))
    assert not compare_payment("wechatpay", LINE, unbilled, findings)
    kinds = [(one.kind, one.ours, one.theirs) for one in findings.differences]
    assert kinds == [
        ("amount_differs", "320100", "320000"), ("unknown_to_us", "", "320000"), ("amount_differs", "", "320000"),
    ]  # fmt: skip


def test_a_refund_is_ours_only_under_its_own_key() -> None:
    twice = stored(Payment(tried=2, paid="R1P1A2", refunding=("R1P1A1",)))
    findings = Findings()
    compare_refund("wechatpay", replace(LINE, refund_key="RFR1P1A1"), twice, findings)
    compare_refund("wechatpay", replace(LINE, refund_key="RFother"), twice, findings)
    compare_refund("wechatpay", replace(LINE, refund_key="RFR1P1A1"), None, findings)
    assert dict(findings.counts) == {"refunds": 1, "refund_not_ours": 2}


def test_what_stands_twice_and_what_is_absent() -> None:
    assert twice_in([LINE, LINE, replace(LINE, key="R2P1A1"), replace(LINE, refund_key="RF")]) == {"R1P1A1"}
    found = absent("wechatpay", Paid(7, "R7P1A1", 100, NOW))
    assert (found.kind, found.ref, found.renewal_id, found.ours) == ("paid_here_not_there", "R7P1A1", 7, "100")
