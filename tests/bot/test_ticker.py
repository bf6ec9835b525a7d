"""The ticker: the window opens once a day, timers ring once, and downtime never makes a backlog."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest

from backend.db.port import ClaimedTimer, StoreDown
from bot.policies import Policies
from bot.ticker import Ticker
from bot.turn import Turned, Turns
from dialogs.effects import PrepareOffer, Say
from dialogs.events import AnyEvent, OfferPrepared, TierDue
from dialogs.lease import Comps
from dialogs.policy import Policy
from dialogs.renewal import Timer
from dialogs.states import State
from tests.bot.stage import END, NOW, OPERATOR, Stage, imported, row

PATIENCE = 10


def ticker(stage: Stage, *, poll: float = 0.01) -> Ticker:
    return Ticker(stage.turns, [OPERATOR], poll=poll)


async def test_the_window_opens_once_a_day(stage: Stage) -> None:
    await imported(stage.store, stage.clock, row(1), row(2, end=END.replace(month=12)))
    ticks = ticker(stage)
    assert ticks.busy == 1, "today's scan is still to come"
    assert await ticks.scan() == 1
    assert ticks.busy == 0
    await imported(stage.store, stage.clock, row(1), row(3))
    assert await ticks.scan() == 0, "not twice on one day"
    stage.clock.move(days=1)
    assert ticks.busy == 1
    assert await ticks.scan() == 1
    assert [one.renewal.lease.no for one in await stage.store.renewals(OPERATOR)] == ["YJ-0001", "YJ-0003"]


async def test_scanning_again_after_a_restart_opens_nothing_twice(stage: Stage) -> None:
    await imported(stage.store, stage.clock, row(1))
    assert await ticker(stage).scan() == 1
    assert await ticker(stage).scan() == 0
    [stored] = await stage.store.renewals(OPERATOR)
    [timer] = await stage.store.timers(stored.id)
    assert (timer.kind, timer.tag) == ("TierDue", "T-30")
    assert stored.renewal.policy_version == Policy().version


async def test_a_day_is_a_day_in_hangzhou(lite: Stage) -> None:
    lite.clock.at = datetime(2026, 9, 2, 15, 59, tzinfo=UTC)
    ticks = ticker(lite)
    await ticks.scan()
    lite.clock.at = datetime(2026, 9, 2, 16, 1, tzinfo=UTC)
    assert ticks.busy == 1


async def test_a_policy_without_tiers_still_opens_the_window(lite: Stage) -> None:
    plain = Policies({(OPERATOR, 7): Policy(version=7, tiers=())})
    turns = Turns(lite.store, plain, lite.clock, lite.woken.append)
    await imported(lite.store, lite.clock, row(1))
    assert await Ticker(turns, [OPERATOR]).scan() == 1
    [stored] = await lite.store.renewals(OPERATOR)
    assert stored.renewal.policy_version == 7


async def test_a_due_timer_rings_and_one_that_is_not_due_waits(stage: Stage) -> None:
    stored = await stage.opened()
    stage.clock.at = datetime(2026, 9, 2, 1, 29, tzinfo=UTC)
    ticks = ticker(stage)
    assert await ticks.ring() == 0
    stage.clock.at = NOW
    assert await ticks.ring() == 1
    assert await ticks.ring() == 0
    assert [line.event for line in await stage.store.log(stored.id)] == [TierDue("T-30")]
    assert await stage.wished(stored, PrepareOffer)


async def test_after_downtime_the_newest_tier_is_sent_and_no_backlog(stage: Stage) -> None:
    """The first reminder went out; then nobody was at home until five days before the end."""
    stored = await stage.brought(await stage.opened(), State.REMINDED)
    await stage.settle_all()
    stage.clock.at = datetime(2026, 9, 27, 2, 0, tzinfo=UTC)
    ticks = ticker(stage)
    for _ in range(10):
        if not await ticks.ring():
            break
    tiers = [say.tier for say in await stage.wished(stored, Say) if say.tier]
    assert tiers == ["T-30", "T-7"], "T-15 was slept through, and is not made up for"
    assert (await stage.again(stored)).renewal.tier == "T-7"


async def test_a_turn_that_breaks_does_not_stop_its_neighbours(lite: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A timer of a kind nobody knows, as an older version might have left it, beside two good ones."""
    stored = await lite.opened(row(1), row(2), row(3))
    turned = await lite.turns.apply(stored, OfferPrepared(Comps()), lambda _, decision: (decision, None, ()))
    assert turned.decision is not None
    odd = Timer("FullMoon", lite.clock.now())
    broken = type(turned.decision)(turned.stored.renewal, timers=(odd,))
    await lite.turns.apply(turned.stored, OfferPrepared(Comps()), lambda _, __: (broken, None, ()))
    assert await ticker(lite).ring() == 4
    states = {one.id: len(await lite.store.log(one.id)) for one in await lite.store.renewals(OPERATOR)}
    assert states == {1: 3, 2: 1, 3: 1}
    assert "timer FullMoon of renewal 1 broke; it rings again when its lease ends" in caplog.text
    assert await ticker(lite).ring() == 0
    lite.clock.move(seconds=61)
    assert await ticker(lite).ring() == 1


class Away(Turns):
    """Turns on a database that went away; counts how often it was tried."""

    tried = 0

    async def deliver(self, renewal_id: int, event: AnyEvent, **_: object) -> Turned:
        self.tried += 1
        raise StoreDown("nobody answers")


async def test_a_database_that_is_away_is_asked_again(lite: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await lite.opened()
    turns = Away(lite.store, Policies(), lite.clock, lite.woken.append)
    ticks = Ticker(turns, [OPERATOR], poll=0.001)
    task = asyncio.create_task(ticks.run())
    async with asyncio.timeout(PATIENCE):
        while turns.tried < 2:
            lite.clock.move(seconds=61)
            await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "ticker: the database does not answer (nobody answers); trying again" in caplog.text
    timers: list[ClaimedTimer] = await lite.store.timers(1)
    assert [timer.kind for timer in timers] == ["TierDue"], "nothing was lost"


async def test_it_runs_by_itself_from_the_scan_to_the_bell(lite: Stage) -> None:
    await imported(lite.store, lite.clock, row(1))
    rang = asyncio.Event()
    ticks = Ticker(Turns(lite.store, Policies(), lite.clock, lambda _: rang.set()), [OPERATOR], poll=0.01)
    task = asyncio.create_task(ticks.run())
    await asyncio.wait_for(rang.wait(), PATIENCE)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert ticks.busy == 0
    [stored] = await lite.store.renewals(OPERATOR)
    assert [line.event for line in await lite.store.log(stored.id)] == [TierDue("T-30")]
