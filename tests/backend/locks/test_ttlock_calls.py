"""TTLock's tokens and the ways a call can go wrong, over loopback HTTP."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from backend.locks.port import LockError
from backend.locks.ttlock_calls import Calls
from backend.locks.ttlock_shapes import PasscodePage
from tests.backend.locks.hallway import ACCOUNT, LOCK, MOVED_IN, NEW_END, OLD_END, Hallway

SPAN = (MOVED_IN, OLD_END)


async def test_a_forgotten_token_is_refreshed_once(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    await hallway.only()
    hallway.sandbox.expire_tokens()
    await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert hallway.sandbox.opens(LOCK, NEW_END)


async def test_without_a_refresh_token_the_password_is_asked_for_again(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    await hallway.only()
    hallway.sandbox.expire_tokens()
    hallway.sandbox.expire_refresh_tokens()
    assert (await hallway.only()).end == OLD_END


async def test_ninety_days_later_there_is_a_new_token(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [(MOVED_IN, NEW_END)])
    await hallway.only()
    hallway.clock.move(days=90)
    assert (await hallway.only()).end == NEW_END


@pytest.mark.parametrize(
    "account",
    [
        replace(ACCOUNT, password="wrong"),
        replace(ACCOUNT, client_secret="wrong"),
        replace(ACCOUNT, username="somebody-else"),
    ],
)
async def test_a_wrong_login_is_a_person_s_business(hallway: Hallway, account: object) -> None:
    assert isinstance(account, type(ACCOUNT))
    with pytest.raises(LockError) as no:
        await hallway.another(account).credentials(str(LOCK))
    assert (no.value.code, no.value.asleep) == ("10007", False)


async def test_a_clock_that_is_off_is_tried_again(hallway: Hallway) -> None:
    hallway.sandbox.add_lock(LOCK, [SPAN])
    calls = Calls(ACCOUNT, hallway.session, lambda: hallway.clock().replace(year=2025), api=hallway.api)
    with pytest.raises(LockError) as stale:
        await calls.read("/v3/lock/listKeyboardPwd", {"lockId": LOCK, "pageNo": 1}, PasscodePage)
    assert (stale.value.code, stale.value.asleep) == ("80000", True)


async def test_nobody_there_is_asleep(hallway: Hallway) -> None:
    with pytest.raises(LockError) as gone:
        await hallway.another(api="http://127.0.0.1:9").credentials(str(LOCK))
    assert (gone.value.code, gone.value.asleep) == ("NO_ANSWER", True)


async def test_no_secret_and_no_door_code_is_ever_logged(hallway: Hallway, caplog: pytest.LogCaptureFixture) -> None:
    [number] = hallway.sandbox.add_lock(LOCK, [SPAN])
    hallway.sandbox.trouble(LOCK, -3003)
    with caplog.at_level(logging.DEBUG, "xuzu"), pytest.raises(LockError):
        await hallway.locks.extend(str(LOCK), await hallway.only(), NEW_END)
    assert "errcode -3003" in caplog.text
    for secret in (ACCOUNT.password, ACCOUNT.client_secret, hallway.sandbox.doors.codes[number]):
        assert secret not in caplog.text
    assert ACCOUNT.password not in repr(ACCOUNT)
