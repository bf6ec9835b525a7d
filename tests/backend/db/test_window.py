"""The window opens by SQL: exactly the renewals the rules would begin with, each once, each with its first timer."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest

from backend.db import postgres
from backend.db.port import Store
from dialogs.lease import Party, Role
from dialogs.machine import opening
from dialogs.money import yuan
from dialogs.policy import Policy
from dialogs.reminders import first_due
from dialogs.states import State
from tests.backend.db.town import NOW, OPERATOR, TODAY, WINDOW, after, imported, lease, opened, row, turn


async def test_what_opens_is_what_the_rules_begin_with(store: Store) -> None:
    parties = (Party("p-a", Role.TENANT), Party("p-b", Role.CO_TENANT), Party("p-c", Role.GUARANTOR))
    rich = msgspec.structs.replace(
        lease(7), parties=parties, pay_cycle_months=3, arrears=yuan(99), head_lease_end=date(2026, 12, 31)
    )
    await imported(store, row(7, rich))
    assert await store.open_window(OPERATOR, WINDOW, NOW) == 1
    (stored,) = await store.renewals(OPERATOR)
    expected = opening(rich, opened_on=TODAY, policy_version=3)
    assert stored.renewal == expected == await store.opening(stored.id)
    assert (stored.version, stored.tenant) == (0, "p-a")


async def test_the_first_timer_is_the_calendars(store: Store) -> None:
    policy = Policy()
    ends = [TODAY + timedelta(days=days) for days in range(46)]
    dues = {end: first_due(end, policy, TODAY) for end in ends}
    await imported(store, *(row(days, lease(days, end=end)) for days, end in enumerate(ends)))
    window = msgspec.structs.replace(WINDOW, dues=dues)
    assert await store.open_window(OPERATOR, window, NOW) == 46
    for stored in await store.renewals(OPERATOR):
        (timer,) = await store.timers(stored.id)
        assert (timer.kind, timer.tag, timer.due_at) == ("TierDue", "T-30", dues[stored.renewal.lease.end])


async def test_an_end_the_calendar_forgot_rings_at_once(store: Store) -> None:
    await imported(store, row())
    await store.open_window(OPERATOR, msgspec.structs.replace(WINDOW, dues={}), NOW)
    (timer,) = await store.claim_timers(9, NOW, 60)
    assert timer.due_at == NOW


async def test_only_what_ends_within_the_window_and_is_ours(store: Store) -> None:
    ends = {1: TODAY - timedelta(days=1), 2: TODAY, 3: WINDOW.last, 4: WINDOW.last + timedelta(days=1)}
    await imported(store, *(row(number, lease(number, end=end)) for number, end in ends.items()))
    await imported(store, row(5, lease(5, operator="other")), operator="other")
    assert await store.open_window(OPERATOR, WINDOW, NOW) == 2
    assert {one.renewal.lease.no for one in await store.renewals(OPERATOR)} == {"L2", "L3"}
    assert await store.renewals("other") == []


async def test_opening_twice_opens_once(store: Store) -> None:
    (stored,) = await opened(store)
    assert await store.open_window(OPERATOR, WINDOW, after(5)) == 0
    await store.commit([turn(stored, state=State.MOVED_OUT)])
    assert await store.open_window(OPERATOR, WINDOW, after(9)) == 0
    assert await store.timers(stored.id) == []


async def test_two_tickers_at_once_open_once(store: Store) -> None:
    await imported(store, *(row(number) for number in range(1, 41)))
    counts = await asyncio.gather(*(store.open_window(OPERATOR, WINDOW, after(n)) for n in range(4)))
    assert sum(counts) == 40
    assert (await store.pulse(after(999_999))).timers == 40


async def test_a_lease_whose_end_moves_keeps_its_one_renewal(store: Store) -> None:
    (stored,) = await opened(store)
    moved = lease(1, end=date(2026, 4, 10))
    result = await store.import_leases(OPERATOR, [row(1, moved)], "02", NOW)
    assert result.corrected == (stored.id,)
    assert await store.open_window(OPERATOR, WINDOW, after(5)) == 0


async def test_chunks_leave_nobody_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CHUNK", 7)
    await imported(store, *(row(number) for number in range(1, 31)))
    assert await store.open_window(OPERATOR, WINDOW, NOW) == 30
    assert len(await store.renewals(OPERATOR)) == 30
