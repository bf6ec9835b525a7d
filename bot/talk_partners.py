"""The one lease one can play by hand, and the partners around it: they answer at once, or when they are back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from bot.clock import shanghai_day
from dialogs import effects as ef
from dialogs import events as ev
from dialogs.effects import AnyEffect
from dialogs.events import AnyEvent, Verdict
from dialogs.lease import Bill, Comps, Lease, Party, Role, Unit
from dialogs.money import Fen, yuan

RENEWAL = 1
TENANT, HOUSEKEEPER, STAFF = "小林", "李管家", "staff-1"
LEASE = Lease(
    no="HT-2025-0107",
    operator="demo",
    unit=Unit("云杉公寓", "3栋", "1204", "一居室"),
    parties=(Party("p1", Role.TENANT),),
    start=date(2025, 12, 11),
    end=date(2026, 12, 10),
    rent=yuan(3200),
    deposit_due=yuan(3200),
    deposit_held=yuan(3200),
    housekeeper=HOUSEKEEPER,
    lock="lock-1",
)
COMPS = Comps(count=9, median=yuan(3480), low=yuan(3150), high=yuan(3700))
"""What the neighbourhood pays: enough for a small rise, so that all three proposals are made."""

AWAY = {
    "ledger": (ef.PrepareOffer, ef.AskVerdict, ef.CreateBill),
    "esign": (ef.OpenEnvelope,),
    "pay": (ef.RequestPayment, ef.Refund),
    "lock": (ef.ExtendAccess,),
}
"""Partners that can be sent away, and what they do not do meanwhile."""


class Partners:
    """Ledger, e-sign, payer and lock of one lease. Plain facts in memory; each answer is an event."""

    def __init__(self) -> None:
        self.owed: list[Bill] = []
        self.deposit = LEASE.deposit_held
        self.away: set[str] = set()
        self.waiting: list[AnyEffect] = []
        """What was asked of partners who are away; done when they are back."""
        self.order: ef.RequestPayment | None = None
        self._answers: dict[type[Any], Callable[[Any], AnyEvent | None]] = {
            ef.PrepareOffer: lambda _: ev.OfferPrepared(COMPS),
            ef.AskVerdict: self._verdict,
            ef.OpenEnvelope: lambda wish: ev.EnvelopeOpened(f"ENV-{wish.key}", wish.key),
            ef.CreateBill: lambda wish: ev.BillCreated(Bill(f"ZD-{LEASE.no}", wish.due, wish.amount)),
            ef.RequestPayment: self._ordered,
            ef.Refund: lambda wish: ev.RefundMade(wish.key),
            ef.ExtendAccess: lambda wish: ev.AccessExtended(wish.until),
        }

    def carry(self, wish: AnyEffect) -> AnyEvent | None:
        """What comes of a wish now; None: nothing that the rules must hear of."""
        gone = next((name for name in self.away if isinstance(wish, AWAY[name])), None)
        if gone is not None:
            self.waiting.append(wish)
            return _missing(wish)
        answer = self._answers.get(type(wish))
        return None if answer is None else answer(wish)

    def back(self, name: str) -> list[AnyEffect]:
        """A partner is back: what it was asked meanwhile, in order."""
        self.away.discard(name)
        due: list[AnyEffect] = [wish for wish in self.waiting if isinstance(wish, AWAY[name])]
        self.waiting = [wish for wish in self.waiting if not isinstance(wish, AWAY[name])]
        return due

    def owe(self, amount: Fen, now: datetime) -> Bill:
        """One more unpaid bill, due today."""
        bill = Bill(f"QF-{len(self.owed) + 1}", shanghai_day(now), amount)
        self.owed.append(bill)
        return bill

    def pay(self) -> AnyEvent | None:
        """The open order, else what is owed; None when nothing is to be paid."""
        if self.order is not None:
            order, self.order = self.order, None
            return ev.PaymentSucceeded(order.key, order.bill, order.amount, "wechat")
        if not self.owed and self.deposit >= LEASE.deposit_held:
            return None
        self.owed.clear()
        self.deposit = max(self.deposit, LEASE.deposit_held)
        return ev.ArrearsPaid()

    def _verdict(self, wish: ef.AskVerdict) -> AnyEvent:
        verdict = Verdict.OWING if self.owed else Verdict.CLEAR
        return ev.VerdictReached(
            verdict, tuple(self.owed), self.deposit, evidence="the ledger of the day", check=wish.check
        )

    def _ordered(self, wish: ef.RequestPayment) -> AnyEvent:
        self.order = wish
        return ev.PaymentRequested(wish.key, wish.bill)


def _missing(wish: AnyEffect) -> AnyEvent | None:
    """What an absent partner's adapter says of itself; ledger and payer are simply asked again later."""
    if isinstance(wish, ef.OpenEnvelope):
        return ev.EnvelopeDelayed()
    return ev.AccessDelayed("the lock's gateway is away") if isinstance(wish, ef.ExtendAccess) else None
