"""The generic lock webhook: who asks is proven by the signature alone, and a bent one opens nothing."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from backend.locks.port import LockError
from backend.locks.webhook import WebhookLock
from backend.sandbox.webhooklock import WebhookLockSandbox
from tests.backend.locks.hallway import LOCK, MOVED_IN, OLD_END, StillClock


@pytest.mark.parametrize(("secret", "late"), [("another-secret", 0), ("synthetic", 6), ("synthetic", -6)])
async def test_another_secret_or_an_old_request_is_refused(secret: str, late: int) -> None:
    theirs, ours = StillClock(), StillClock()
    ours.move(minutes=late)
    sandbox = WebhookLockSandbox("synthetic", theirs)
    sandbox.doors.add(LOCK, "passcode", [(MOVED_IN, OLD_END)])
    async with TestServer(sandbox.app()) as server, aiohttp.ClientSession() as session:
        with pytest.raises(LockError) as refused:
            await WebhookLock(str(server.make_url("/locks")), secret, session, ours).credentials(str(LOCK))
    assert (refused.value.code, refused.value.asleep) == ("signature", False)


async def test_nobody_at_the_other_end_is_asleep(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        lock = WebhookLock(f"http://127.0.0.1:{unused_tcp_port}/locks", "synthetic", session, StillClock())
        with pytest.raises(LockError) as silence:
            await lock.credentials(str(LOCK))
    assert (silence.value.code, silence.value.asleep) == ("NO_ANSWER", True)
