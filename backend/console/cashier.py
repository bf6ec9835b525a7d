"""Money over the counter: what a tenant owed is booked as paid, and the rules look at the ledger again."""

from __future__ import annotations

import msgspec

from backend.db.port import Stored
from dialogs.events import ArrearsPaid

from .desk import Desk


class Settled(msgspec.Struct, frozen=True):
    """``bills`` are the numbers booked just now; ``deposit`` is what is held after it, fen."""

    bills: tuple[str, ...]
    deposit: int


async def settle(desk: Desk, stored: Stored, actor: str) -> Settled:
    """Everything that stands in the way of signing: open bills and the missing deposit, never the next term's bill.

    Safe to repeat: a bill is paid once, and a check that is asked for twice gives the same answer. Raises StoreDown.
    """
    store, operator, no = desk.store, desk.operator, stored.renewal.lease.no
    booked = []
    for bill in await store.open_bills(operator, no):
        if await store.pay_bill(operator, bill.no, f"counter:{actor}:{bill.no}", desk.now()):
            booked.append(bill.no)
    lease = await store.lease(operator, no) or stored.renewal.lease
    held = max(lease.deposit_held, lease.deposit_due, key=int)
    if held != lease.deposit_held:
        await store.book_deposit(operator, no, held, desk.now())
    await desk.deliver(stored.id, ArrearsPaid())
    return Settled(tuple(booked), held)
