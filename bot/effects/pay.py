"""The pay lane: orders, refunds, and what the provider says of them now. Unknown is asked again, never paid again."""

from __future__ import annotations

from backend.db.port import Store, Stored
from backend.payments.port import PayError, Payments, PayState
from bot.dispatcher import Done, Hand, Job, Later
from bot.effects.deduct import Deducting
from bot.effects.refused import AGAIN, refused
from dialogs.effects import Effect, Refund, RequestPayment
from dialogs.events import AnyEvent, PaymentRefused, PaymentRequested, PaymentSucceeded, RefundMade, Refusal
from dialogs.money import Fen


def pay_hands(store: Store, orders: Payments, deducting: Deducting) -> dict[type[Effect], Hand]:
    async def request(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, RequestPayment)
        if wish.mandate:
            return await deducting.take(job)
        payer = (await store.addresses(job.stored.tenant)).get("wechat")
        if payer is None:
            return Done(PaymentRefused(wish.key, Refusal.CONFIG), note="no WeChat binding to pay from")
        await store.note_ref("payment", wish.key, job.stored.id)
        try:
            await place_order(orders, job.stored, wish.key, wish.amount, payer)
        except PayError as fault:
            return refused(wish.key, fault)
        return Done(PaymentRequested(wish.key, wish.bill))

    async def refund(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, Refund)
        payments = deducting.refunder(wish.channel) or orders
        try:
            if await payments.refund_state(wish.key) is PayState.REFUNDED:
                return Done(RefundMade(wish.key))
            await payments.refund(wish.key, wish.payment, wish.amount, wish.amount)
            state = await payments.refund_state(wish.key)
        except PayError as fault:
            raise Later(str(fault), unsure=True, dead=fault.reason not in AGAIN) from None
        if state is PayState.CLOSED:
            raise Later("the provider closed the refund: it has to be made by hand", dead=True)
        if state is not PayState.REFUNDED:
            raise Later("the refund is under way", unsure=True, seconds=300)
        return Done(RefundMade(wish.key))

    return {RequestPayment: request, Refund: refund}


async def place_order(payments: Payments, stored: Stored, key: str, amount: int, payer: str) -> str:
    """Place the order, or place it again with the very same parameters: the prepay id. Raises PayError.

    No expiry is named: WeChat Pay closes an unpaid order after seven days by itself, and a repeat stays the same.
    """
    bill = stored.renewal.bill
    assert bill is not None
    order = await payments.order(key, amount, f"首期租金 {bill.no}", payer)
    return order.prepay


async def payment_news(payments: Payments, key: str, bill: str) -> list[AnyEvent]:
    """What the provider says of one order now, as events. Raises PayError."""
    payment = await payments.state(key)
    if payment.state is PayState.PAID:
        return [PaymentSucceeded(key, bill, Fen(payment.amount), payments.name)]
    if payment.state is PayState.CLOSED:
        return [PaymentRefused(key, Refusal.TENANT_CAN_FIX)]
    return []
