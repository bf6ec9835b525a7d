"""The pay lane: orders, refunds, and what the provider says of them now. Unknown is asked again, never paid again."""

from __future__ import annotations

from backend.db.port import Store, Stored
from backend.payments.port import Order, Payer, PayError, Payment, Payments, PayState
from bot.dispatcher import Done, Hand, Job, Later
from bot.effects.deduct import Deducting, taken_by
from bot.effects.refused import AGAIN, refused
from bot.tills import Tills, payer_for
from dialogs.effects import CloseOrder, Effect, Refund, RequestPayment
from dialogs.events import AnyEvent, PaymentRefused, PaymentRequested, PaymentSucceeded, RefundMade, Refusal
from dialogs.money import Fen


def pay_hands(store: Store, tills: Tills, deducting: Deducting) -> dict[type[Effect], Hand]:
    async def request(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, RequestPayment)
        if wish.mandate:
            return await deducting.take(job)
        addresses = await store.addresses(job.stored.tenant)
        payments = tills.choose(wish.way, addresses, job.stored.renewal.lease.payee)
        if payments is None:
            return Done(PaymentRefused(wish.key, Refusal.CONFIG), note="nobody is connected whom this tenant can pay")
        await store.note_ref("payment", wish.key, job.stored.id)
        await store.note_ref(taken_by(payments.name), wish.key, job.stored.id)
        try:
            await place_order(payments, job.stored, wish.key, payer_for(payments, addresses))
        except PayError as fault:
            return refused(wish.key, fault)
        return Done(PaymentRequested(wish.key, wish.bill, payments.name))

    async def close(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, CloseOrder)
        payments, bill = tills.named(wish.way), job.stored.renewal.bill
        assert bill is not None
        if payments is None:
            raise Later("its payer is not connected any more: close the order by hand", dead=True)
        try:
            found = await closed(payments, wish.order)
        except PayError as fault:
            raise Later(str(fault), unsure=True, dead=fault.reason not in AGAIN) from None
        if found.state is PayState.PENDING:
            raise Later("the order is still open", unsure=True)
        if found.state is PayState.PAID or found.state is PayState.REFUNDED:
            return Done(PaymentSucceeded(wish.order, bill.no, Fen(found.amount), payments.name), note="paid meanwhile")
        return Done(PaymentRefused(wish.order, Refusal.REPLACED))

    async def refund(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, Refund)
        payments = deducting.refunder(wish.channel) or tills.named(wish.channel) or next(iter(tills), None)
        if payments is None:
            raise Later("the payer is not connected any more: give the money back by hand", dead=True)
        try:
            if await payments.refund_state(wish.key, wish.payment) is PayState.REFUNDED:
                return Done(RefundMade(wish.key))
            await payments.refund(wish.key, wish.payment, wish.amount, wish.amount)
            state = await payments.refund_state(wish.key, wish.payment)
        except PayError as fault:
            raise Later(str(fault), unsure=True, dead=fault.reason not in AGAIN) from None
        if state is PayState.CLOSED:
            raise Later("the provider closed the refund: it has to be made by hand", dead=True)
        if state is not PayState.REFUNDED:
            raise Later("the refund is under way", unsure=True, seconds=300)
        return Done(RefundMade(wish.key))

    return {RequestPayment: request, CloseOrder: close, Refund: refund}


async def place_order(payments: Payments, stored: Stored, key: str, payer: Payer) -> Order:
    """Place the order, or place it again with the very same parameters. Raises PayError.

    No expiry is named: WeChat Pay closes an unpaid order after seven days by itself, and a repeat stays the same.
    """
    bill = stored.renewal.bill
    assert bill is not None
    return await payments.order(key, bill.amount, f"首期租金 {bill.no}", payer)


async def closed(payments: Payments, key: str) -> Payment:
    """What the order is once it was asked to close: paid, if that came first. Raises PayError."""
    found = await payments.state(key)
    if found.state is not PayState.PENDING:
        return found
    await payments.close(key)
    return await payments.state(key)


async def payment_news(payments: Payments, key: str, bill: str) -> list[AnyEvent]:
    """What the provider says of one order now, as events. Raises PayError."""
    payment = await payments.state(key)
    if payment.state is PayState.PAID:
        return [PaymentSucceeded(key, bill, Fen(payment.amount), payments.name)]
    if payment.state is PayState.CLOSED:
        return [PaymentRefused(key, Refusal.TENANT_CAN_FIX)]
    return []
