"""The dispatcher as it runs: woken by a commit, patient with a database that is away, never two for one effect."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.db.connect import connect
from backend.db.port import StoreDown
from backend.sealing import Sealer
from bot.dispatcher import Dispatcher, Done, Job
from bot.policies import Policies
from bot.turn import Turns
from bot.wakeups import Wakeups
from dialogs.effects import Lane, PrepareOffer
from dialogs.events import OfferPrepared, TierDue
from dialogs.lease import Comps
from tests.bot.hands import Hands, dispatcher, preparing
from tests.bot.stage import OPERATOR, Stage, StageClock, row

PATIENCE = 10
"""Seconds; a bound for a busy machine."""


class Signal(Hands):
    """Hands that ring once they were given something."""

    def __init__(self) -> None:
        self.given = asyncio.Event()
        super().__init__(PrepareOffer, then=self._note)

    def _note(self, _: Job) -> Done:
        self.given.set()
        return Done()


@asynccontextmanager
async def running(work: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(work.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_commit_wakes_the_lane_without_waiting_for_the_poll(lite: Stage) -> None:
    stored = await lite.opened()
    wakeups, hands = Wakeups(), Signal()
    turns = Turns(lite.store, Policies(), lite.clock, wakeups.wake)
    async with running(Dispatcher(turns, hands.by_kind, wakeups, "one", poll=3600)):
        await asyncio.sleep(0)
        await turns.deliver(stored.id, TierDue("T-30"))
        await asyncio.wait_for(hands.given.wait(), PATIENCE)


async def test_without_a_wake_up_the_poll_finds_the_work(lite: Stage) -> None:
    await preparing(lite)
    hands = Signal()
    async with running(dispatcher(lite, hands)):
        await asyncio.wait_for(hands.given.wait(), PATIENCE)


async def test_a_database_that_is_away_is_asked_again(
    lite: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await preparing(lite)
    hands, claim, times = Signal(), lite.store.claim_effects, Counter[Lane]()

    async def away_once(lane: Lane, *rest: object) -> object:
        times[lane] += 1
        if times[lane] == 1:
            raise StoreDown("nobody answers")
        return await claim(lane, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(lite.store, "claim_effects", away_once)
    async with running(dispatcher(lite, hands)):
        await asyncio.wait_for(hands.given.wait(), PATIENCE)
    assert "lane ledger: the database does not answer (nobody answers); trying again" in caplog.text


async def test_a_database_that_goes_away_under_a_hand_leaves_the_effect_to_its_lease(
    sqlite_url: str, sealer: Sealer, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(await connect(sqlite_url, sealer), StageClock())
    _, wish = await preparing(stage)

    async def closes(_: Job) -> Done:
        await stage.store.close()
        return Done(OfferPrepared(Comps()))

    work = dispatcher(stage, {PrepareOffer: closes})
    assert await work.run_once(Lane.LEDGER) == 1
    assert work.busy == 0
    assert f"effect {wish.key}: the database does not answer; its lease will run out" in caplog.text
    later = Stage(await connect(sqlite_url, sealer), stage.clock)
    later.clock.move(seconds=61)
    hands = Hands(PrepareOffer)
    await dispatcher(later, hands).run_once(Lane.LEDGER)
    assert [job.claim.unsure for job in hands.jobs] == [True]
    await later.store.close()


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
async def test_two_workers_on_one_store_never_carry_out_one_effect_twice(
    kind: str, request: pytest.FixtureRequest, sealer: Sealer, clock: StageClock
) -> None:
    url = request.getfixturevalue("pg_url" if kind == "postgres" else "sqlite_url")
    one = Stage(await connect(url, sealer), clock)
    two = Stage(await connect(url, sealer), clock) if kind == "postgres" else one
    await one.opened(*(row(number) for number in range(1, 41)))
    for stored in await one.store.renewals(OPERATOR):
        await one.tell(stored, TierDue("T-30"))
    hands = [Hands(PrepareOffer, then=lambda _: Done(OfferPrepared(Comps()))) for _ in range(2)]
    work = [dispatcher(one, hands[0], "one"), dispatcher(two, hands[1], "two")]
    for _ in range(10):
        if not any(await asyncio.gather(*(each.run_once(Lane.LEDGER) for each in work * 2))):
            break
    carried = Counter(hands[0].keys + hands[1].keys)
    assert len(carried) == 40
    assert set(carried.values()) == {1}
    if two is not one:
        assert hands[0].jobs
        assert hands[1].jobs
        await two.store.close()
    await one.store.close()
