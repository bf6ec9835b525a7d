"""The lock hand: every credential to the day's end, read back, never shortened; a lock asleep is a delay, not a no."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.db.port import Stored
from backend.locks.port import Credential, CredentialKind, LockError
from backend.sandbox.ttlock_faults import Fault
from bot.effects.lock import end_of_day, extend_all
from dialogs.effects import ExtendAccess, Lane
from dialogs.events import AccessDelayed, AccessDue, AccessExtended
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell
from tests.bot.stage import OPERATOR, row

DAY = date(2027, 10, 4)
CALLS = 6


async def extending(shell: Shell, across: Across, *, asleep: int = 0) -> tuple[Stored, ExtendAccess]:
    stored = await shell.stage.opened()
    across.fit(stored.renewal.lease, asleep=asleep)
    stored = await shell.stage.brought(stored, State.EXTENDING)
    wish = (await shell.stage.wished(stored, ExtendAccess))[-1]
    return stored, wish


def ends(across: Across, stored: Stored) -> set[datetime | None]:
    return set(across.locks.ends()[int(stored.renewal.lease.lock)].values())


async def told(shell: Shell, stored: Stored) -> list[object]:
    events = [line.event for line in await shell.stage.store.log(stored.id)]
    return [event for event in events if isinstance(event, AccessDelayed | AccessExtended)]


async def test_every_way_through_the_door_holds_to_the_days_end(shell: Shell, across: Across) -> None:
    stored, wish = await extending(shell, across)
    await shell.dispatcher.run_once(Lane.LOCK)
    assert ends(across, stored) == {end_of_day(wish.until)}
    assert await told(shell, stored) == [AccessExtended(wish.until)]
    assert (await shell.stage.again(stored)).renewal.state is State.RENEWED
    assert await shell.stage.store.locate("lock", f"{stored.renewal.lease.lock}:{wish.until}") == stored.id


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.RESET_AFTER, Fault.CUT_SHORT])
async def test_one_trouble_at_any_call_delays_and_the_next_look_succeeds(
    shell: Shell, across: Across, fault: Fault
) -> None:
    """One lease after the other, each meets it one call later: the lists, both changes, the lists again."""
    await shell.stage.opened(*(row(number) for number in range(1, CALLS + 1)))
    for call, fresh in enumerate(await shell.stage.store.renewals(OPERATOR)):
        across.fit(fresh.renewal.lease)
        stored = await shell.stage.brought(fresh, State.EXTENDING)
        wish = (await shell.stage.wished(stored, ExtendAccess))[-1]
        across.locks.faults.next(*[None] * call, fault)
        for _ in range(10):
            if (await shell.stage.again(stored)).renewal.state is State.RENEWED:
                break
            if not await shell.dispatcher.run_once(Lane.LOCK):
                await shell.stage.tell(stored, AccessDue())
        assert across.locks.faults.ordered() is None, "the trouble was met"
        assert ends(across, stored) == {end_of_day(wish.until)}
        assert (await told(shell, stored))[-1] == AccessExtended(wish.until)


async def test_a_lock_asleep_is_a_delay_and_is_asked_again_hours_later(shell: Shell, across: Across) -> None:
    stored, wish = await extending(shell, across, asleep=1)
    await shell.dispatcher.run_once(Lane.LOCK)
    [delayed] = await told(shell, stored)
    assert isinstance(delayed, AccessDelayed)
    assert "-3003" in delayed.reason
    assert (await shell.stage.again(stored)).renewal.state is State.EXTENDING
    shell.stage.clock.move(hours=6, seconds=1)
    await shell.ticker.ring()
    await shell.dispatcher.run_once(Lane.LOCK)
    assert ends(across, stored) == {end_of_day(wish.until)}


async def test_a_lock_that_knows_nobody_is_no_success(shell: Shell, across: Across) -> None:
    stored = await shell.stage.brought(await shell.stage.opened(), State.EXTENDING)
    across.locks.add_lock(int(stored.renewal.lease.lock))
    await shell.dispatcher.run_once(Lane.LOCK)
    [delayed] = await told(shell, stored)
    assert isinstance(delayed, AccessDelayed)
    assert "no credential" in delayed.reason


async def test_what_holds_longer_is_left_alone(shell: Shell, across: Across) -> None:
    """A right once given is never shortened, and a permanent key stays permanent."""
    stored = await shell.stage.opened()
    lock, far = int(stored.renewal.lease.lock), datetime(2030, 1, 1, tzinfo=UTC)
    across.locks.add_lock(lock, passcodes=[(stored.renewal.marks.get("none"), far)], ekeys=[(None, None)])
    assert shell.adapters.locks is not None
    await extend_all(shell.adapters.locks, str(lock), end_of_day(DAY))
    assert ends(across, stored) == {far, None}
    assert across.locks.doors.history == []


class Forgetful:
    """Says yes to every change and keeps none."""

    name = "forgetful"

    async def credentials(self, lock: str) -> tuple[Credential, ...]:
        return (Credential("1", CredentialKind.CARD, None, end_of_day(DAY) - timedelta(days=99)),)

    async def extend(self, lock: str, credential: Credential, end: datetime) -> None:
        assert (lock, end) == ("7", end_of_day(DAY))


async def test_a_yes_that_cannot_be_read_back_is_no_yes() -> None:
    with pytest.raises(LockError, match="1 of 1 credentials still end too early") as fault:
        await extend_all(Forgetful(), "7", end_of_day(DAY))
    assert fault.value.asleep


def test_a_day_ends_one_second_before_midnight_in_shanghai() -> None:
    assert end_of_day(date(2026, 10, 2)) == datetime(2026, 10, 2, 15, 59, 59, tzinfo=UTC)
