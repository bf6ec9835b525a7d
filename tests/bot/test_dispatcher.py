"""The dispatcher: an effect is carried out once, comes back when it must, and is dropped when nobody wants it."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.db.connect import connect
from backend.db.port import Words
from backend.sealing import Sealer
from bot.dispatcher import BACKOFF, UNCONNECTED, Done, Later
from dialogs.effects import Lane, PrepareOffer, Say
from dialogs.events import Claimed, EnvelopeDelayed, Followed, OfferPrepared, OffersAsked
from dialogs.lease import Comps
from dialogs.states import State
from tests.bot.hands import Hands, dispatcher, preparing, raising, reminding
from tests.bot.stage import NOW, Stage, StageClock


async def test_what_comes_of_it_is_told_in_the_turn_that_settles_it(stage: Stage) -> None:
    stored, wish = await preparing(stage)
    hands = Hands(PrepareOffer, then=lambda _: Done(OfferPrepared(Comps())))
    work = dispatcher(stage, hands)
    assert await work.run_once(Lane.LEDGER) == 1
    assert await work.run_once(Lane.LEDGER) == 0
    assert hands.keys == [wish.key]
    assert (hands.jobs[0].stored.id, hands.jobs[0].stored.version) == (stored.id, stored.version)
    assert hands.jobs[0].now == stage.clock.now()
    assert (await stage.again(stored)).renewal.state is State.REMINDED
    assert await stage.status(stored, wish.key) == ("done", 1, None)
    assert work.busy == 0


async def test_what_was_said_is_kept_and_what_has_no_event_is_settled_with_its_note(stage: Stage) -> None:
    stored, say = await reminding(stage)
    spoken = Words(say.key, "bot", "wechat", "您的租约快到期了", say.message)
    await dispatcher(stage, Hands(Say, then=lambda _: Done(words=(spoken,), note="sent"))).run_once(Lane.CHAT)
    assert await stage.status(stored, say.key) == ("done", 1, "sent")
    assert [words for _, words in await stage.store.thread(stored.id)] == [spoken]


async def pauses(stage: Stage, tries: int) -> list[float]:
    """Seconds from each vain try to the next one that is planned."""
    stored, wish = await preparing(stage)
    work = dispatcher(stage, Hands(PrepareOffer, then=raising(Later("busy"))))
    found = []
    for _ in range(tries):
        assert await work.run_once(Lane.LEDGER) == 1
        assert await work.run_once(Lane.LEDGER) == 0, "not before its time"
        [waiting] = [one for one in await stage.store.outbox(stored.id) if one.effect.key == wish.key]
        assert (waiting.status, waiting.error) == ("open", "busy")
        found.append((waiting.run_at - stage.clock.now()).total_seconds())
        stage.clock.at = waiting.run_at
    return found


async def test_later_comes_back_after_growing_pauses_the_last_of_which_repeats(stage: Stage) -> None:
    found = await pauses(stage, len(BACKOFF) + 1)
    for pause, planned in zip(found, (*BACKOFF, BACKOFF[-1]), strict=True):
        assert 0.8 * planned <= pause <= 1.2 * planned


async def test_the_same_attempt_pauses_the_same_on_another_day(
    sqlite_template: Path, tmp_path: Path, sealer: Sealer
) -> None:
    """A replayed day plays out the same: the jitter hangs on key and attempt, not on the machine's luck."""
    found = []
    for name in ("one", "two"):
        store = await connect(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / name)}", sealer)
        found.append(await pauses(Stage(store, StageClock()), 3))
        await store.close()
    assert found[0] == found[1]
    assert found[0] != [2, 8, 30], "spread, not in step"


async def test_a_pause_may_be_named_and_an_event_told_meanwhile(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.AWAITING_SIGNATURE)
    late = Later("the provider is away", seconds=77, tell=EnvelopeDelayed())
    [wish] = [one.effect for one in await lite.store.outbox(stored.id) if one.effect.key == f"E{stored.id}N1"]
    await dispatcher(lite, Hands(type(wish), then=raising(late))).run_once(Lane.ESIGN)
    [waiting] = [one for one in await lite.store.outbox(stored.id) if one.effect.key == wish.key]
    assert waiting.run_at == lite.clock.now() + timedelta(seconds=77)
    assert EnvelopeDelayed() in [line.event for line in await lite.store.log(stored.id)]


async def test_a_dead_letter_waits_for_a_person_and_lets_the_next_one_pass(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stored, say = await reminding(stage)
    hands = Hands(
        Say, then=lambda job: Done() if job.claim.effect.key != say.key else raising(Later("no", dead=True))(job)
    )
    work = dispatcher(stage, hands)
    with caplog.at_level(logging.ERROR, "xuzu.dispatcher"):
        assert await work.run_once(Lane.CHAT) == 1
        await stage.tell(stored, OffersAsked())
        assert [await work.run_once(Lane.CHAT) for _ in range(2)] == [1, 0]
    assert (await stage.status(stored, say.key))[0] == "dead"
    assert (await stage.store.pulse(stage.clock.now() + timedelta(days=9))).dead == 1
    assert say.key in caplog.text


async def test_a_hand_that_breaks_leaves_the_effect_unsure_and_others_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stored, say = await reminding(stage)
    hands = Hands(Say, then=raising(ZeroDivisionError("a mistake of ours")))
    work = dispatcher(stage, hands)
    assert await work.run_once(Lane.CHAT) == 1
    assert work.busy == 0
    assert await stage.status(stored, say.key) == ("open", 1, "ZeroDivisionError: a mistake of ours")
    assert f"effect {say.key} (renewal {stored.id}) broke" in caplog.text
    stage.clock.move(seconds=5)
    await work.run_once(Lane.CHAT)
    assert [job.claim.unsure for job in hands.jobs] == [False, True]


async def test_a_worker_that_died_leaves_the_next_one_unsure(stage: Stage) -> None:
    await reminding(stage)
    await stage.claim(Lane.CHAT)
    hands = Hands(Say)
    assert await dispatcher(stage, hands).run_once(Lane.CHAT) == 0, "the dead one's lease still runs"
    stage.clock.move(seconds=61)
    await dispatcher(stage, hands).run_once(Lane.CHAT)
    assert [job.claim.unsure for job in hands.jobs] == [True]


async def test_what_nobody_wants_any_more_is_settled_without_the_hand(stage: Stage) -> None:
    stored, say = await reminding(stage)
    await stage.tell(stored, Claimed(actor="hk-lin"))
    hands = Hands(Say)
    assert await dispatcher(stage, hands).run_once(Lane.CHAT) == 1
    assert hands.jobs == []
    assert await stage.status(stored, say.key) == ("done", 1, "moot: owned")


async def test_in_quiet_hours_a_notice_waits_for_the_morning_and_an_answer_does_not(stage: Stage) -> None:
    stored, say = await reminding(stage)
    stage.clock.at = datetime(2026, 9, 2, 13, 0, tzinfo=UTC)
    await stage.tell(stored, Followed())
    hands = Hands(Say)
    work = dispatcher(stage, hands)
    assert [await work.run_once(Lane.CHAT) for _ in range(3)] == [1, 1, 0]
    assert [job.claim.effect.route for job in hands.jobs if isinstance(job.claim.effect, Say)] == ["reply"]
    [waiting] = [one for one in await stage.store.outbox(stored.id) if one.effect.key == say.key]
    assert (waiting.status, waiting.run_at) == ("open", datetime(2026, 9, 3, 1, 0, tzinfo=UTC))
    stage.clock.at = waiting.run_at
    assert await work.run_once(Lane.CHAT) == 1
    assert hands.keys[-1] == say.key


async def test_a_worker_that_slept_through_its_lease_cannot_settle(stage: Stage) -> None:
    """The fence: another worker has taken over and finished; what the sleeper brings is not applied a second time."""
    stored, wish = await preparing(stage)
    quick = dispatcher(stage, Hands(PrepareOffer, then=lambda _: Done(OfferPrepared(Comps()))), "quick")
    [asleep] = await stage.claim(Lane.LEDGER)
    stage.clock.move(seconds=61)
    assert await quick.run_once(Lane.LEDGER) == 1
    after = await stage.again(stored)
    sleeper = Hands(PrepareOffer, then=lambda _: Done(OfferPrepared(Comps(count=9))))
    await dispatcher(stage, sleeper, "sleeper").carry_out(asleep)
    assert await stage.unmoved(after)
    assert not await stage.store.settle(asleep, stage.clock.now())
    assert not await stage.store.postpone(asleep, NOW, "late", unsure=False)
    assert await stage.status(stored, wish.key) == ("done", 2, None)


async def test_words_to_one_tenant_leave_in_order(stage: Stage) -> None:
    stored, first = await reminding(stage)
    await stage.tell(stored, Followed())
    await stage.tell(stored, Followed())
    wished = [say.key for say in await stage.wished(stored, Say)]
    tries: list[str] = []

    hands = Hands(Say, then=lambda job: Done() if len(hands.jobs) > 1 else raising(Later("busy"))(job))
    work = dispatcher(stage, hands)
    assert await work.run_once(Lane.CHAT) == 1, "only the oldest is claimed"
    assert await work.run_once(Lane.CHAT) == 0, "the others wait behind it while it fails"
    stage.clock.move(seconds=5)
    for _ in range(3):
        assert await work.run_once(Lane.CHAT) == 1
    tries = hands.keys
    assert tries == [first.key, *wished]


async def test_without_a_provider_an_effect_waits_an_hour(lite: Stage) -> None:
    stored, wish = await preparing(lite)
    await dispatcher(lite, {}).run_once(Lane.LEDGER)
    [waiting] = [one for one in await lite.store.outbox(stored.id) if one.effect.key == wish.key]
    assert waiting.run_at == lite.clock.now() + timedelta(seconds=UNCONNECTED)
    assert waiting.error == "no provider is connected for PrepareOffer"
    assert waiting.status == "open"
