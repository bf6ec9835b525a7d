"""The partners' doors: a verified callback is a hint; what it means is asked of the provider, then delivered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from backend.db.port import Store, Stored
from backend.esign.port import ESign, ESignError, NotOurs
from backend.esign.port import Notice as SignNotice
from backend.payments.deduction import Deductions, MandateState
from backend.payments.port import Notice as PayNotice
from backend.payments.port import PayError, Payments, PayState
from bot.effects.deduct import Deducting, renewal_of
from bot.effects.esign import envelope_news
from bot.effects.pay import payment_news
from bot.tills import Tills
from bot.turn import Turns
from dialogs.events import AnyEvent, MandateClosed, MandateSigned
from dialogs.states import State

log = logging.getLogger("xuzu.partners")

POLL_LIMIT = 500
"""Open envelopes and orders looked at in one round of polling."""


class UnknownReference(NotOurs):
    """A callback for something we never opened, or have not noted yet. A payment's is asked to come again; an
    envelope's is acknowledged, since polling asks about every open one anyway."""


class Partners:
    def __init__(
        self,
        turns: Turns,
        esign: ESign | None,
        payments: Mapping[str, Payments],
        deductions: Mapping[str, Deductions] | None = None,
    ) -> None:
        self._turns = turns
        self._store: Store = turns.store
        self._esign = esign
        self._tills = Tills(payments)
        self._deductions = deductions or {}
        self._deducting = Deducting(turns.store, self._deductions)

    async def envelope_moved(self, notice: SignNotice) -> None:
        """Raises UnknownReference; ESignError when the provider cannot be asked (it will call again)."""
        await self.check_envelope(await self._known("envelope", notice.ref), notice.ref)

    async def payment_moved(self, notice: PayNotice, provider: str = "") -> None:
        """Raises UnknownReference; PayError when the provider cannot be asked (it will call again)."""
        if notice.kind in ("payment", "deduction"):
            await self.check_payment(await self._known(notice.kind, notice.key), notice.key, provider)

    async def mandate_moved(self, notice: PayNotice, provider: str) -> None:
        """The provider says signed or ended: it is asked. Raises UnknownReference; PayError: it cannot be asked."""
        stored = await self._mandated(notice.key)
        found = await self._deductions[provider].mandate(notice.key)
        name = f"{provider}:{notice.key}"
        standing = stored.renewal.standing_mandate == name
        if found.state is MandateState.ACTIVE and not standing:
            await self._turns.deliver(stored.id, MandateSigned(name))
        elif found.state is not MandateState.ACTIVE and standing:
            await self._turns.deliver(stored.id, MandateClosed())

    async def poll(self, operator: str) -> None:
        """Behind lost callbacks: ask about every open envelope and order. Answers that fail wait for the next round."""
        for stored in await self._store.renewals(operator, state=State.AWAITING_SIGNATURE.value, limit=POLL_LIMIT):
            if stored.renewal.envelope is not None:
                await _patiently(self.check_envelope, stored, stored.renewal.envelope)
        for stored in await self._store.renewals(operator, state=State.PAYING.value, limit=POLL_LIMIT):
            if stored.renewal.payment.open is not None:
                await _patiently(self.check_payment, stored, stored.renewal.payment.open)

    async def _mandated(self, key: str) -> Stored:
        """Of a mandate that was never used yet the number itself tells the renewal."""
        signed_in = renewal_of(key)
        stored = None if signed_in is None else await self._turns.store.load(signed_in)
        if stored is not None and not stored.renewal.final:
            return stored
        return await self._known("mandate", key)

    async def _known(self, kind: str, ref: str) -> Stored:
        renewal_id = await self._store.locate(kind, ref)
        stored = None if renewal_id is None else await self._store.load(renewal_id)
        if stored is None:
            raise UnknownReference(f"no renewal has {kind} {ref!r}")
        return stored

    async def check_envelope(self, stored: Stored, ref: str) -> None:
        """What the provider says of it now is delivered. Raises ESignError, UnknownReference."""
        if self._esign is None:
            raise UnknownReference("no e-sign provider is connected")
        for event in await envelope_news(self._esign, stored, ref):
            await self._turns.deliver(stored.id, event)

    async def check_payment(self, stored: Stored, key: str, provider: str = "") -> None:
        """What the provider says of it now is delivered; without a name each that may have it is asked.

        Raises PayError, UnknownReference.
        """
        if stored.renewal.bill is None:
            raise UnknownReference("no payment provider is connected, or no bill was made")
        bill = stored.renewal.bill.no
        for event in await self._payment_news(stored, key, provider):
            turned = await self._turns.deliver(stored.id, event)
            if turned.stored.renewal.payment.paid == key:
                await self._store.pay_bill(stored.operator, bill, key, self._turns.clock.now())

    async def paid_at(self, key: str) -> datetime | None:
        """When the provider took this payment; None when it did not. Raises PayError, UnknownReference."""
        taken_by = self._deductions.values() if await self._store.locate("deduction", key) is not None else ()
        for provider in (*taken_by, *self._tills):
            found = await provider.state(key)
            if found.state in (PayState.PAID, PayState.REFUNDED):
                return found.at or self._turns.clock.now()
        return None

    async def _payment_news(self, stored: Stored, key: str, provider: str) -> list[AnyEvent]:
        bill, payment = stored.renewal.bill, stored.renewal.payment
        assert bill is not None
        if await self._store.locate("deduction", key) is not None:
            return await self._deduction_news(stored, key, bill.no)
        named = self._tills.named(provider or (payment.way if key == payment.open else ""))
        if not self._tills:
            raise UnknownReference("no payment provider is connected, or no bill was made")
        for payer in self._tills if named is None else (named,):
            if found := await payment_news(payer, key, bill.no):
                return found
        return []

    async def _deduction_news(self, stored: Stored, key: str, bill: str) -> list[AnyEvent]:
        """The newest deduction's provider is named by its mandate; an older one is asked of each."""
        payment = stored.renewal.payment
        named, _ = self._deducting.provider(payment.mandate if payment.open == key else "")
        for provider in [named] if named is not None else self._deductions.values():
            if found := await self._deducting.news(provider, key, bill):
                return found
        return []


async def _patiently(check: Callable[[Stored, str], Awaitable[None]], stored: Stored, ref: str) -> None:
    try:
        await check(stored, ref)
    except (ESignError, PayError, UnknownReference) as fault:
        log.info("renewal %s: %s could not be asked: %s", stored.id, ref, fault)
