"""Money over the counter: bills and deposit are booked once, and the rules look again."""

from __future__ import annotations

from datetime import date

from backend.console.cashier import Settled, settle
from backend.console.desk import Desk
from bot.rendering import page_environment
from dialogs.effects import AskVerdict
from dialogs.money import yuan
from dialogs.states import State
from tests.backend.console.office import LEDGER_BILL, OPERATOR, Office
from tests.journeys.samples import NOW, TEMPLATES


def desk(office: Office) -> Desk:
    return Desk(office.store, OPERATOR, None, page_environment(TEMPLATES), office.turns.deliver, office.clock.now)


async def test_what_was_owed_is_booked_and_asked_for_again(at_desk: Office) -> None:
    stored = await at_desk.gated(await at_desk.opens_lease(None, LEDGER_BILL))
    assert stored.renewal.state is State.GATED
    assert await settle(desk(at_desk), stored, "cashier") == Settled((LEDGER_BILL.no,), yuan(3200))
    lease = await at_desk.store.lease(OPERATOR, stored.renewal.lease.no)
    assert lease is not None
    assert lease.deposit_held == yuan(3200)
    assert await at_desk.store.open_bills(OPERATOR, lease.no) == []
    assert (await at_desk.again(stored)).renewal.state is State.CHECKING
    assert isinstance((await at_desk.store.outbox(stored.id))[-1].effect, AskVerdict)


async def test_a_second_time_books_nothing(at_desk: Office) -> None:
    stored = await at_desk.gated(await at_desk.opens_lease(None, LEDGER_BILL))
    await settle(desk(at_desk), stored, "cashier")
    assert await settle(desk(at_desk), stored, "cashier") == Settled((), yuan(3200))
    assert (await at_desk.again(stored)).renewal.state is State.CHECKING


async def test_the_next_term_s_bill_is_not_paid_by_the_back_door(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    no = stored.renewal.lease.no
    made = await at_desk.store.create_bill(OPERATOR, no, date(2026, 10, 3), yuan(3200), date(2026, 10, 9), NOW)
    assert (await settle(desk(at_desk), stored, "cashier")).bills == ()
    assert await at_desk.store.pay_bill(OPERATOR, made.no, "order-1", NOW)
