"""A bill taken by a mandate: announced, waited for, charged once, and asked about until the provider has an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.db.port import Store
from backend.payments.deduction import Deductions, Mandate, MandateState
from backend.payments.port import PayError, Payment, PayState, Reason
from bot.clock import SHANGHAI, shanghai_day
from bot.dispatcher import Done, Job, Later
from bot.effects.refused import REFUSALS, refused
from dialogs.effects import RequestPayment
from dialogs.events import AnyEvent, ChargeAccepted, PaymentRefused, PaymentSucceeded, Refusal
from dialogs.lease import Bill

ASK_AGAIN = 300
"""Seconds between two questions about a deduction that the provider still tries."""


class Deducting:
    """``deductions``: by provider name. A mandate reads ``<provider>:<our number>``."""

    def __init__(self, store: Store, deductions: Mapping[str, Deductions]) -> None:
        self._store = store
        self._deductions = deductions

    def provider(self, mandate: str) -> tuple[Deductions | None, str]:
        """Who holds a mandate, and its number there."""
        name, _, number = mandate.partition(":")
        return self._deductions.get(name), number

    def refunder(self, channel: str) -> Deductions | None:
        """Who gives back what was taken by deduction; None: it was an order the tenant confirmed."""
        return self._deductions.get(channel)

    async def take(self, job: Job) -> Done:
        """Raises Later until the deduction came through or was refused for good; then says which."""
        wish = job.claim.effect
        assert isinstance(wish, RequestPayment)
        provider, number = self.provider(wish.mandate)
        if provider is None:
            return Done(PaymentRefused(wish.key, Refusal.CONFIG), note="its provider is not connected")
        await self._store.note_ref("deduction", wish.key, job.stored.id)
        await self._store.note_ref(taken_by(provider.name), wish.key, job.stored.id)
        await self._store.note_ref("mandate", number, job.stored.id)
        try:
            return await self._step(provider, number, wish, job)
        except PayError as fault:
            return refused(wish.key, fault)

    async def _step(self, provider: Deductions, number: str, wish: RequestPayment, job: Job) -> Done:
        """The next thing to do, by what the provider says now: nothing is taken on our own memory."""
        found = await provider.state(wish.key)
        if found.state is not PayState.MISSING:
            return settled(provider.name, found, wish.bill)
        mandate = await provider.mandate(number)
        if mandate.state is not MandateState.ACTIVE:
            return Done(PaymentRefused(wish.key, Refusal.MANDATE_DEAD), note=f"the mandate is {mandate.state}")
        if mandate.single_limit is not None and wish.amount > mandate.single_limit:
            return Done(PaymentRefused(wish.key, Refusal.LIMIT), note="above what the mandate allows")
        if job.stored.renewal.payment.opens is None:
            await self._announce(provider, mandate, wish, job)
        await self._charge(provider, mandate, wish, job)
        raise Later("the provider takes it", unsure=True, seconds=60)

    async def _announce(self, provider: Deductions, mandate: Mandate, wish: RequestPayment, job: Job) -> None:
        """Raises Later with the notice's news: the window is written down before anything is charged in it."""
        bill = job.stored.renewal.bill
        assert bill is not None
        try:
            window = await provider.announce(mandate, wish.amount, due_instant(bill))
        except PayError as fault:
            if fault.reason is not Reason.WINDOW:
                raise
            morning = next_morning(job.now)
            raise Later(f"announced in the morning: {fault}", seconds=_until(morning, job.now)) from None
        told = ChargeAccepted(wish.key, window.opens, window.closes)
        raise Later("announced", tell=told, seconds=_until(window.opens, job.now))

    async def _charge(self, provider: Deductions, mandate: Mandate, wish: RequestPayment, job: Job) -> None:
        payment, bill = job.stored.renewal.payment, job.stored.renewal.bill
        assert payment.opens is not None
        assert bill is not None
        if job.now < payment.opens:
            raise Later("its window is not open yet", seconds=_until(payment.opens, job.now))
        if payment.closes is not None and job.now >= payment.closes:
            raise PayError(Reason.LIMIT, "WINDOW_PASSED", "the announced window passed without a charge")
        try:
            await provider.charge(wish.key, mandate, wish.amount, f"首期租金 {bill.no}")
        except PayError as fault:
            if fault.reason is not Reason.WINDOW:
                raise
            raise Later(f"not at this hour: {fault}", seconds=_until(next_morning(job.now), job.now)) from None

    async def news(self, provider: Deductions, key: str, bill: str) -> list[AnyEvent]:
        """What the provider says of one deduction now, as events. Raises PayError."""
        try:
            told = settled(provider.name, await provider.state(key), bill)
        except Later:
            return []
        return [] if told.event is None else [told.event]


def settled(channel: str, found: Payment, bill: str) -> Done:
    """Raises Later while the provider still tries."""
    if found.state is PayState.PAID or found.state is PayState.REFUNDED:
        return Done(PaymentSucceeded(found.key, bill, found.amount, channel))  # type: ignore[arg-type]
    if found.state is PayState.FAILED:
        reason = REFUSALS.get(found.why or Reason.UNKNOWN, Refusal.TENANT_CAN_FIX)
        return Done(PaymentRefused(found.key, reason), note=f"the bank declined: {found.raw}"[:200])
    if found.state is PayState.CLOSED:
        return Done(PaymentRefused(found.key, Refusal.TENANT_CAN_FIX), note="closed without a charge")
    raise Later(f"the provider says {found.state}", unsure=True, seconds=ASK_AGAIN)


def taken_by(provider: str) -> str:
    """The kind under which a payment is noted at the provider that takes it: whose bill it will stand in."""
    return f"payment:{provider}"


def mandate_number(renewal_id: int) -> str:
    """Our number of a mandate that is signed in the course of this renewal."""
    return f"M{renewal_id}"


def renewal_of(number: str) -> int | None:
    """The renewal in whose course a mandate was signed; None for a number that is not of ours."""
    ours = number.partition("@")[0]
    return int(ours[1:]) if ours[:1] == "M" and ours[1:].isdecimal() else None


def due_instant(bill: Bill) -> datetime:
    """The morning (10:00 in Shanghai) of the bill's due day."""
    return datetime(bill.due.year, bill.due.month, bill.due.day, 10, tzinfo=SHANGHAI)


def next_morning(now: datetime) -> datetime:
    """The next 08:00 in Shanghai, an hour after notices and charges are taken again (providers sheet 2.5)."""
    day = shanghai_day(now)
    today = datetime(day.year, day.month, day.day, 8, tzinfo=SHANGHAI)
    return today if now < today else today + timedelta(days=1)


def _until(then: datetime, now: datetime) -> int:
    return max(1, int((then - now).total_seconds()) + 1)
