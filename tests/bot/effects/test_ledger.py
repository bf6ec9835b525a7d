"""The ledger hand: comparable rents, the verdict on what is owed, the first bill once, and the lease's next term."""

from __future__ import annotations

from datetime import date

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer

from backend.db.port import LeaseRow, LedgerBill, Stored
from backend.ledger.erp import Erp
from backend.sandbox.erp import ErpSandbox
from bot.effects.ledger import ledger_hands, next_term
from dialogs.effects import AskVerdict, CloseLease, CreateBill, Lane, RecordRenewal
from dialogs.events import (
    AccessExtended,
    BillCreated,
    Declined,
    MoveOutDone,
    OfferPrepared,
    PaymentSucceeded,
    TierDue,
    Verdict,
    VerdictReached,
)
from dialogs.lease import Bill
from dialogs.money import yuan
from dialogs.states import LossReason, State
from tests.bot.hands import dispatcher
from tests.bot.stage import OPERATOR, Stage, bill, lease, row


async def worked(stage: Stage, times: int = 1) -> None:
    for _ in range(times):
        await dispatcher(stage, ledger_hands(stage.store)).run_once(Lane.LEDGER)


async def last(stage: Stage, stored: Stored) -> object:
    return (await stage.store.log(stored.id))[-1].event


async def checking(stage: Stage, *rows: LeaseRow) -> Stored:
    return await stage.brought(await stage.opened(*rows), State.CHECKING)


async def test_comparable_rents_come_from_the_same_layout_nearby(stage: Stage) -> None:
    stored = await stage.tell(await stage.opened(), TierDue("T-30"))
    await worked(stage)
    event = await last(stage, stored)
    assert isinstance(event, OfferPrepared)
    assert event.comps == await stage.store.comps(OPERATOR, stored.renewal.lease, date(2026, 9, 2))


async def test_who_owes_nothing_is_clear(stage: Stage) -> None:
    stored = await checking(stage)
    await worked(stage)
    assert await last(stage, stored) == VerdictReached(Verdict.CLEAR, (), yuan(3200), "ledger:YJ-0001:1", 1)
    assert (await stage.again(stored)).renewal.state is State.AWAITING_SIGNATURE


async def test_an_open_bill_owes_and_a_disputed_one_freezes(stage: Stage) -> None:
    owing = await checking(stage, row(bills=(bill(),)))
    await worked(stage)
    event = await last(stage, owing)
    assert isinstance(event, VerdictReached)
    assert (event.verdict, event.bills) == (Verdict.OWING, (Bill("B-OLD", date(2026, 8, 28), yuan(1200)),))
    assert (await stage.again(owing)).renewal.state is State.GATED


async def test_a_disputed_bill_is_for_finance(lite: Stage) -> None:
    stored = await checking(lite, row(bills=(msgspec.structs.replace(bill(), disputed=True),)))
    await worked(lite)
    assert (await lite.again(stored)).renewal.state is State.DISPUTED


async def test_the_deposit_is_what_the_ledger_holds_now(lite: Stage) -> None:
    """Topped up at the counter after the window opened: the renewal still has the old lease."""
    stored = await checking(lite, row(deposit_held=yuan(1000)))
    await lite.store.book_deposit(OPERATOR, "YJ-0001", yuan(3200), lite.clock.now())
    await worked(lite)
    event = await last(lite, stored)
    assert isinstance(event, VerdictReached)
    assert event.deposit_held == yuan(3200)
    assert stored.renewal.lease.deposit_held == yuan(1000)


async def test_the_first_bill_is_made_once(stage: Stage) -> None:
    stored = await stage.brought(await stage.opened(), State.BILLING)
    [wish] = await stage.wished(stored, CreateBill)
    assert len(await stage.claim(Lane.LEDGER)) == 1, "a worker that makes the bill, and dies"
    accepted = stored.renewal.accepted
    assert accepted is not None
    first = await stage.store.create_bill(OPERATOR, "YJ-0001", accepted.start, wish.amount, wish.due, stage.clock.now())
    stage.clock.move(seconds=61)
    await worked(stage)
    assert await last(stage, stored) == BillCreated(Bill(first.no, wish.due, wish.amount))
    assert await stage.store.open_bills(OPERATOR, "YJ-0001") == [], "the next term's bill is no debt of this one"
    assert await stage.store.locate("bill", first.no) == stored.id


async def test_a_renewed_lease_is_written_as_its_next_term(stage: Stage) -> None:
    stored = await stage.brought(await stage.opened(), State.RENEWED)
    await worked(stage, 2)
    [renewed] = await stage.store.renewed_leases(OPERATOR)
    assert (renewed.lease_no, renewed.next_lease_no) == ("YJ-0001", "YJ-0001-2610")
    assert (renewed.start, renewed.end) == (date(2026, 10, 3), date(2027, 10, 2))
    following = await stage.store.lease(OPERATOR, "YJ-0001-2610")
    assert following is not None
    assert following.parties == stored.renewal.lease.parties


async def test_a_payment_whose_booking_was_cut_off_is_booked_with_the_renewal(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.BILLING)
    await worked(lite)
    stored = await lite.again(stored)
    bill_no, order = stored.renewal.bill, stored.renewal.payment.open
    assert bill_no is not None
    assert order is not None
    stored = await lite.tell(stored, PaymentSucceeded(order, bill_no.no, bill_no.amount, "wechatpay"))
    await lite.settle_all()
    stored = await lite.tell(stored, AccessExtended(date(2028, 1, 1)))
    await worked(lite)
    due, period = date(2026, 10, 3), date(2026, 10, 3)
    made = await lite.store.create_bill(OPERATOR, "YJ-0001", period, bill_no.amount, due, lite.clock.now())
    assert (made.no, made.paid) == (bill_no.no, True)


async def test_a_lease_that_ended_is_closed(lite: Stage) -> None:
    stored = await lite.opened()
    await lite.tell(stored, Declined(reason=LossReason.JOB))
    stored = await lite.tell(stored, MoveOutDone(actor="hk-lin"))
    [wish] = await lite.wished(stored, CloseLease)
    assert not wish.holdover
    await worked(lite, 3)
    assert (await lite.status(stored, wish.key))[0] == "done"
    lite.clock.move(days=1)
    assert await lite.store.renewed_leases(OPERATOR) == []


async def test_a_check_that_was_asked_again_makes_the_older_one_moot(lite: Stage) -> None:
    stored = await checking(lite, row(bills=(LedgerBill("B-1", "YJ-0001", date(2026, 8, 1), 1),)))
    [wish] = await lite.wished(stored, AskVerdict)
    assert wish.check == stored.renewal.check == 1


@pytest.mark.parametrize(("carry", "held"), [(3200, 3400), (0, 3400), (5000, 5000)])
async def test_the_next_term_has_the_accepted_terms_and_at_least_their_deposit(
    lite: Stage, carry: int, held: int
) -> None:
    stored = await lite.brought(await lite.opened(), State.AWAITING_SIGNATURE)
    accepted = stored.renewal.accepted
    assert accepted is not None
    terms = msgspec.structs.replace(accepted, deposit=yuan(3400))
    plain = lease(arrears=yuan(9), tenancy_months=24)
    made = next_term(plain, RecordRenewal(key="r", proposal=terms, deposit_carry=yuan(carry)))
    assert (made.rent, made.start, made.end) == (terms.first_rent, terms.start, terms.end)
    assert (made.deposit_due, made.deposit_held) == (yuan(3400), yuan(held))
    assert (made.tenancy_months, made.arrears) == (24 + terms.months, 0)
    assert (made.unit, made.lock, made.parties) == (plain.unit, plain.lock, plain.parties)


async def test_the_operators_own_system_has_the_word_where_there_is_one(lite: Stage) -> None:
    """What it cannot say is asked again later; owing in its books stops the signature, whatever ours hold."""
    sandbox = ErpSandbox("synthetic", lite.clock)
    sandbox.owed["YJ-0001"] = [{"no": "ERP-7", "due": "2026-08-28", "fen": 12000}]
    stored = await checking(lite)
    async with TestServer(sandbox.app()) as server, aiohttp.ClientSession() as session:
        erp = Erp(str(server.make_url("/receivables")), "synthetic", session, lite.clock)
        await dispatcher(lite, ledger_hands(lite.store, erp)).run_once(Lane.LEDGER)
    owing = Bill("ERP-7", date(2026, 8, 28), yuan(120))
    assert await last(lite, stored) == VerdictReached(Verdict.OWING, (owing,), yuan(3200), "erp:CHK-1", 1)
    assert (await lite.again(stored)).renewal.state is State.GATED
