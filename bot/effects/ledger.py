"""The ledger lane: comparable rents, receivables, bills, and the lease's next term."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backend.db.port import LedgerBill, Store, Stored
from backend.ledger.erp import Checked, Erp
from bot.clock import shanghai_day
from bot.dispatcher import Done, Hand, Job
from dialogs.effects import AskVerdict, CloseLease, CreateBill, Effect, PrepareOffer, RecordRenewal
from dialogs.events import BillCreated, OfferPrepared, Verdict, VerdictReached
from dialogs.lease import Bill, Lease, next_no
from dialogs.money import ZERO, Fen


def ledger_hands(store: Store, erp: Erp | None = None) -> dict[type[Effect], Hand]:
    """``erp``: the operator's own system says what is owed; without one the built-in ledger does."""

    async def prepare_offer(job: Job) -> Done:
        lease = job.stored.renewal.lease
        return Done(OfferPrepared(await store.comps(job.stored.operator, lease, shanghai_day(job.now))))

    async def ask_verdict(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, AskVerdict)
        lease_no = job.stored.renewal.lease.no
        if erp is not None:
            checked = await erp.verify(lease_no, shanghai_day(job.now), f"R{job.stored.id}C{wish.check}")
            return Done(_told(checked, wish))
        bills = await store.open_bills(job.stored.operator, lease_no)
        lease = await store.lease(job.stored.operator, lease_no)
        return Done(_verdict(bills, wish, lease or job.stored.renewal.lease))

    async def create_bill(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, CreateBill)
        accepted = job.stored.renewal.accepted
        assert accepted is not None
        lease_no = job.stored.renewal.lease.no
        made = await store.create_bill(job.stored.operator, lease_no, accepted.start, wish.amount, wish.due, job.now)
        await store.note_ref("bill", made.no, job.stored.id)
        return Done(BillCreated(_bill(made)))

    async def record(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, RecordRenewal)
        await _book_payment(store, job.stored, job.now)
        renewal = job.stored.renewal
        await store.record_renewal(job.stored.id, next_term(renewal.lease, wish, renewal.standing_mandate), job.now)
        return Done()

    async def close(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, CloseLease)
        await store.close_lease(job.stored.id, wish.holdover, job.now)
        return Done()

    return {
        PrepareOffer: prepare_offer,
        AskVerdict: ask_verdict,
        CreateBill: create_bill,
        RecordRenewal: record,
        CloseLease: close,
    }


async def _book_payment(store: Store, stored: Stored, now: datetime) -> None:
    """The payment's turn is followed by its booking; a crash between the two is made good here."""
    bill, key = stored.renewal.bill, stored.renewal.payment.paid
    if bill is not None and key is not None:
        await store.pay_bill(stored.operator, bill.no, key, now)


def _verdict(bills: list[LedgerBill], wish: AskVerdict, lease: Lease) -> VerdictReached:
    """The built-in ledger's word: an open bill owes, a disputed one freezes, none is clear."""
    disputed = any(bill.disputed for bill in bills)
    verdict = Verdict.DISPUTED if disputed else Verdict.OWING if bills else Verdict.CLEAR
    evidence = f"ledger:{lease.no}:{wish.check}"
    return VerdictReached(verdict, tuple(_bill(bill) for bill in bills), lease.deposit_held, evidence, wish.check)


def _told(checked: Checked, wish: AskVerdict) -> VerdictReached:
    bills = tuple(Bill(one.no, one.due, Fen(one.fen)) for one in checked.items)
    held = None if checked.deposit_fen is None else Fen(checked.deposit_fen)
    return VerdictReached(Verdict(checked.verdict), bills, held, f"erp:{checked.evidence}", wish.check)


def _bill(bill: LedgerBill) -> Bill:
    return Bill(bill.no, bill.due, Fen(bill.amount))


def next_term(lease: Lease, wish: RecordRenewal, mandate: str = "") -> Lease:
    """The lease of the next term: same parties, flat, lock and mandate; dates, rent and deposit as accepted."""
    terms = wish.proposal
    return msgspec.structs.replace(
        lease,
        no=next_no(lease.no, terms.start),
        start=terms.start,
        end=terms.end,
        rent=terms.first_rent,
        deposit_due=terms.deposit,
        deposit_held=max(wish.deposit_carry, terms.deposit, key=int),
        pay_cycle_months=terms.pay_cycle_months,
        tenancy_months=lease.tenancy_months + terms.months,
        arrears=ZERO,
        mandate=mandate,
    )
