"""What every lock provider promises, held against the sandbox over loopback HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.locks.port import Credential, CredentialKind, LockError
from backend.sandbox.ttlock_faults import Fault
from tests.backend.locks.hallway import LOCK, MOVED_IN, NEW_END, OLD_END, Hallway

SPAN = (MOVED_IN, OLD_END)


async def test_every_credential_of_the_door_is_extended_in_the_door_itself(hallway: Hallway) -> None:
    numbers = hallway.sandbox.add_lock(LOCK, [SPAN, SPAN], [SPAN])
    held = await hallway.locks.credentials(str(LOCK))
    assert [one.kind for one in held] == [CredentialKind.PASSCODE, CredentialKind.PASSCODE, CredentialKind.EKEY]
    for one in held:
        assert (one.start, one.end) == SPAN
        await hallway.locks.extend(str(LOCK), one, NEW_END)
    assert [hallway.in_lock(number) for number in numbers] == [NEW_END] * 3
    assert {one.end for one in await hallway.locks.credentials(str(LOCK))} == {NEW_END}
    assert hallway.sandbox.opens(LOCK, NEW_END)
    assert not hallway.sandbox.opens(LOCK, NEW_END + timedelta(seconds=1))


async def test_the_start_stays_where_it_was(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert (await hallway.only()).start == MOVED_IN
    assert hallway.sandbox.opens(LOCK, MOVED_IN)


async def test_extending_twice_is_one_change(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    before = await hallway.only()
    for _ in range(2):
        await hallway.locks.extend(str(LOCK), before, NEW_END)
    assert len(hallway.sandbox.doors.history) == 1


async def test_an_end_never_moves_backwards(hallway: Hallway) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [SPAN])
    stale = await hallway.only()
    await hallway.locks.extend(str(LOCK), stale, NEW_END)
    for end in (OLD_END, NEW_END - timedelta(seconds=1)):
        await hallway.locks.extend(str(LOCK), stale, end)
    assert hallway.in_lock(number) == NEW_END


async def test_what_is_permanent_is_left_alone(hallway: Hallway) -> None:
    code, key = hallway.sandbox.add_lock(LOCK, [(MOVED_IN, None)], [(None, None)])
    for one in await hallway.locks.credentials(str(LOCK)):
        assert one.end is None
        await hallway.locks.extend(str(LOCK), one, NEW_END)
    assert (hallway.in_lock(code), hallway.in_lock(key)) == (None, None)
    assert hallway.sandbox.doors.history == []


@pytest.mark.parametrize("errcode", [-2012, -3003, -3035, -3036, -3037])
async def test_a_sleeping_door_is_asleep_and_keeps_its_dates(hallway: Hallway, errcode: int) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [SPAN])
    hallway.sandbox.trouble(LOCK, errcode)
    credential = await hallway.only()
    with pytest.raises(LockError) as fault:
        await hallway.locks.extend(str(LOCK), credential, NEW_END)
    assert (fault.value.code, fault.value.asleep) == (str(errcode), True)
    assert hallway.in_lock(number) == OLD_END
    await hallway.locks.extend(str(LOCK), credential, NEW_END)
    assert hallway.in_lock(number) == NEW_END


async def test_an_absent_gateway_leaves_e_keys_reachable(hallway: Hallway) -> None:
    code, key = hallway.sandbox.add_lock(LOCK, [SPAN], [SPAN], online=False)
    with pytest.raises(LockError) as fault:
        await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert (fault.value.code, fault.value.asleep) == ("-3002", True)
    await hallway.locks.extend(str(LOCK), await hallway.only(CredentialKind.EKEY), NEW_END)
    assert (hallway.in_lock(code), hallway.in_lock(key)) == (OLD_END, NEW_END)
    hallway.sandbox.gateway(LOCK, online=True)
    await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert hallway.in_lock(code) == NEW_END


async def test_a_code_that_was_never_used_is_a_person_s_business(hallway: Hallway) -> None:
    hallway.sandbox.doors.add(LOCK, "passcode", [SPAN], used=False)
    with pytest.raises(LockError) as fault:
        await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert (fault.value.code, fault.value.asleep) == ("-3008", False)


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.CUT_SHORT])
async def test_an_answer_that_got_lost_is_tried_again_and_changes_nothing_twice(hallway: Hallway, fault: Fault) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [SPAN])
    credential = await hallway.only()
    hallway.sandbox.faults.next(None, fault)
    with pytest.raises(LockError) as lost:
        await hallway.locks.extend(str(LOCK), credential, NEW_END)
    assert lost.value.asleep
    await hallway.locks.extend(str(LOCK), credential, NEW_END)
    assert (hallway.in_lock(number), len(hallway.sandbox.doors.history)) == (NEW_END, 1)


async def test_silence_is_asleep(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    await hallway.only()
    hallway.sandbox.faults.next(Fault.SILENT_AFTER)
    with pytest.raises(LockError) as silence:
        await hallway.another(seconds=0.3).credentials(str(LOCK))
    assert (silence.value.code, silence.value.asleep) == ("NO_ANSWER", True)


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.OVERLOADED])
async def test_a_busy_cloud_is_asleep(hallway: Hallway, fault: Fault) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    hallway.sandbox.faults.next(fault)
    with pytest.raises(LockError) as busy:
        await hallway.locks.credentials(str(LOCK))
    assert busy.value.asleep


async def test_a_door_nobody_knows_is_a_person_s_business(hallway: Hallway) -> None:
    for name in ("404", "door one", "", "９"):
        with pytest.raises(LockError) as no:
            await hallway.locks.credentials(name)
        assert not no.value.asleep


async def test_a_credential_that_is_gone_is_a_person_s_business(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    gone = Credential("4", CredentialKind.PASSCODE, MOVED_IN, OLD_END)
    with pytest.raises(LockError) as no:
        await hallway.locks.extend(str(LOCK), gone, NEW_END)
    assert (no.value.code, no.value.asleep) == ("missing", False)
