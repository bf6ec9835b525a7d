"""One process of ours in front of the partners: every worker and every door, moved step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.db.port import Stored
from bot.adapters import Adapters
from bot.app import TEMPLATES
from bot.dispatcher import Dispatcher, Hand
from bot.documents import Documents
from bot.effects.chat import Mouth, chat_hands
from bot.effects.deduct import Deducting
from bot.effects.desk import desk_hands
from bot.effects.esign import esign_hands
from bot.effects.ledger import ledger_hands
from bot.effects.lock import lock_hands
from bot.effects.pay import pay_hands
from bot.intake import Intake
from bot.pagedoor import TenantPage
from bot.partners import Partners
from bot.poller import Poller
from bot.ticker import Ticker
from bot.tills import Tills
from bot.wakeups import Wakeups
from dialogs.effects import Effect, Lane
from dialogs.states import State
from tests.bot.across import Across, Doors
from tests.bot.stage import OPERATOR, Stage

PAPERS = Documents(TEMPLATES)
ROUNDS = 60
"""Bound on rounds until nothing is due."""


@dataclass
class Shell:
    stage: Stage
    adapters: Adapters
    worker: str = "one"

    def __post_init__(self) -> None:
        assert self.adapters.esign is not None
        turns = self.stage.turns
        self.hands = self._hands()
        self.dispatcher = Dispatcher(turns, self.hands, Wakeups(), self.worker)
        self.ticker = Ticker(turns, [OPERATOR])
        self.intake = Intake(turns, self.stage.speaker, "wechat", self.adapters.passive)
        self.sms_intake = Intake(turns, self.stage.speaker, "sms")
        self.partners = Partners(turns, self.adapters.esign, self.adapters.payments, self.adapters.deductions)
        self.poller = Poller(self.partners, [OPERATOR], turns.clock)
        deductions = tuple(self.adapters.deductions.values())
        self.page = TenantPage(turns, self.adapters.payments, self.adapters.esign, "", deductions)

    def _hands(self) -> dict[type[Effect], Hand]:
        store, adapters = self.stage.store, self.adapters
        assert adapters.esign is not None
        assert adapters.locks is not None
        mouth = Mouth(self.stage.turns, adapters.channels, self.stage.speaker, adapters.template)
        hands = desk_hands(store) | ledger_hands(store) | chat_hands(mouth)
        hands |= esign_hands(store, adapters.esign, PAPERS.paper)
        return (
            hands
            | pay_hands(store, Tills(adapters.payments), Deducting(store, adapters.deductions))
            | lock_hands(store, adapters.locks)
        )

    def answer_at(self, doors: Doors) -> None:
        doors.hear = self.intake.hear
        doors.hear_sms = self.sms_intake.hear
        doors.envelope_moved = self.partners.envelope_moved
        doors.payment_moved = self.partners.payment_moved
        doors.mandate_moved = self.partners.mandate_moved

    async def carry_out(self) -> int:
        """Every lane once; how many effects were claimed."""
        return sum([await self.dispatcher.run_once(lane) for lane in Lane])

    async def rest(self, across: Across) -> None:
        """Until nothing is due at this instant on either side of the street."""
        for _ in range(ROUNDS):
            if not (await self.ticker.ring() + await self.carry_out() + await across.pump()):
                return
        raise AssertionError("it never came to rest")

    async def next_moment(self, across: Across) -> datetime | None:
        moments = (await self.stage.store.next_due(), across.next_due())
        return min((one for one in moments if one is not None), default=None)


async def brought(shell: Shell, across: Across, stored: Stored, to: State) -> Stored:
    """Along the way on which everything works, until it has come to this state."""
    tenant = stored.renewal.lease.tenant.id.replace("p-", "o-tenant-")
    says = {State.REMINDED: "续租有哪些方案？", State.OFFERED: "1", State.CONFIRMING: "确认"}
    for _ in range(ROUNDS):
        stored = await shell.stage.again(stored)
        state = stored.renewal.state
        if state is to:
            return stored
        if state in says:
            await across.wechat.tenant_says(tenant, says[state])
        elif state is State.AWAITING_SIGNATURE and stored.renewal.envelope:
            await across.signs()
        elif state is State.PAYING and across.pay.book.payable(stored.renewal.payment.open or ""):
            await across.pay.payer_pays(stored.renewal.payment.open or "")
        await _one_step(shell, across)
    raise AssertionError(f"it stays in {stored.renewal.state}")


async def _one_step(shell: Shell, across: Across) -> None:
    """The first thing that is due, so that a state is not run through unseen."""
    if await shell.ticker.ring():
        return
    for lane in Lane:
        if await shell.dispatcher.run_once(lane):
            return
    await across.pump()
