"""The turn: one event is one transaction; whoever comes second reads again; nobody hears of it before the commit."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from backend.db.port import Inbound, Store, StoreDown, Words, Write, Written
from bot.policies import Policies
from bot.turn import TRIES, Contended, Turns, UnknownRenewal
from dialogs.effects import Lane, PrepareOffer
from dialogs.events import Greeted, OffersAsked, Thanked, TierDue
from dialogs.machine import replay
from dialogs.policy import Policy
from dialogs.states import State
from tests.bot.stage import Stage


class Watched:
    """A store that notes when a commit has returned, and may answer in its place."""

    def __init__(self, store: Store, diary: list[str], *, answer: Written | None = None) -> None:
        self._store = store
        self._diary = diary
        self._answer = answer

    async def load(self, renewal_id: int) -> Any:
        self._diary.append("load")
        return await self._store.load(renewal_id)

    async def commit(self, writes: list[Write]) -> list[Written]:
        written = [self._answer] if self._answer else await self._store.commit(writes)
        self._diary.append("commit")
        return written


def watched(stage: Stage, diary: list[str], *, answer: Written | None = None) -> Turns:
    store = cast("Store", Watched(stage.store, diary, answer=answer))
    return Turns(store, Policies(), stage.clock, lambda lanes: diary.append(f"wake {sorted(lanes)}"))


async def test_one_event_is_one_row_one_line_its_effects_and_its_timers(stage: Stage) -> None:
    stored = await stage.opened()
    turned = await stage.turns.deliver(stored.id, TierDue("T-30"))
    assert turned.written is Written.SAVED
    assert await stage.unmoved(turned.stored)
    assert turned.stored.version == stored.version + 1
    [line] = await stage.store.log(stored.id)
    assert (line.event, line.at, line.seq) == (TierDue("T-30"), stage.clock.now(), 1)
    assert turned.decision is not None
    assert line.row == turned.decision.row
    assert await stage.wished(stored, PrepareOffer) == list(turned.decision.effects)
    wanted = {(timer.kind, timer.tag) for timer in turned.decision.timers}
    assert wanted
    assert wanted <= {(timer.kind, timer.tag) for timer in await stage.store.timers(stored.id)}


async def test_a_row_that_moved_meanwhile_is_read_again(stage: Stage) -> None:
    stored = await stage.opened()
    await stage.tell(stored, TierDue("T-30"))

    seen: list[int] = []

    def prepare(now: Any, decision: Any) -> Any:
        seen.append(now.version)
        return decision, None, ()

    turned = await stage.turns.apply(stored, Greeted(), prepare)
    assert seen == [0, 1], "the old row first, then the one that moved"
    assert turned.stored.version == 2
    assert [type(line.event) for line in await stage.store.log(stored.id)] == [TierDue, Greeted]


async def test_ten_at_once_all_land_and_the_log_replays_to_the_row(stage: Stage) -> None:
    stored = await stage.opened()
    events = [OffersAsked(message=f"m{number}") for number in range(10)]
    turned = await asyncio.gather(*(stage.turns.deliver(stored.id, event) for event in events))
    assert {one.written for one in turned} == {Written.SAVED}
    assert sorted(one.stored.version for one in turned) == list(range(1, 11))
    log = await stage.store.log(stored.id)
    assert [line.seq for line in log] == list(range(1, 11))
    assert {cast("OffersAsked", line.event).message for line in log} == {f"m{number}" for number in range(10)}
    start = await stage.store.opening(stored.id)
    assert start is not None
    again = replay(start, [(stored.id, line.event, line.at) for line in log], Policy())
    assert again == (await stage.again(stored)).renewal


async def test_an_unknown_renewal_is_an_error(stage: Stage) -> None:
    with pytest.raises(UnknownRenewal, match="no renewal 999"):
        await stage.turns.deliver(999, Greeted())


async def test_the_same_inbound_key_writes_nothing_the_second_time(stage: Stage) -> None:
    stored = await stage.opened()
    said = (Words("m1", "tenant", "wechat", "你好"),)
    await stage.turns.deliver(stored.id, Greeted(), inbound=Inbound("m1", "您好"), words=said)
    stage.woken.clear()
    turned = await stage.turns.deliver(stored.id, OffersAsked(), inbound=Inbound("m1", "别的"), words=said)
    assert turned.written is Written.DUPLICATE
    assert turned.decision is None
    assert turned.stored.version == 1
    assert (await stage.again(stored)).version == 1
    assert len(await stage.store.log(stored.id)) == 1
    assert len(await stage.store.thread(stored.id)) == 1
    assert stage.woken == []


async def test_a_turn_settles_the_claim_it_came_from_and_only_once(stage: Stage) -> None:
    stored = await stage.opened()
    await stage.tell(stored, TierDue("T-30"))
    [claim] = await stage.claim(Lane.LEDGER)
    first = await stage.turns.deliver(stored.id, Thanked(), effect=claim)
    second = await stage.turns.deliver(stored.id, Thanked(), effect=claim)
    assert (first.written, second.written) == (Written.SAVED, Written.LOST)
    assert (await stage.status(stored, claim.effect.key))[0] == "done"
    assert (await stage.again(stored)).version == 2


async def test_a_timer_rings_once(stage: Stage) -> None:
    stored = await stage.opened()
    [timer] = await stage.store.claim_timers(10, stage.clock.now(), 60)
    first = await stage.turns.deliver(stored.id, TierDue(timer.tag), timer=timer)
    second = await stage.turns.deliver(stored.id, TierDue(timer.tag), timer=timer)
    assert (first.written, second.written) == (Written.SAVED, Written.LOST)


async def test_a_row_that_never_rests_is_given_up_after_so_many_tries(lite: Stage) -> None:
    stored = await lite.opened()
    diary: list[str] = []
    with pytest.raises(Contended, match=rf"moved {TRIES} times while Greeted"):
        await watched(lite, diary, answer=Written.STALE).deliver(stored.id, Greeted())
    assert diary.count("commit") == TRIES
    assert not any(entry.startswith("wake") for entry in diary)


async def test_lanes_are_woken_after_the_commit_and_only_those_that_were_fed(lite: Stage) -> None:
    stored = await lite.opened()
    diary: list[str] = []
    await watched(lite, diary).deliver(stored.id, TierDue("T-30"))
    assert diary == ["load", "commit", f"wake {[Lane.LEDGER]}"]


async def test_nobody_is_woken_when_the_database_is_away(lite: Stage) -> None:
    stored = await lite.opened()
    diary: list[str] = []
    turns = watched(lite, diary)
    await lite.store.close()
    with pytest.raises(StoreDown):
        await turns.apply(stored, Greeted(), lambda _, decision: (decision, None, ()))
    assert diary == []


async def test_the_stage_walks_the_whole_way(lite: Stage) -> None:
    """What other tests start from is a renewal as the rules make it."""
    stored = await lite.brought(await lite.opened(), State.RENEWED)
    assert stored.renewal.payment.paid == f"R{stored.id}P1A1"
