"""Many seeded renewals under all faults at once, judged by the partners' own truth: money, seals and doors.

``XUZU_SOAK=1000`` plays a thousand (``make soak``); the suite plays a few dozen.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

from backend.db.port import Stored
from backend.sandbox.entrust_book import No
from backend.sandbox.fadada_faults import Fault as SignFault
from backend.sandbox.fadada_faults import Post as SignPost
from backend.sandbox.wechatpay_faults import Fault as PayFault
from backend.sandbox.wechatpay_faults import Post as PayPost
from bot.app import reconciler_of
from bot.clock import SHANGHAI
from bot.effects.deduct import mandate_number
from bot.effects.lock import end_of_day
from channels.page.links import Link
from dialogs.access import rightful_until
from dialogs.events import Chose, Confirmed, OffersAsked, PayWayChosen
from dialogs.states import FINAL, Milestone, State
from dialogs.workdays import day_of
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import OPERATOR, POLICY, lease, row

MANY = int(os.environ.get("XUZU_SOAK", "24"))
DAYS = 28
STEP = timedelta(minutes=20)
"""Between two looks at the world: the pollers' pace."""
LOCK_TROUBLES = ((), (), (-3003,), (-3002, -3037), (), ())


class Town:
    """Everybody who acts: tenants by the seed, the processes, the days."""

    def __init__(self, shell: Shell, across: Across, seed: int) -> None:
        self.shell, self.across = shell, across
        self.chance = random.Random(seed)
        self.reconciler = reconciler_of(shell.stage.turns, shell.adapters, shell.partners, [OPERATOR])
        self.mandates: set[int] = set()
        self.pages: dict[int, str] = {}
        """Alipay's open pages: where their buttons post to."""

    async def opens(self) -> None:
        across, chance = self.across, self.chance
        await self.shell.stage.opened(*(row(number) for number in range(1, MANY + 1)))
        for number in range(1, MANY + 1):
            across.welcome(f"o-tenant-{number}")
            across.fit(lease(number))
            across.locks.trouble(1000 + number, *chance.choice(LOCK_TROUBLES))
        rates = {fault: 0.03 for fault in PayFault if fault is not PayFault.SILENT_AFTER}
        across.pay.faults.plague(rates)
        across.entrust.faults.plague(rates)
        across.alipay.faults.plague(rates)
        across.alipay.post.twice = True
        lost = {PayPost.TWICE: 0.1, PayPost.LOST: 0.1, PayPost.LATE: 0.1, PayPost.FORGED: 0.05}
        across.pay.post_troubles.plague(lost)
        across.esign.faults.plague({fault: 0.03 for fault in SignFault if "silent" not in fault.value})
        across.esign.post_troubles.plague({SignPost.TWICE: 0.1, SignPost.LOST: 0.1, SignPost.LATE: 0.1})
        across.entrust.post.twice = True

    async def lives(self) -> None:
        """Until everybody is through, or the days are over."""
        clock = self.shell.stage.clock
        until = clock.at + timedelta(days=DAYS)
        while clock.at < until:
            await self._settles()
            left = await self._tenants()
            await self._settles()
            await self.shell.poller.round()
            await self.reconciler.round()
            if not left and not await self._due_before(clock.at + timedelta(days=2)):
                return
            clock.at = max(clock.at + STEP, await self._next())

    async def _settles(self) -> None:
        for _ in range(200):
            if not (await self.shell.ticker.ring() + await self.shell.carry_out() + await self.across.pump()):
                return

    async def _next(self) -> datetime:
        due = await self.shell.next_moment(self.across)
        return self.shell.stage.clock.at if due is None else due

    async def _due_before(self, at: datetime) -> bool:
        due = self.across.next_due()
        return due is not None and due < at

    async def _tenants(self) -> int:
        """Each does the next thing; how many are not through."""
        left, after = 0, 0
        while batch := await self.shell.stage.store.renewals(OPERATOR, limit=200, after=after):
            for stored in batch:
                left += stored.renewal.state not in FINAL
                await self._acts(stored)
            after = batch[-1].id
        return left

    async def _acts(self, stored: Stored) -> None:
        deliver, state = self.shell.stage.turns.deliver, stored.renewal.state
        if state is State.REMINDED and stored.renewal.offer is not None:
            await deliver(stored.id, OffersAsked())
        elif state is State.OFFERED:
            await deliver(stored.id, Chose(number=self.chance.choice((1, 1, 1, 2, 3))))
        elif state is State.CONFIRMING:
            await deliver(stored.id, Confirmed())
        elif state is State.AWAITING_SIGNATURE and stored.renewal.envelope:
            await self._signs(stored)
        elif state is State.PAYING and stored.renewal.payment.open and not stored.renewal.payment.mandate:
            await self._pays(stored)

    async def _signs(self, stored: Stored) -> None:
        if stored.id % 3 == 0 and stored.id not in self.mandates:
            self.mandates.add(stored.id)
            url = f"{self.across.settings.public_url}/callbacks/entrust"
            self.across.entrust.tenant_signs(mandate_number(stored.id), url)
            if stored.id % 9 == 0:
                self.across.entrust.bank_says(mandate_number(stored.id), "NOTENOUGH")
            return
        origin = self.across.origins["esign"]
        for one in self.across.esign.waiting_for():
            if one["key"].startswith(f"E{stored.id}N"):
                await (await self.across.session.post(origin + one["path"], data={"outcome": "sign"})).read()

    async def _pays(self, stored: Stored) -> None:
        """Most at once, some only when they look again; a few end their mandate first."""
        if stored.id % 15 == 0 and stored.id in self.mandates:
            try:
                self.across.entrust.tenant_ends(mandate_number(stored.id))
            except No:
                return
        payment = stored.renewal.payment
        if stored.id % 4 == 1 and payment.way == "wechatpay" and self.chance.random() < 0.5:
            event = PayWayChosen(via="page", way="alipay")
            await self.shell.stage.turns.deliver(stored.id, event)
        if payment.way == "alipay":
            await self._pays_there(stored)
        elif self.chance.random() < 0.7:
            await self.across.pay.payer_pays(payment.open or "")

    async def _pays_there(self, stored: Stored) -> None:
        """On Alipay's page; some opened it and pay a day later, when the page may have moved on."""
        view = await self.shell.page.view(Link(stored.id, self.shell.stage.clock.at, f"j{stored.id}"))
        if view is not None and view.pay_link:
            async with self.across.session.get(view.pay_link) as page:
                self.pages[stored.id] = (await page.text()).partition('action="')[2].partition('"')[0]
        if self.pages.get(stored.id) and self.chance.random() < 0.6:
            url = self.across.origins["alipay"] + self.pages[stored.id]
            await (await self.across.session.post(url, data={"outcome": "pay"})).read()


async def test_money_seals_and_doors_come_out_right(shell: Shell, across: Across) -> None:
    town = Town(shell, across, seed=2026)
    await town.opens()
    await town.lives()
    clock = shell.stage.clock
    clock.at = datetime.combine(day_of(clock.at) + timedelta(days=1), time(11), SHANGHAI).astimezone(UTC)
    for faults in (across.pay.faults, across.entrust.faults, across.alipay.faults, across.esign.faults):
        faults.plague({})
    await town.reconciler.round()
    renewals = await everybody(shell)
    states = Counter(stored.renewal.state for stored in renewals)
    assert states == {State.RENEWED: MANY}, states
    await money(across, {stored.id: stored for stored in renewals})
    doors(across, renewals)
    await nothing_is_left(shell, renewals)
    differences = await shell.stage.store.differences(OPERATOR, limit=10 * MANY)
    assert differences == [], differences[:5]
    compared = await shell.stage.store.compared(OPERATOR, limit=10_000)
    counts = [one.counts for one in compared if one.source in ("wechatpay", "alipay")]
    billed = sum(one.get("matched", 0) + one.get("applied", 0) for one in counts)
    assert billed == MANY, "every payment was compared with the provider's bill"


async def everybody(shell: Shell) -> list[Stored]:
    found: list[Stored] = []
    while batch := await shell.stage.store.renewals(OPERATOR, limit=200, after=found[-1].id if found else 0):
        found += batch
    return found


async def money(across: Across, renewals: dict[int, Stored]) -> None:
    truth: dict[str, Any] = across.pay.truth()
    there: Any = across.alipay.truth()["charges"]
    assert truth["double_charges_kept"] == []
    assert there, "somebody paid with Alipay"
    signed = {task.key for task in across.esign.book.tasks.values() if task.state == "task_finished"}
    for charge in [*truth["charges"], *there]:
        stored = renewals[int(charge["number"].removeprefix("R").partition("P")[0])]
        bill = stored.renewal.bill
        assert bill is not None
        assert charge["amount"] == bill.amount, charge
        assert any(key.startswith(f"E{stored.id}N") for key in signed), f"charged without a signature: {charge}"
    refunds = Counter(one["order"] for one in truth["refunds"])
    assert all(times == 1 for times in refunds.values()), refunds
    kept = [charge for charge in [*truth["charges"], *there] if not charge["refunded"]]
    assert len(kept) == len(renewals), "everybody paid once"
    assert across.entrust.truth()["taken_without_contract"] == []


def doors(across: Across, renewals: list[Stored]) -> None:
    for stored in renewals:
        assert stored.renewal.milestone is Milestone.SECURED
        right = end_of_day(rightful_until(stored.renewal, POLICY, day_of(across.clock.at)))
        for end in across.locks.ends()[int(stored.renewal.lease.lock)].values():
            assert end is not None
            assert end_of_day(stored.renewal.lease.end) < end <= right, "locked out, or let in without right"


async def nothing_is_left(shell: Shell, renewals: list[Stored]) -> None:
    """Nothing that was tried is still open: every unknown was resolved. (A reminder for a later day may wait.)"""
    for stored in renewals:
        tried = [one for one in await shell.stage.store.outbox(stored.id) if one.status == "open" and one.attempts]
        assert tried == [], tried[:2]
