"""A tenant of two homes writes: asked which, remembered for a while, never guessed; on both stores."""

from __future__ import annotations

import msgspec
import pytest

from backend.db.port import Found, Stored
from bot.intake import Intake
from bot.several import Several
from bot.which import MOST, homes, picked, wants_other
from channels.port import InboundKind, choice_id
from dialogs.effects import Ring, Task
from dialogs.events import Asked, Chose, Declined, OptedOut, PictureSent, RepairReported
from dialogs.lease import Party, Role
from dialogs.states import State
from tests.bot.stage import Stage, heard, row
from tests.bot.test_intake import events

OWNER = (Party("p-1", Role.TENANT),)


async def landlady(stage: Stage) -> tuple[Intake, Stored, Stored]:
    """One tenant with homes 1201 and 1202, both reminded and with their offers seen."""
    await stage.opened(row(1), row(2, parties=OWNER, openid=""))
    first, second = sorted(await stage.store.renewals("yuju"), key=lambda one: one.id)
    for one in (first, second):
        await stage.brought(one, State.OFFERED)
    await stage.settle_all()
    return Intake(stage.turns, stage.speaker), first, second


async def test_she_is_asked_which_home_and_nothing_moves(stage: Stage) -> None:
    intake, *_ = await landlady(stage)
    before = await stage.store.renewals("yuju")
    answer = await intake.hear(heard("不续了", "m1"))
    assert answer
    assert "1. 云栖公寓3幢1201\n2. 云栖公寓3幢1202" in answer
    assert "YJ-" not in answer
    assert await stage.store.renewals("yuju") == before
    assert await intake.hear(heard("不续了", "m1")) == answer


async def test_the_number_picks_the_home_and_her_first_words_are_not_lost(stage: Stage) -> None:
    intake, first, second = await landlady(stage)
    await intake.hear(heard("押金能退多少", "m1"))
    answer = await intake.hear(heard("2", "m2"))
    assert answer
    assert answer.startswith("好的，现在说的是云栖公寓3幢1202。\n")
    assert (await events(stage, second))[-1] == Asked(topic="deposit", via="wechat", message="m2")
    assert not [one for one in await events(stage, first) if isinstance(one, Asked)]
    assert await intake.hear(heard("2", "m2")) == answer


async def test_a_choice_made_before_the_home_was_clear_has_to_be_said_again(stage: Stage) -> None:
    intake, first, second = await landlady(stage)
    await intake.hear(heard("选1", "m1"))
    answer = await intake.hear(heard("1202", "m2"))
    assert answer
    assert answer.startswith("好的，现在说的是云栖公寓3幢1202。\n云栖公寓3幢1202续租进度：")
    assert "1201" not in answer
    assert not [one for found in (first, second) for one in await events(stage, found) if isinstance(one, Chose)]
    await intake.hear(heard("选1", "m3"))
    assert (await events(stage, second))[-1] == Chose(number=1, via="wechat", message="m3")


async def test_the_talk_stays_with_that_home_for_half_an_hour(stage: Stage) -> None:
    intake, _, second = await landlady(stage)
    await intake.hear(heard("在吗", "m1"))
    await intake.hear(heard("第二套", "m2"))
    stage.clock.move(minutes=20)
    await intake.hear(msgspec.structs.replace(heard("空调坏了 不制冷 报修", "m3"), at=stage.clock.now()))
    assert isinstance((await events(stage, second))[-1], RepairReported)
    stage.clock.move(minutes=31)
    answer = await intake.hear(msgspec.structs.replace(heard("谢谢", "m4"), at=stage.clock.now()))
    assert answer
    assert "1. 云栖公寓3幢1201" in answer


async def test_she_may_speak_of_the_other_one(stage: Stage) -> None:
    intake, *_ = await landlady(stage)
    await intake.hear(heard("你好", "m1"))
    await intake.hear(heard("1", "m2"))
    answer = await intake.hear(heard("换一套", "m3"))
    assert answer
    assert "2. 云栖公寓3幢1202" in answer
    answer = await intake.hear(heard("二", "m4"))
    assert answer
    assert answer.startswith("好的，现在说的是云栖公寓3幢1202。\n")


async def test_a_late_copy_of_what_made_us_ask_picks_no_home(stage: Stage) -> None:
    """The copy was looked up before the first one was answered: its number is still not an answer to the question."""
    intake, first, second = await landlady(stage)
    asked = await intake.hear(heard("2", "m1"))

    async def never(*_: object) -> str | None:
        raise AssertionError("no home was picked")

    several = Several(stage.turns, stage.speaker, "wechat", never)
    assert await several.hear(heard("2", "m1"), Found("p-1", (first, second))) == asked
    assert await intake.hear(heard("那个", "m2")) == asked, "no home came into focus"


async def test_the_talk_about_a_home_outlives_the_process(stage: Stage) -> None:
    intake, _, second = await landlady(stage)
    await intake.hear(heard("押金能退多少", "m1"))
    answer = await Intake(stage.turns, stage.speaker).hear(heard("2", "m2"))
    assert answer
    assert (await events(stage, second))[-1] == Asked(topic="deposit", via="wechat", message="m2")
    await Intake(stage.turns, stage.speaker).hear(heard("空调坏了 不制冷 报修", "m3"))
    assert isinstance((await events(stage, second))[-1], RepairReported)


@pytest.mark.parametrize("text", ["选二" * 5000, "\x00\x07好" * 4000, "\u202e2\u202c" * 3000, "😀" * 9000])
async def test_a_wall_of_text_is_asked_about_and_kept_and_breaks_nothing(stage: Stage, text: str) -> None:
    intake, first, second = await landlady(stage)
    answer = await intake.hear(heard(text, "m1"))
    assert answer
    assert "2. 云栖公寓3幢1202" in answer
    answer = await intake.hear(heard("2", "m2"))
    assert answer
    assert answer.startswith("好的，现在说的是云栖公寓3幢1202。")
    assert not [one for found in (first, second) for one in await events(stage, found) if isinstance(one, Chose)]


async def test_a_number_that_is_no_home_is_asked_again(stage: Stage) -> None:
    intake, *_ = await landlady(stage)
    asked = await intake.hear(heard("押金", "m1"))
    assert await intake.hear(heard("7", "m2")) == asked
    assert await intake.hear(heard("那个", "m3")) == asked


async def test_a_tap_names_its_own_home(stage: Stage) -> None:
    intake, first, second = await landlady(stage)
    offer = (await stage.again(second)).renewal.offer
    assert offer is not None
    tap = msgspec.structs.replace(
        heard("", "m1", kind=InboundKind.CHOICE), choice=choice_id(second.id, offer.version, "1")
    )
    await intake.hear(tap)
    assert (await stage.again(second)).renewal.state is State.CONFIRMING
    assert (await stage.again(first)).renewal.state is State.OFFERED


async def test_pictures_are_asked_about_once(stage: Stage) -> None:
    intake, first, second = await landlady(stage)
    answers = [await intake.hear(heard("", f"m{number}", kind=InboundKind.MEDIA)) for number in range(5)]
    assert [bool(answer) for answer in answers] == [True] + [False] * 4
    assert not [one for found in (first, second) for one in await events(stage, found) if isinstance(one, PictureSent)]
    answer = await intake.hear(heard("2", "m9"))
    assert answer
    assert answer.startswith("好的，现在说的是云栖公寓3幢1202。\n收到您发来的内容")
    assert (await events(stage, second))[-1] == PictureSent(via="wechat", message="m9")
    assert [one.task for one in await stage.wished(second, Ring)] == [Task.LOOK]


async def test_a_picture_after_the_question_does_not_push_the_first_words_out(stage: Stage) -> None:
    intake, _, second = await landlady(stage)
    await intake.hear(heard("押金能退多少", "m1"))
    assert await intake.hear(heard("", "m2", kind=InboundKind.MEDIA)) is None
    await intake.hear(heard("2", "m3"))
    assert (await events(stage, second))[-1] == Asked(topic="deposit", via="wechat", message="m3")


async def test_a_tap_on_a_card_of_no_open_lease_is_no_answer_to_the_question(lite: Stage) -> None:
    intake, *_ = await landlady(lite)
    asked = await intake.hear(heard("押金能退多少", "m1"))
    tap = msgspec.structs.replace(heard("1", "m2", kind=InboundKind.CHOICE), choice=choice_id(999, 1, "1"))
    assert await intake.hear(tap) == asked


async def test_stop_and_wrong_person_are_for_every_lease_and_name_no_home(stage: Stage) -> None:
    intake, first, second = await landlady(stage)
    answer = await intake.hear(heard("退订", "m1"))
    assert answer
    assert "1201" not in answer
    assert "1202" not in answer
    for one in (first, second):
        assert isinstance((await events(stage, one))[-1], OptedOut)


async def test_by_sms_a_person_asks(stage: Stage) -> None:
    _, first, second = await landlady(stage)
    intake = Intake(stage.turns, stage.speaker, "sms")
    text = msgspec.structs.replace(heard("不续了", "m1"), address="13800000002")
    assert await intake.hear(text) is None
    assert Task.HANDOFF in [one.task for one in await stage.wished(first, Ring)]
    assert not [one for found in (first, second) for one in await events(stage, found) if isinstance(one, Declined)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1", 1), ("２", 2), ("二", 2), ("第一套", 1), ("2号吧", 2), ("1202那间", 2),
        ("云栖公寓3幢1201", 1), ("说1201的事", 1),
        ("3", 0), ("12012", 0), ("1201和1202", 0), ("选2", 0), ("好的", 0), ("", 0),
    ],
)  # fmt: skip
async def test_which_home_a_text_names(lite: Stage, text: str, place: int) -> None:
    _, first, second = await landlady(lite)
    found = picked(text, (second, first))
    assert found == (None, first, second)[place]
    assert homes((second, first)).splitlines()[0].startswith("1. ")


@pytest.mark.parametrize(
    ("text", "other"), [("换一套", True), ("我说的是另一套", True), ("换一间带阳台的", False), ("好的", False)]
)
def test_another_home(text: str, other: bool) -> None:
    assert wants_other(text) is other


async def test_more_homes_than_a_digit_can_name_are_for_a_person(lite: Stage) -> None:
    _, first, _ = await landlady(lite)
    many = tuple(msgspec.structs.replace(first, id=first.id + number) for number in range(MOST + 1))

    async def never(*_: object) -> str | None:
        raise AssertionError("no home was picked")

    several = Several(lite.turns, lite.speaker, "wechat", never)
    assert await several.hear(heard("在哪签合同", "m1"), Found("p-1", many)) is None
    assert Task.HANDOFF in [one.task for one in await lite.wished(first, Ring)]
