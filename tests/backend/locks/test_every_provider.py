"""What every lock promises, run on each provider in turn: a new one is one more line in PROVIDERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.locks.port import Credential, CredentialKind, LockError, Locks
from backend.locks.ttlock import TTLock
from backend.locks.ttlock_calls import Calls
from backend.locks.webhook import WebhookLock
from backend.sandbox.ttlock import TTLockSandbox
from backend.sandbox.ttlock_doors import Doors
from backend.sandbox.ttlock_faults import Fault
from backend.sandbox.webhooklock import WebhookLockSandbox
from tests.backend.locks.hallway import ACCOUNT, LOCK, MOVED_IN, NEW_END, OLD_END, StillClock

SPAN = (MOVED_IN, OLD_END)
SECRET = "synthetic-webhook-secret"


@dataclass
class Wing:
    """Some doors of one provider, and our adapter in front of them."""

    locks: Locks
    doors: Doors
    faults: Any
    clock: StillClock

    def ends(self) -> list[datetime | None]:
        return [one.end for one in self.doors.door(LOCK).lock.values()]


def ttlock(session: aiohttp.ClientSession, clock: StillClock) -> tuple[Any, Callable[[str], Locks]]:
    user = ACCOUNT
    sandbox = TTLockSandbox(user.client_id, user.client_secret, user.username, user.password, clock, seed=7)
    return sandbox, lambda api: TTLock(Calls(user, session, clock, api=api))


def webhook(session: aiohttp.ClientSession, clock: StillClock) -> tuple[Any, Callable[[str], Locks]]:
    sandbox = WebhookLockSandbox(SECRET, clock, seed=7)
    return sandbox, lambda api: WebhookLock(f"{api}/locks", SECRET, session, clock)


PROVIDERS = {"ttlock": ttlock, "webhook": webhook}


@asynccontextmanager
async def wing_of(name: str) -> AsyncIterator[Wing]:
    clock = StillClock()
    async with aiohttp.ClientSession() as session:
        sandbox, adapter = PROVIDERS[name](session, clock)
        async with TestServer(sandbox.app()) as server:
            yield Wing(adapter(str(server.make_url("")).rstrip("/")), sandbox.doors, sandbox.faults, clock)


@pytest.fixture(params=sorted(PROVIDERS))
async def wing(request: pytest.FixtureRequest) -> AsyncIterator[Wing]:
    async with wing_of(request.param) as one:
        yield one


async def test_every_credential_is_extended_in_the_door_itself(wing: Wing) -> None:
    wing.doors.add(LOCK, "passcode", [SPAN, SPAN])
    wing.doors.add(LOCK, "ekey", [SPAN])
    for one in await wing.locks.credentials(str(LOCK)):
        assert (one.start, one.end) == SPAN
        await wing.locks.extend(str(LOCK), one, NEW_END)
    assert wing.ends() == [NEW_END] * 3
    assert {one.start for one in await wing.locks.credentials(str(LOCK))} == {MOVED_IN}


async def test_an_end_never_moves_backwards(wing: Wing) -> None:
    wing.doors.add(LOCK, "passcode", [SPAN])
    [stale] = await wing.locks.credentials(str(LOCK))
    await wing.locks.extend(str(LOCK), stale, NEW_END)
    await wing.locks.extend(str(LOCK), stale, OLD_END)
    assert wing.ends() == [NEW_END]
    assert len(wing.doors.history) == 1


async def test_what_is_permanent_is_left_alone(wing: Wing) -> None:
    wing.doors.add(LOCK, "passcode", [(MOVED_IN, None)])
    [one] = await wing.locks.credentials(str(LOCK))
    await wing.locks.extend(str(LOCK), one, NEW_END)
    assert wing.doors.history == []


@pytest.mark.parametrize("code", [-3002, -3003, -3037])
async def test_a_sleeping_door_is_asleep_and_keeps_its_dates(wing: Wing, code: int) -> None:
    wing.doors.add(LOCK, "passcode", [SPAN])
    [one] = await wing.locks.credentials(str(LOCK))
    wing.doors.door(LOCK).troubles.append(code)
    with pytest.raises(LockError) as fault:
        await wing.locks.extend(str(LOCK), one, NEW_END)
    assert (fault.value.code, fault.value.asleep) == (str(code), True)
    assert wing.ends() == [OLD_END]


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.CUT_SHORT, Fault.BUSY])
async def test_a_lost_answer_is_tried_again_and_changes_nothing_twice(wing: Wing, fault: Fault) -> None:
    wing.doors.add(LOCK, "passcode", [SPAN])
    [one] = await wing.locks.credentials(str(LOCK))
    wing.faults.next(None, fault)
    with suppress(LockError):
        await wing.locks.extend(str(LOCK), one, NEW_END)
    await wing.locks.extend(str(LOCK), one, NEW_END)
    assert (wing.ends(), len(wing.doors.history)) == ([NEW_END], 1)


async def test_an_unknown_door_and_a_credential_that_is_gone_are_a_persons_business(wing: Wing) -> None:
    with pytest.raises(LockError) as nowhere:
        await wing.locks.credentials("404")
    wing.doors.add(LOCK, "passcode", [SPAN])
    with pytest.raises(LockError) as gone:
        await wing.locks.extend(str(LOCK), Credential("4", CredentialKind.PASSCODE, MOVED_IN, OLD_END), NEW_END)
    assert (nowhere.value.asleep, gone.value.asleep, gone.value.code) == (False, False, "missing")
