"""Simulated staff at the real desk: each task is taken up in office hours and answered through the desk's own door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from backend.db.port import DeskTask, Stored
from bot.browsing import Unanswered
from bot.cohort import Character, Part
from bot.demo_people import NoPhone
from bot.staffers import DELAY, Cashier, Desk, Staff, office
from bot.tenants import Tenant
from dialogs.events import (
    BillDisputed,
    CallEnded,
    CounterOffered,
    Declined,
    Greeted,
    HumanAsked,
    MoneyTroubled,
    StaffOffered,
)
from dialogs.money import yuan
from dialogs.offer import CounterOffer
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.premises import premises
from tests.bot.shell import Shell
from tests.bot.stage import NOW, OPENID, OPERATOR, bill, row


class Reached(NoPhone):
    """Somebody picks up."""

    def answers(self) -> bool:
        return True

    def link(self) -> str | None:
        return "http://127.0.0.1:9/r/t"


@dataclass
class Office:
    shell: Shell
    across: Across
    desk: Desk
    tenant: Tenant
    staff: Staff
    opened_doors: list[str]

    async def works(self) -> int:
        """Everything that is in the inbox, after the usual pause; how many tasks were taken up."""
        await self.shell.rest(self.across)
        await self.staff.look(self.across.clock.now())
        at = self.staff.next_at()
        if at is None:
            return 0
        self.across.clock.at = at
        done = await self.staff.pump(at)
        await self.shell.rest(self.across)
        return done

    async def open_tasks(self, stored: Stored) -> list[DeskTask]:
        return await self.shell.stage.store.tasks(OPERATOR, renewal_id=stored.id)


def tenant_of(character: Character = Character.READY) -> Tenant:
    part = Part(character, 1, False, 1.0, True, False, False, False)
    return Tenant("YJ-0001", part, Reached(), yuan(3200))


@pytest.fixture
async def work(shell: Shell, across: Across) -> AsyncIterator[Office]:
    doors: list[str] = []
    async with premises(shell, across) as url:
        desk, tenant = Desk(url), tenant_of()
        yield Office(shell, across, desk, tenant, Staff(desk, {"YJ-0001": tenant}, 1, doors.append), doors)
        await desk.close()
        await tenant.close()


async def standing(work: Office, to: State, **more: object) -> Stored:
    stored = await work.shell.stage.opened(row(**more))  # type: ignore[arg-type]
    work.across.fit(stored.renewal.lease)
    work.across.welcome(OPENID)
    return await work.shell.stage.brought(stored, to)


async def test_a_handed_off_thread_is_claimed_and_let_go_and_the_tenant_looks_again(work: Office) -> None:
    stored = await standing(work, State.OFFERED)
    await work.shell.stage.tell(stored, HumanAsked())
    await work.shell.rest(work.across)
    await work.staff.look(NOW)
    assert work.staff.next_at() == NOW + DELAY
    assert await work.staff.pump(NOW) == 0, "not at once"
    assert await work.works() == 1
    after = await work.shell.stage.again(stored)
    assert (after.renewal.state, after.renewal.owner.person, after.renewal.owner.epoch) == (State.OFFERED, None, 2)
    assert await work.open_tasks(stored) == []
    assert work.tenant.talked
    assert work.tenant.wake_at is not None


async def test_work_that_comes_in_the_evening_waits_for_the_morning(work: Office) -> None:
    stored = await standing(work, State.OFFERED)
    work.across.clock.move(hours=9)
    await work.shell.stage.tell(stored, HumanAsked())
    await work.shell.rest(work.across)
    await work.staff.look(work.across.clock.now())
    assert work.staff.next_at() == office(work.across.clock.now() + DELAY) == NOW + timedelta(days=1)


async def test_a_counter_offer_is_decided_the_same_way_for_the_same_seed(work: Office) -> None:
    stored = await standing(work, State.OFFERED)
    await work.shell.stage.tell(stored, CounterOffered(terms=CounterOffer(rent=yuan(3000))))
    assert await work.works() == 1
    after = (await work.shell.stage.again(stored)).renewal
    events = [line.event for line in await work.shell.stage.store.log(stored.id)]
    agreed = [event for event in events if isinstance(event, StaffOffered)]
    assert after.state is State.OFFERED
    assert after.offer is not None
    assert (after.offer.proposals[0].id == "special") == bool(agreed)


async def test_a_dispute_is_settled_and_a_plan_agreed(work: Office) -> None:
    stored = await standing(work, State.CHECKING, bills=(bill(),))
    await work.shell.stage.tell(stored, BillDisputed())
    assert await work.works() == 1
    assert (await work.shell.stage.again(stored)).renewal.state is State.GATED, "the ledger still says it is owed"
    await work.shell.stage.tell(stored, MoneyTroubled())
    assert await work.works() == 1
    assert (await work.shell.stage.again(stored)).renewal.state is State.AWAITING_SIGNATURE


async def test_what_is_paid_over_the_counter_is_booked_and_the_way_goes_on(work: Office) -> None:
    stored = await standing(work, State.CHECKING, bills=(bill(),), deposit_held=yuan(3000))
    await work.shell.rest(work.across)
    assert (await work.shell.stage.again(stored)).renewal.state is State.GATED
    cashier = Cashier(work.desk, {stored.id: work.tenant})
    work.tenant.pays_at_desk = True
    await cashier.look(NOW)
    at = cashier.next_at()
    assert at == NOW + DELAY
    assert await cashier.pump(NOW) == 0
    assert await cashier.pump(NOW + DELAY) == 1
    await work.shell.rest(work.across)
    after = (await work.shell.stage.again(stored)).renewal
    assert (after.state, after.deposit_held) == (State.AWAITING_SIGNATURE, yuan(3200))
    assert await work.shell.stage.store.open_bills(OPERATOR, "YJ-0001") == []
    assert not work.tenant.pays_at_desk


@pytest.mark.parametrize(("character", "outcome"), [(Character.READY, "reached"), (Character.SILENT_GOES, "no_answer")])
async def test_a_call_ends_as_the_tenant_is(work: Office, character: Character, outcome: str) -> None:
    stored = await standing(work, State.REMINDED)
    work.tenant.part = tenant_part(character)
    work.across.clock.at = NOW + timedelta(days=15)
    assert await work.works() >= 1
    ended = [line.event for line in await work.shell.stage.store.log(stored.id) if isinstance(line.event, CallEnded)]
    assert [event.outcome for event in ended] == [outcome]


def tenant_part(character: Character) -> Part:
    return Part(character, 1, False, 1.0, True, False, False, False)


async def test_who_leaves_is_not_moved_out_before_the_last_day(work: Office) -> None:
    stored = await standing(work, State.OFFERED)
    await work.shell.stage.tell(stored, Declined())
    assert await work.works() == 1
    assert (await work.shell.stage.again(stored)).renewal.state is State.MOVING_OUT


async def test_a_desk_that_is_away_is_unanswered_and_a_refusal_is_an_error(work: Office) -> None:
    stored = await standing(work, State.OFFERED)
    with pytest.raises(RuntimeError, match=r"POST /desk/api/renewals/\d+/events: 400"):
        await work.desk.tell(stored.id, Greeted())
    with pytest.raises(RuntimeError, match="404"):
        await work.desk.renewal(stored.id + 1)
    away = Desk("http://127.0.0.1:1")
    with pytest.raises(Unanswered):
        await away.tasks()
    await away.close()
    await work.shell.stage.store.close()
    with pytest.raises(Unanswered, match="503"):
        await work.desk.tasks()
