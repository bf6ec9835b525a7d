"""Wake-ups: a hint to a lane of this process, and through a partner to the others; nobody hangs on one that is lost."""

from __future__ import annotations

import asyncio
import time

from bot.wakeups import Wakeups
from dialogs.effects import Lane

LONG = 30.0


async def test_a_woken_lane_does_not_wait_and_the_others_do() -> None:
    wakeups = Wakeups()
    wakeups.wake({Lane.CHAT})
    await asyncio.wait_for(wakeups.wait(Lane.CHAT, LONG), 1)
    waiting = asyncio.create_task(wakeups.wait(Lane.PAY, LONG))
    await asyncio.sleep(0)
    assert not waiting.done()
    wakeups.wake({Lane.PAY, Lane.LOCK})
    await asyncio.wait_for(waiting, 1)


async def test_a_hint_is_used_up() -> None:
    wakeups = Wakeups()
    wakeups.wake({Lane.CHAT})
    await wakeups.wait(Lane.CHAT, LONG)
    began = time.monotonic()
    await wakeups.wait(Lane.CHAT, 0.02)
    assert time.monotonic() - began >= 0.015, "the second time only the poll ends the wait"


async def test_a_commit_is_passed_on_and_a_foreign_hint_is_not_passed_back() -> None:
    told: list[list[Lane]] = []
    wakeups = Wakeups(lambda lanes: told.append(sorted(lanes)))
    wakeups.wake({Lane.PAY, Lane.CHAT})
    wakeups.wake(set())
    wakeups.ring([Lane.LOCK])
    assert told == [[Lane.CHAT, Lane.PAY]]
    await asyncio.wait_for(wakeups.wait(Lane.LOCK, LONG), 1)
