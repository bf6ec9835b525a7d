"""What is TTLock's own: whose credentials count, the silent no-effects, pages, cards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.locks.port import Credential, CredentialKind, LockError
from backend.locks.ttlock import Tenancy, TTLock
from backend.locks.ttlock_calls import Calls
from backend.sandbox.ttlock_doors import Change
from tests.backend.locks.hallway import ACCOUNT, LOCK, MOVED_IN, NEW_END, OLD_END, Hallway

SPAN = (MOVED_IN, OLD_END)


async def test_former_tenants_and_visitors_are_none_of_our_business(hallway: Hallway) -> None:
    now = hallway.clock()
    former = (MOVED_IN - timedelta(days=365), now - timedelta(days=31))
    cleaner = (now - timedelta(days=1), now + timedelta(days=6))
    ours, *_ = hallway.sandbox.add_lock(LOCK, [SPAN, former, cleaner])
    assert [one.id for one in await hallway.locks.credentials(str(LOCK))] == [str(ours)]


async def test_a_tenant_whose_code_just_lapsed_is_let_in_again(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    hallway.clock.at = OLD_END + timedelta(days=3)
    assert not hallway.sandbox.opens(LOCK, hallway.clock())
    await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert hallway.sandbox.opens(LOCK, hallway.clock())


async def test_the_operator_may_draw_the_line_elsewhere(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [(OLD_END - timedelta(days=20), OLD_END)])
    calls = Calls(ACCOUNT, hallway.session, hallway.clock, api=hallway.api)
    assert await TTLock(calls).credentials(str(LOCK)) == ()
    assert len(await TTLock(calls, Tenancy(shortest=timedelta(days=14))).credentials(str(LOCK))) == 1


async def test_all_pages_are_read(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN] * 250, [SPAN] * 101)
    assert len(await hallway.locks.credentials(str(LOCK))) == 351


async def test_more_pages_than_a_lock_can_fill_are_not_believed(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN] * 1001)
    with pytest.raises(LockError) as no:
        await hallway.locks.credentials(str(LOCK))
    assert no.value.code == "UNREADABLE"


@pytest.mark.parametrize("kind", [CredentialKind.CARD, CredentialKind.FINGERPRINT])
async def test_cards_and_fingerprints_known_by_their_ids_are_extended_too(
    hallway: Hallway, kind: CredentialKind
) -> None:
    [number] = hallway.sandbox.doors.add(LOCK, kind.value, [SPAN])
    credential = Credential(str(number), kind, MOVED_IN, OLD_END)
    await hallway.locks.extend(str(LOCK), credential, NEW_END)
    assert hallway.in_lock(number) == NEW_END
    await hallway.locks.extend(str(LOCK), Credential(str(number), kind, MOVED_IN, NEW_END), OLD_END)
    assert hallway.in_lock(number) == NEW_END


async def test_both_dates_go_out_in_milliseconds_through_the_gateway(hallway: Hallway) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [SPAN])
    await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    [change] = hallway.sandbox.doors.history
    assert change == Change(hallway.clock(), LOCK, number, MOVED_IN, NEW_END, in_lock=True)


async def test_an_ok_that_changed_nothing_is_found_out_by_reading_back(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    credential = await hallway.only()

    async def ok_without_effect(path: str, params: dict[str, int]) -> None:
        params.pop("startDate")
        await Calls.write(calls, path, params)

    calls = Calls(ACCOUNT, hallway.session, hallway.clock, api=hallway.api)
    calls.write = ok_without_effect  # type: ignore[method-assign]
    with pytest.raises(LockError) as fault:
        await TTLock(calls).extend(str(LOCK), credential, NEW_END)
    assert (fault.value.code, fault.value.asleep) == ("read-back", True)


async def test_a_key_without_a_start_gets_one(hallway: Hallway) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [], [(None, datetime(2026, 10, 1, tzinfo=UTC))])
    await hallway.locks.extend(str(LOCK), await hallway.only(CredentialKind.EKEY), NEW_END)
    assert hallway.in_lock(number) == NEW_END
