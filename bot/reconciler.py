"""Once a day every partner's own record is compared with ours; what differs is applied, or stands on people's list."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from backend.db.port import Store, Stored, StoreDown
from backend.db.reconciling_port import Compared, Difference
from backend.esign.port import ESign, ESignError
from backend.locks.port import LockError, Locks
from backend.payments.port import Biller, BillLine, PayError
from bot.clock import SHANGHAI, Clock, shanghai_day
from bot.comparing import Findings, absent, compare_payment, compare_refund, not_applied, twice_in
from bot.comparing_rights import compare_contracts, compare_doors
from bot.effects.deduct import taken_by
from bot.partners import Partners, UnknownReference
from dialogs.policy import Policy
from dialogs.states import State

log = logging.getLogger("xuzu.reconciler")

AT = time(10, 30)
"""In Shanghai; both payers have made yesterday's bill by then (providers sheet, section 7)."""
AGAIN = timedelta(minutes=30)
DAYS_BACK = 7
"""A day that could not be compared is tried again for so long."""
PAGE = 200
AFTER_PIVOT = (State.BILLING, State.PAYING, State.EXTENDING, State.RENEWED)
SINCE = timedelta(days=14)
"""Contracts and doors of renewals that were signed longer ago are not asked about any more."""


class Sources:
    """Whom to compare with; None where nobody is connected."""

    def __init__(self, billers: Sequence[Biller], esign: ESign | None, locks: Locks | None) -> None:
        self.billers = {one.name: one for one in billers}
        self.esign = esign
        self.locks = locks

    @property
    def names(self) -> tuple[str, ...]:
        others = (("contracts", self.esign), ("doors", self.locks))
        return (*self.billers, *(name for name, partner in others if partner is not None))


class Reconciler:
    def __init__(
        self,
        store: Store,
        partners: Partners,
        sources: Sources,
        policy_of: Callable[[Stored], Policy],
        operators: Sequence[str],
        clock: Clock,
        *,
        poll: float = 1.0,
    ) -> None:
        self._store = store
        self._partners = partners
        self._sources = sources
        self._policy_of = policy_of
        self._operators = operators
        self._clock = clock
        self._poll = poll
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._done_on: date | None = None
        self._running = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """Everybody it compares with, by name."""
        return self._sources.names

    @property
    def busy(self) -> int:
        """A round is due or under way."""
        return self._running or int(self._is_due())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._is_due():
                await self.round()
            await asyncio.sleep(self._poll)

    async def round(self) -> int:
        """Every day that is not compared yet, with every partner; how many were."""
        self._running, self._asked_at = 1, self._clock.now()
        try:
            return await self._round()
        except StoreDown as down:
            log.warning("reconciler: the database does not answer (%s)", down)
            return 0
        finally:
            self._running = 0

    async def compare(self, operator: str, day: date, source: str) -> Compared | None:
        """One day with one partner, now; None while another process is at it or it is done."""
        now = self._clock.now()
        if not await self._store.begin_comparing(operator, day, source, now, now - AGAIN + timedelta(seconds=1)):
            return None
        findings, note, done = Findings(), "", True
        try:
            findings = await self._compared(operator, day, source)
        except (PayError, ESignError, LockError) as fault:
            log.info("%s of %s with %s is put off: %s", operator, day, source, fault)
            note, done = str(fault)[:200], False
        found = Compared(day, source, now, self._clock.now() if done else None, dict(findings.counts), note)
        new = await self._store.end_comparing(operator, found, findings.differences)
        log.log(
            logging.WARNING if new else logging.INFO,
            "%s of %s with %s: %s, %d new differences",
            operator, day, source, found.counts or note or "nothing to compare", new,
        )  # fmt: skip
        return found

    async def _round(self) -> int:
        today = shanghai_day(self._clock.now())
        yesterday, number, waits = today - timedelta(days=1), 0, False
        for operator in self._operators:
            for back in range(DAYS_BACK):
                for source in self._sources.names:
                    payer = source in self._sources.billers
                    if back and not payer:
                        continue
                    found = await self.compare(operator, yesterday - timedelta(days=back), source)
                    number += found is not None
                    waits |= found is not None and found.ended_at is None
        self._done_on = None if waits else today
        return number

    async def _compared(self, operator: str, day: date, source: str) -> Findings:
        if source == "contracts" and self._sources.esign is not None:
            waiting = self._recent(operator, (State.AWAITING_SIGNATURE, *AFTER_PIVOT))
            return await compare_contracts(waiting, self._sources.esign, self._partners)
        if source == "doors" and self._sources.locks is not None:
            return await compare_doors(self._recent(operator, AFTER_PIVOT), self._sources.locks, self._policy_of)
        return await self._money(operator, day, self._sources.billers[source])

    # --- money ---------------------------------------------------------------------------------------------------
    async def _money(self, operator: str, day: date, biller: Biller) -> Findings:
        findings = Findings()
        bill = await biller.bill(day)
        for key in sorted(twice_in(bill)):
            findings.differs(Difference(biller.name, "twice_in_bill", key, "", key))
        for line in bill:
            stored = await self._of(operator, line)
            if line.refund_key:
                compare_refund(biller.name, line, stored, findings)
            elif compare_payment(biller.name, line, stored, findings) and stored is not None:
                await self._apply(biller.name, line, stored, findings)
        await self._absent(operator, day, biller, {line.key for line in bill}, findings)
        return findings

    async def _apply(self, source: str, line: BillLine, stored: Stored, findings: Findings) -> None:
        """The provider has money that we do not know of: asked, delivered, and looked at once more."""
        try:
            await self._partners.check_payment(stored, line.key)
        except (PayError, UnknownReference) as fault:
            log.info("renewal %s: %s could not be applied: %s", stored.id, line.key, fault)
        after = await self._store.load(stored.id)
        assert after is not None
        again = Findings()
        if compare_payment(source, line, after, again):
            findings.differs(not_applied(source, line, after))
        else:
            findings.matched("applied")

    async def _absent(self, operator: str, day: date, biller: Biller, known: set[str], findings: Findings) -> None:
        """Around midnight the provider's day and ours are two: whoever is not in this bill is asked for its own day."""
        since = datetime.combine(day, time.min, SHANGHAI)
        for ours in await self._store.paid_between(operator, since, since + timedelta(days=1)):
            if ours.payment in known or not await self._went_through(ours.payment, biller):
                continue
            at = await self._partners.paid_at(ours.payment)
            if at is None or shanghai_day(at) == day:
                findings.differs(absent(biller.name, ours))
            else:
                findings.matched("other_day")

    async def _went_through(self, payment: str, biller: Biller) -> bool:
        """Orders and deductions of one merchant stand in one bill; the counter's money stands in none."""
        for name in biller.billed:
            if await self._store.locate(taken_by(name), payment) is not None:
                return True
        return False

    async def _of(self, operator: str, line: BillLine) -> Stored | None:
        for kind in ("payment", "deduction"):
            number = await self._store.locate(kind, line.key)
            stored = None if number is None else await self._store.load(number)
            if stored is not None and stored.operator == operator:
                return stored
        return None

    async def _recent(self, operator: str, states: Sequence[State]) -> AsyncIterator[Stored]:
        since = self._clock.now() - SINCE
        for state in states:
            after = 0
            while batch := await self._store.renewals(operator, state=state.value, limit=PAGE, after=after):
                for stored in batch:
                    if stored.renewal.marks.get("signed", self._clock.now()) >= since:
                        yield stored
                after = batch[-1].id

    def _is_due(self) -> bool:
        here = self._clock.now().astimezone(SHANGHAI)
        return here.time() >= AT and here.date() != self._done_on and self._clock.now() - self._asked_at >= AGAIN
