"""The tenant's door: a message is applied once and answered the same for ever; who cannot be placed is not guessed."""

from __future__ import annotations

import asyncio

import pytest

from backend.db.port import Stored, StoreDown
from backend.db.reach_port import Attempt
from bot.intake import Intake
from bot.receipts import parked_key
from bot.turn import Contended
from channels.port import InboundKind
from dialogs.effects import Lane, Ring, Route, Say, Task
from dialogs.events import (
    AttemptFailed,
    Chose,
    Claimed,
    Confirmed,
    Event,
    Followed,
    MessageDelivered,
    MessageSent,
    NotUnderstood,
    OffersAsked,
    OptedOut,
    PictureSent,
    Unfollowed,
    Unreach,
)
from dialogs.states import State
from tests.bot.stage import OPENID, Stage, heard


async def listening(stage: Stage, to: State = State.REMINDED) -> tuple[Intake, Stored]:
    stored = await stage.brought(await stage.opened(), to)
    await stage.settle_all()
    return Intake(stage.turns, stage.speaker), stored


async def events(stage: Stage, stored: Stored) -> list[Event]:
    return [line.event for line in await stage.store.log(stored.id)]


async def test_words_become_an_event_and_get_their_answer_in_the_same_breath(stage: Stage) -> None:
    intake, stored = await listening(stage)
    answer = await intake.hear(heard("续租有哪些方案？", "m1"))
    assert answer is not None
    assert "3,200" in answer
    assert (await events(stage, stored))[-1] == OffersAsked(via="wechat", message="m1")
    assert (await stage.again(stored)).renewal.state is State.OFFERED
    thread = [(words.author, words.text) for _, words in await stage.store.thread(stored.id)]
    assert thread == [("tenant", "续租有哪些方案？"), ("bot", answer)]
    assert await stage.claim(Lane.CHAT) == [], "what was answered does not wait in the outbox too"


async def test_the_same_message_is_applied_once_and_answered_the_same(stage: Stage) -> None:
    intake, stored = await listening(stage)
    first = await intake.hear(heard("续租有哪些方案？", "m1"))
    moved = await stage.again(stored)
    stage.clock.move(hours=3)
    assert await intake.hear(heard("续租有哪些方案？", "m1")) == first
    assert await intake.hear(heard("不续了", "m1")) == first, "the number counts, not the words"
    assert await stage.unmoved(moved)


async def test_ten_copies_at_once_are_one_message(stage: Stage) -> None:
    intake, stored = await listening(stage)
    answers = await asyncio.gather(*(intake.hear(heard("续租有哪些方案？", "m1")) for _ in range(10)))
    assert len(set(answers)) == 1
    assert answers[0]
    assert (await events(stage, stored)).count(OffersAsked(via="wechat", message="m1")) == 1
    assert len(await stage.store.thread(stored.id)) == 2


async def test_ten_choices_at_once_ask_one_question_each_in_turn(lite: Stage) -> None:
    intake, stored = await listening(lite, State.OFFERED)
    answers = await asyncio.gather(*(intake.hear(heard("1", f"m{number}")) for number in range(10)))
    assert all(answers)
    chosen = [event for event in await events(lite, stored) if isinstance(event, Chose)]
    assert sorted(event.message for event in chosen) == sorted(f"m{number}" for number in range(10))
    assert (await lite.again(stored)).renewal.state is State.CONFIRMING


async def test_a_silence_is_the_same_silence_the_second_time(lite: Stage) -> None:
    """A person owns the thread: the words are kept, the machine says nothing."""
    intake, stored = await listening(lite)
    stored = await lite.tell(stored, Claimed(actor="hk-lin"))
    assert await intake.hear(heard("你好", "m1")) is None
    assert await intake.hear(heard("你好", "m1")) is None
    assert [words.text for _, words in await lite.store.thread(stored.id)] == ["你好"]


async def test_an_answer_queues_behind_words_that_still_wait(lite: Stage) -> None:
    """The reminder has not left yet: an answer that overtook it would make no sense."""
    stored = await lite.brought(await lite.opened(), State.REMINDED)
    intake = Intake(lite.turns, lite.speaker)
    assert await intake.hear(heard("续租有哪些方案？", "m1")) is None
    reminder, answer = await lite.wished(stored, Say)
    assert (reminder.message, reminder.route) == ("remind_warm", Route.NOTICE)
    assert (answer.message, answer.route) == ("offers", Route.CUSTOM)
    assert await intake.hear(heard("续租有哪些方案？", "m1")) is None


async def test_a_stranger_is_answered_and_moves_nothing(stage: Stage) -> None:
    intake, stored = await listening(stage)
    answer = await intake.hear(heard("你好", "m1", openid="o-nobody"))
    assert answer
    assert "租客" not in answer
    assert await intake.hear(heard("你好", "m1", openid="o-nobody")) == answer
    assert await stage.unmoved(stored)
    gone = heard("", "m2", openid="o-nobody", kind=InboundKind.UNFOLLOW)
    assert await intake.hear(gone) is None


async def sent(stage: Stage, stored: Stored, ref: str) -> str:
    """The reminder left over the template rung, and the provider calls it ``ref``; its key."""
    key: str
    [key] = [one.key for one in await stage.wished(stored, Say)]
    attempt = Attempt(
        key, "template", stored.id, stored.tenant, "remind_warm", stage.clock.now(), "accepted", "wechat", ref=ref
    )
    await stage.store.note_attempt(attempt)
    await stage.tell(stored, MessageSent(key, "template", more=True))
    return key


async def test_a_receipt_speaks_to_the_renewal_of_its_message(stage: Stage) -> None:
    intake, stored = await listening(stage)
    key = await sent(stage, stored, "77")
    receipt = heard("", "e1", kind=InboundKind.RECEIPT, ref="77", delivered=True)
    assert await intake.hear(receipt) is None
    moved = await stage.again(stored)
    assert (await events(stage, stored))[-1] == MessageDelivered(key)
    assert await intake.hear(receipt) is None
    assert await stage.unmoved(moved)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [("opted_out", Unreach.OPTED_OUT), ("bad_number", Unreach.BAD_NUMBER), ("system", Unreach.UNREACHABLE)],
)
async def test_a_receipt_of_failure_says_why_and_the_message_climbs(lite: Stage, failure: str, kind: Unreach) -> None:
    intake, stored = await listening(lite)
    key = await sent(lite, stored, "77")
    await intake.hear(heard("", "e1", kind=InboundKind.RECEIPT, ref="77", failure=failure))
    assert (await events(lite, stored))[-1] == AttemptFailed(key, kind)
    again = (await lite.wished(stored, Say))[-1]
    assert (again.message, again.tried) == ("remind_warm", ("template",))
    ways = await lite.store.ways(stored.tenant, "", lite.clock.now())
    assert ways.contact.refuses_wechat is (failure == "opted_out")


async def test_a_failure_that_overtakes_our_own_turn_is_asked_to_come_again(lite: Stage) -> None:
    intake, stored = await listening(lite)
    [key] = [one.key for one in await lite.wished(stored, Say)]
    now = lite.clock.now()
    await lite.store.note_attempt(
        Attempt(key, "template", stored.id, stored.tenant, "remind_warm", now, "accepted", "wechat", ref="7")
    )
    with pytest.raises(Contended):
        await intake.hear(heard("", "e1", kind=InboundKind.RECEIPT, ref="7", failure="system"))
    await lite.tell(stored, MessageSent(key, "template", more=True))
    await intake.hear(heard("", "e1", kind=InboundKind.RECEIPT, ref="7", failure="system"))
    assert (await events(lite, stored))[-1] == AttemptFailed(key, Unreach.UNREACHABLE)


async def test_a_receipt_that_overtakes_our_note_is_parked(lite: Stage) -> None:
    intake, stored = await listening(lite)
    await intake.hear(heard("", "e1", kind=InboundKind.RECEIPT, ref="88", failure="opted_out"))
    parked = await lite.store.find("wechat", OPENID, parked_key("88"), lite.clock.now())
    assert (parked.seen, parked.reply) == (True, "opted_out|")
    assert await lite.unmoved(stored)


async def test_a_tap_names_renewal_and_offer_and_an_old_one_is_stale(lite: Stage) -> None:
    intake, stored = await listening(lite, State.OFFERED)
    old = heard("1. 原价续租", "m1", kind=InboundKind.CHOICE, choice=f"{stored.id}.9.1")
    await intake.hear(old)
    assert (await lite.again(stored)).renewal.state is State.OFFERED
    version = stored.renewal.offer.version if stored.renewal.offer else 0
    await intake.hear(heard("1. 原价续租", "m2", kind=InboundKind.CHOICE, choice=f"{stored.id}.{version}.1"))
    after = await lite.again(stored)
    assert after.renewal.state is State.CONFIRMING
    await intake.hear(heard("确认，就选这个", "m3", kind=InboundKind.CHOICE, choice=f"{stored.id}.{version}.yes"))
    assert (await lite.again(stored)).renewal.state is State.CHECKING


async def test_an_opt_out_by_sms_is_final_and_nothing_is_said(lite: Stage) -> None:
    _, stored = await listening(lite)
    intake = Intake(lite.turns, lite.speaker, "sms")
    out = heard("TD", "s1", openid="13800000001", kind=InboundKind.OPT_OUT)
    assert await intake.hear(out) is None
    assert await intake.hear(out) is None
    after = await lite.again(stored)
    assert after.renewal.opted_out
    assert sum(isinstance(one, OptedOut) for one in await events(lite, stored)) == 1
    assert (await lite.store.ways(stored.tenant, "", lite.clock.now())).contact.refuses_sms


async def test_a_bare_number_by_sms_answers_only_an_sms_of_the_last_days(lite: Stage) -> None:
    _, stored = await listening(lite, State.OFFERED)
    intake = Intake(lite.turns, lite.speaker, "sms")
    await intake.hear(heard("1", "s1", openid="13800000001"))
    assert isinstance((await events(lite, stored))[-1], NotUnderstood)
    now = lite.clock.now()
    await lite.store.note_attempt(
        Attempt("say:1:0", "sms", stored.id, stored.tenant, "remind_warm", now, "accepted", "sms", ref="b1")
    )
    await intake.hear(heard("1", "s2", openid="13800000001"))
    assert (await lite.again(stored)).renewal.state is State.CONFIRMING


async def test_who_unfollows_and_follows_again_is_heard_both_times(lite: Stage) -> None:
    intake, stored = await listening(lite)
    assert await intake.hear(heard("", "e1", kind=InboundKind.UNFOLLOW)) is None
    welcome = await intake.hear(heard("", "e2", kind=InboundKind.FOLLOW))
    assert welcome
    assert (await events(lite, stored))[-2:] == [Unfollowed(), Followed()]
    await intake.hear(heard("", "e3", kind=InboundKind.BIND, scene="x"))
    assert (await events(lite, stored))[-1] == Followed()


@pytest.mark.parametrize(("kind", "event"), [(InboundKind.MEDIA, PictureSent), (InboundKind.OTHER, NotUnderstood)])
async def test_what_is_not_words_is_not_ignored(
    lite: Stage, kind: InboundKind, event: type[PictureSent | NotUnderstood]
) -> None:
    intake, stored = await listening(lite)
    assert await intake.hear(heard("", "m1", kind=kind))
    assert (await events(lite, stored))[-1] == event(via="wechat", message="m1")
    assert all(words.author == "bot" for _, words in await lite.store.thread(stored.id))


async def test_a_storm_of_pictures_gets_one_answer(lite: Stage) -> None:
    intake, stored = await listening(lite)
    answers = [await intake.hear(heard("", f"m{number}", kind=InboundKind.MEDIA)) for number in range(9)]
    assert [bool(answer) for answer in answers] == [True] + [False] * 8
    assert [one.task for one in await lite.wished(stored, Ring)] == [Task.LOOK]


@pytest.mark.parametrize("text", ["选二" * 5000, "\x00\x07好" * 4000, "\u202e2\u202c" * 3000, "😀" * 9000])
async def test_a_wall_of_text_is_one_message_and_no_choice(stage: Stage, text: str) -> None:
    intake, stored = await listening(stage)
    assert await intake.hear(heard(text, "m1"))
    assert not isinstance((await events(stage, stored))[-1], Chose | Confirmed)


async def test_a_database_that_is_away_is_an_error_so_that_wechat_asks_again(lite: Stage) -> None:
    intake, _ = await listening(lite)
    await lite.store.close()
    with pytest.raises(StoreDown):
        await intake.hear(heard("你好", "m1"))
