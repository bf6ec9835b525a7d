"""One day of one merchant's bill against what we hold to be paid and given back (providers sheet, section 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from backend.db.port import Stored
from backend.db.reconciling_port import Difference, Paid
from backend.payments.port import BillLine


class Findings(msgspec.Struct):
    """``counts`` by word: matched, applied, given_back, refunds, and one for each kind of difference."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    differences: list[Difference] = msgspec.field(default_factory=list)

    def matched(self, what: str = "matched") -> None:
        self.counts[what] += 1

    def differs(self, difference: Difference) -> None:
        self.counts[difference.kind] += 1
        self.differences.append(difference)


def compare_payment(source: str, line: BillLine, stored: Stored | None, findings: Findings) -> bool:
    """Writes down what a payment of the bill comes to; True: it has to be applied first, and compared again."""
    if stored is None:
        findings.differs(_difference(source, "unknown_to_us", line, "", None))
        return False
    payment, bill = stored.renewal.payment, stored.renewal.bill
    if bill is None or line.amount != bill.amount:
        ours = "" if bill is None else str(bill.amount)
        findings.differs(_difference(source, "amount_differs", line, ours, stored.id))
        return False
    if line.key == payment.paid:
        findings.matched()
        return False
    if line.key in payment.refunding:
        findings.matched("given_back")
        return False
    return True


def compare_refund(source: str, line: BillLine, stored: Stored | None, findings: Findings) -> None:
    payment = None if stored is None else stored.renewal.payment
    if payment is not None and line.key in payment.refunding and line.refund_key == f"RF{line.key}":
        findings.matched("refunds")
        return
    whose = None if stored is None else stored.id
    findings.differs(_difference(source, "refund_not_ours", line, "", whose, line.refund_key))


def not_applied(source: str, line: BillLine, stored: Stored) -> Difference:
    """The provider was asked, and the payment still does not stand with us."""
    return _difference(source, "paid_there_not_here", line, stored.renewal.payment.paid or "", stored.id)


def absent(source: str, ours: Paid) -> Difference:
    """We hold it to be paid; the provider's bills of these days do not."""
    return Difference(source, "paid_here_not_there", ours.payment, str(ours.amount), "", ours.renewal_id)


def twice_in(lines: Sequence[BillLine]) -> set[str]:
    """Numbers that one bill holds as paid more than once: never, or something is very wrong."""
    seen = Counter(line.key for line in lines if not line.refund_key)
    return {key for key, times in seen.items() if times > 1}


def _difference(source: str, kind: str, line: BillLine, ours: str, renewal: int | None, ref: str = "") -> Difference:
    return Difference(source, kind, ref or line.key, ours, str(line.amount), renewal)
