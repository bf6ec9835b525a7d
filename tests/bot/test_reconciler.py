"""The daily comparison, against the partners' own records: clean after a good day, and each kind of trouble found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.db.port import Stored
from backend.db.reconciling_port import Compared, Difference
from bot.app import reconciler_of
from bot.clock import SHANGHAI, shanghai_day
from bot.comparing_rights import compare_contracts
from bot.reconciler import Reconciler
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPERATOR, lease, row


def reconciler(shell: Shell) -> Reconciler:
    return reconciler_of(shell.stage.turns, shell.adapters, shell.partners, [OPERATOR])


async def paid(shell: Shell, across: Across, to: State = State.RENEWED) -> Stored:
    stored = await shell.stage.opened(row())
    across.welcome("o-tenant-1")
    across.fit(lease())
    shell.answer_at(across.doors)
    return await brought(shell, across, stored, to)


def next_day(shell: Shell, hour: int = 11) -> date:
    """It is late the next morning; the day that can be compared."""
    day = shanghai_day(shell.stage.clock.at)
    shell.stage.clock.at = datetime.combine(day + timedelta(days=1), time(hour), SHANGHAI).astimezone(UTC)
    return day


async def found(shell: Shell, source: str = "wechatpay") -> tuple[dict[str, int], list[Difference]]:
    compared = [one for one in await shell.stage.store.compared(OPERATOR) if one.source == source]
    return max(compared, key=lambda one: one.day).counts, await shell.stage.store.differences(OPERATOR)


async def test_a_good_day_is_clean(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    day = next_day(shell)
    assert await reconciler(shell).round() > 0
    compared = {(one.day, one.source): one for one in await shell.stage.store.compared(OPERATOR)}
    assert compared[day, "wechatpay"].counts == {"matched": 1}
    assert compared[day, "contracts"].counts == {"matched": 1}
    assert compared[day, "doors"].counts == {"matched": 1}
    assert all(one.ended_at for one in compared.values())
    assert await shell.stage.store.differences(OPERATOR) == []


async def test_it_is_done_once_a_day(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    next_day(shell)
    one, other = reconciler(shell), reconciler(shell)
    assert await one.round() > 0
    assert await other.round() == 0


async def test_money_nobody_told_us_of_is_applied(shell: Shell, across: Across) -> None:
    stored = await paid(shell, across, State.PAYING)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    across.pay.post_troubles.next(*["lost"] * 5)  # type: ignore[list-item]
    across.pay.post.waiting.clear()
    await across.pay.payer_pays(stored.renewal.payment.open or "")
    across.pay.post.waiting.clear()
    next_day(shell)
    await reconciler(shell).round()
    assert await found(shell) == ({"applied": 1}, [])
    assert (await shell.stage.again(stored)).renewal.payment.paid == "R1P1A1"


async def test_what_the_bill_does_not_hold_is_asked_of_the_provider(shell: Shell, across: Across) -> None:
    stored = await paid(shell, across)
    across.pay.bills.dropped.add("R1P1A1")
    next_day(shell)
    await reconciler(shell).round()
    _, [difference] = await found(shell)
    assert (difference.kind, difference.ref, difference.ours) == ("paid_here_not_there", "R1P1A1", "320000")
    assert difference.renewal_id == stored.id


async def test_another_amount_is_frozen(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    across.pay.bills.changed["R1P1A1"] = 319999
    next_day(shell)
    await reconciler(shell).round()
    _, [difference] = await found(shell)
    assert (difference.kind, difference.ours, difference.theirs) == ("amount_differs", "320000", "319999")


async def test_a_payment_nobody_ordered_is_found(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    across.pay.bills.added.append(("R99P1A1", 100))
    day = next_day(shell)
    await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    counts, [difference] = await found(shell)
    assert counts == {"matched": 1, "unknown_to_us": 1}
    assert (difference.kind, difference.ref, difference.renewal_id) == ("unknown_to_us", "R99P1A1", None)


async def test_paid_around_midnight_is_no_alarm(shell: Shell, across: Across) -> None:
    """The provider's day is one, the day we learnt of it the next."""
    stored = await paid(shell, across, State.PAYING)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    day = shanghai_day(shell.stage.clock.at)
    late = datetime.combine(day, time(23, 59, 50), SHANGHAI).astimezone(UTC)
    shell.stage.clock.at = late
    await across.pay.payer_pays(stored.renewal.payment.open or "")
    shell.stage.clock.at = late + timedelta(seconds=20)
    await shell.rest(across)
    shell.stage.clock.at = datetime.combine(day + timedelta(days=2), time(11), SHANGHAI).astimezone(UTC)
    await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    await reconciler(shell).compare(OPERATOR, day + timedelta(days=1), "wechatpay")
    compared = {one.day: one.counts for one in await shell.stage.store.compared(OPERATOR)}
    assert compared == {day: {"matched": 1}, day + timedelta(days=1): {"other_day": 1}}


async def test_before_ten_it_waits_for_the_bill(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    day = next_day(shell, hour=9)
    first = await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    assert isinstance(first, Compared)
    assert (first.ended_at, "NOT_READY" in first.note) == (None, True)
    assert await reconciler(shell).compare(OPERATOR, day, "wechatpay") is None, "half an hour later"
    shell.stage.clock.move(hours=2)
    again = await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    assert again is not None
    assert again.counts == {"matched": 1}


@pytest.mark.parametrize(("moved", "kind"), [(-400, "opens_too_short"), (400, "opens_too_long")])
async def test_a_lock_moved_by_hand_is_found(shell: Shell, across: Across, moved: int, kind: str) -> None:
    stored = await paid(shell, across)
    lock = stored.renewal.lease.lock
    door = across.locks.doors.door(int(lock))
    number, issued = next(iter(door.cloud.items()))
    assert issued.end is not None
    door.cloud[number] = replace(issued, end=issued.end + timedelta(days=moved))
    next_day(shell)
    await reconciler(shell).round()
    counts, [difference] = await found(shell, "doors")
    assert (counts, difference.kind, difference.ref) == ({kind: 1}, kind, lock)
    assert difference.renewal_id == stored.id


async def test_a_contract_ended_at_the_provider_is_found(shell: Shell, across: Across) -> None:
    stored = await paid(shell, across)
    [task] = across.esign.book.tasks.values()
    task.state = "task_terminated"
    assert shell.adapters.esign is not None

    async def recent() -> AsyncIterator[Stored]:
        yield await shell.stage.again(stored)

    findings = await compare_contracts(recent(), shell.adapters.esign, shell.partners)
    [difference] = findings.differences
    assert (difference.kind, difference.ref, difference.ours) == ("signed_here_not_there", task.id, "signed")


async def test_a_refund_nobody_wished_is_found(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    shell.stage.clock.move(minutes=2)
    await shell.adapters.payments["wechatpay"].refund("RFbyhand", "R1P1A1", 100, 320000)
    day = next_day(shell)
    await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    _, [difference] = await found(shell)
    assert (difference.kind, difference.ref, difference.theirs) == ("refund_not_ours", "RFbyhand", "100")


async def test_a_difference_is_listed_once_and_closed_by_a_person(shell: Shell, across: Across) -> None:
    await paid(shell, across)
    across.pay.bills.changed["R1P1A1"] = 1
    day = next_day(shell)
    await reconciler(shell).compare(OPERATOR, day, "wechatpay")
    store, now = shell.stage.store, shell.stage.clock.at
    [one] = await store.differences(OPERATOR)
    assert not await store.close_difference("other", one.id, "f1", "looked", now)
    assert await store.close_difference(OPERATOR, one.id, "f1", "手工调账", now)
    assert not await store.close_difference(OPERATOR, one.id, "f2", "again", now)
    assert await store.differences(OPERATOR) == []
    [closed] = await store.differences(OPERATOR, open_only=False)
    assert (closed.actor, closed.outcome, closed.done_at) == ("f1", "手工调账", now)
