"""Simulated tenants on the real page, the real chat and the partners' own pages: each does what its character says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest

from backend.db.port import LeaseRow, Stored
from bot.cohort import Character, Part
from bot.demo_people import Follower
from bot.tenants import LOOKS_MAX, Tenant
from dialogs.paper import KeyClause
from dialogs.states import LossReason, State
from tests.bot.across import Across
from tests.bot.premises import page_of, premises
from tests.bot.shell import Shell
from tests.bot.stage import NOW, OPERATOR, bill, row

PART = Part(Character.READY, 1, False, 1.0, False, False, False, False)
LOOKS = 12
"""More than any passage takes."""


@dataclass
class Street:
    shell: Shell
    across: Across
    url: str
    tenants: list[Tenant] = field(default_factory=list)
    phones: dict[str, Follower] = field(default_factory=dict)

    async def moves_in(self, number: int, *rows: LeaseRow, **part: object) -> tuple[Tenant, Stored]:
        """A tenant whose reminder has just come; all rows are imported with the first one."""
        stage = self.shell.stage
        if not self.tenants:
            for made in rows or (row(number),):
                self.phones[made.openid] = Follower(self.across.wechat, made.openid)
                self.across.fit(made.lease)
            await stage.opened(*(rows or (row(number),)))
            await self.shell.rest(self.across)
        [stored] = [one for one in await stage.store.renewals(OPERATOR) if one.renewal.lease.lock == str(1000 + number)]
        phone = self.phones[f"o-tenant-{number}"]
        tenant = Tenant(stored.renewal.lease.no, msgspec.structs.replace(PART, **part), phone, 320000)
        tenant.given_link = page_of(self.url, stored)
        self.tenants.append(tenant)
        return tenant, stored

    async def looks(self, tenant: Tenant, stored: Stored, times: int = 1) -> State:
        """So many looks, each followed by whatever comes of it."""
        for _ in range(times):
            await tenant.wake(self.across.clock.now())
            await self.shell.rest(self.across)
        return (await self.shell.stage.again(stored)).renewal.state


@pytest.fixture
async def street(shell: Shell, across: Across) -> AsyncIterator[Street]:
    async with premises(shell, across) as url:
        made = Street(shell, across, url)
        yield made
        for tenant in made.tenants:
            await tenant.close()


@pytest.mark.parametrize(
    "more", [{}, {"twice": True}, {"old_phone": True}, {"chat": True, "character": Character.CHATTY}]
)
async def test_who_is_ready_goes_all_the_way(street: Street, more: dict[str, object]) -> None:
    """By page, by chat, with and without scripts, and tapping everything twice: one contract, one payment."""
    tenant, stored = await street.moves_in(1, **more)
    assert await street.looks(tenant, stored, LOOKS) is State.RENEWED
    assert [one["refunded"] for one in street.across.charges()] == [0]
    assert len(street.across.esign.book.tasks) == 1


async def test_each_character_comes_to_its_own_place(street: Street) -> None:
    expected: tuple[tuple[Character, State, dict[str, object]], ...] = (
        (Character.STOPPER, State.REMINDED, {}),
        (Character.LEAVER, State.MOVING_OUT, {"words": "公司搬到滨江了，不续了"}),
        (Character.HAGGLER, State.NEGOTIATING, {}),
        (Character.THINKER, State.HESITATING, {}),
        (Character.ANGRY, State.REMINDED, {}),
        (Character.WAVERER, State.MOVING_OUT, {}),
        (Character.OPENER, State.OFFERED, {}),
        (Character.SILENT_GOES, State.REMINDED, {}),
        (Character.SILENT_STAYS, State.REMINDED, {}),
    )
    rows = [row(number) for number in range(1, len(expected) + 1)]
    for number, (character, state, more) in enumerate(expected, 1):
        tenant, stored = await street.moves_in(number, *rows, character=character, **more)
        assert await street.looks(tenant, stored) is state, character
        assert tenant.wake_at is None or tenant.wake_at > street.across.clock.now()
    found = await street.shell.stage.store.renewals(OPERATOR)
    assert found[0].renewal.opted_out
    assert found[1].renewal.loss is LossReason.JOB
    complaint = await street.shell.stage.store.tasks(OPERATOR, renewal_id=found[4].id)
    assert [task.kind for task in complaint] == ["handoff"]


async def test_who_wavers_comes_back(street: Street) -> None:
    tenant, stored = await street.moves_in(1, character=Character.WAVERER)
    assert await street.looks(tenant, stored) is State.MOVING_OUT
    assert await street.looks(tenant, stored, LOOKS) is State.RENEWED


async def test_who_refuses_the_paper_does_not_sign_later(street: Street) -> None:
    tenant, stored = await street.moves_in(1, character=Character.REFUSER)
    assert await street.looks(tenant, stored, LOOKS) is State.OFFERED
    assert street.across.charges() == []


async def test_who_is_short_of_cash_says_so_where_they_should_pay(street: Street) -> None:
    tenant, stored = await street.moves_in(1, character=Character.STRAPPED)
    state = await street.looks(tenant, stored, 4 + len(KeyClause))
    assert state is State.PAYING
    kinds = [task.kind for task in await street.shell.stage.store.tasks(OPERATOR, renewal_id=stored.id)]
    assert "agree_plan" in kinds
    assert street.across.charges() == []


@pytest.mark.parametrize("disputes", [True, False])
async def test_who_owes_disputes_it_or_goes_to_the_desk(street: Street, disputes: bool) -> None:
    tenant, stored = await street.moves_in(1, row(bills=(bill(),)), disputes=disputes)
    state = await street.looks(tenant, stored, 3)
    assert state is (State.DISPUTED if disputes else State.GATED)
    assert tenant.pays_at_desk is not disputes


async def test_who_persuaded_nobody_leaves_after_the_talk(street: Street) -> None:
    tenant, stored = await street.moves_in(1, character=Character.THINKER, persuaded=False)
    assert await street.looks(tenant, stored) is State.HESITATING
    tenant.poke(street.across.clock.now())
    assert await street.looks(tenant, stored) is State.MOVING_OUT


async def test_who_is_late_waits_for_the_third_notice(street: Street) -> None:
    tenant, _ = await street.moves_in(1, character=Character.LATE)
    inbox = street.across.wechat.inbox("o-tenant-1")
    for count in (1, 2, 3):
        tenant.notice(NOW)
        assert (tenant.wake_at is not None) == (count == 3)
        inbox.append(inbox[0])


async def test_nobody_looks_for_ever(street: Street) -> None:
    tenant, stored = await street.moves_in(1, character=Character.OPENER)
    await street.looks(tenant, stored, 2)
    for _ in range(LOOKS_MAX):
        await tenant.wake(NOW + timedelta(hours=1))
    tenant.wake_at = None
    street.across.wechat.inbox("o-tenant-1").append(street.across.wechat.inbox("o-tenant-1")[0])
    tenant.notice(NOW)
    assert tenant.wake_at is None
