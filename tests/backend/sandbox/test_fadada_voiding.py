"""Voiding at the emulator, asked for by a client written from the wire facts alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.backend.sandbox.stranger import Meeting, inside, met

PATH = "/sign-task/abolish"
BY_THE_LANDLORD = {"initiatorId": "corp0001"}


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
    async with met() as made:
        yield made


async def signed(meeting: Meeting) -> str:
    _, told = await meeting.stranger.creates()
    ref = inside(told)["signTaskId"]
    assert await meeting.stranger.plays(ref, "T1", "sign") == 200
    return ref


async def voids(meeting: Meeting, ref: str, **changes: object) -> dict[str, object]:
    asked: dict[str, object] = {"abolishedInitiator": BY_THE_LANDLORD, "reason": "双方同意", "autoStart": True}
    return (await meeting.stranger.call(PATH, {"signTaskId": ref, **asked, **changes}))[1]


async def states(meeting: Meeting, *refs: str) -> list[str]:
    told = [await meeting.stranger.call("/sign-task/app/get-detail", {"signTaskId": ref}) for ref in refs]
    return [inside(one)["signTaskStatus"] for _, one in told]


async def test_void_once_every_original_signer_has_signed_and_not_before(meeting: Meeting) -> None:
    ref = await signed(meeting)
    voiding = inside(await voids(meeting, ref))["abolishedSignTaskId"]
    assert await states(meeting, ref, voiding) == ["abolishing", "sign_progress"]
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["L", "T1"]
    await meeting.stranger.plays(voiding, "T1", "sign")
    assert await states(meeting, ref, voiding) == ["abolishing", "sign_progress"]
    await meeting.stranger.plays(voiding, "L", "sign")
    assert await states(meeting, ref, voiding) == ["revoked", "task_finished"]
    await meeting.sandbox.pump()
    event, said = meeting.stranger.heard[-1]
    assert (event, said["signTaskId"], said["signTaskStatus"]) == ("sign-task-abolish", ref, "revoked")


async def test_the_truth_tells_a_voiding_from_a_contract(meeting: Meeting) -> None:
    ref = await signed(meeting)
    voiding = inside(await voids(meeting, ref))["abolishedSignTaskId"]
    truth = json.loads(json.dumps(meeting.sandbox.truth()))
    assert {one: task["voids"] for one, task in truth["tasks"].items()} == {ref: None, voiding: ref}
    assert truth["envelopes"] == {"K1": [ref]}


async def test_only_a_finished_task_and_only_one_voiding_at_a_time(meeting: Meeting) -> None:
    _, told = await meeting.stranger.creates("K2")
    assert (await voids(meeting, inside(told)["signTaskId"]))["code"] == "100011"
    ref = await signed(meeting)
    waiting = inside(await voids(meeting, ref, autoStart=False))["abolishedSignTaskId"]
    assert (await voids(meeting, ref))["code"] == "100011"
    await meeting.stranger.call("/sign-task/delete", {"signTaskId": waiting})
    running = inside(await voids(meeting, ref))["abolishedSignTaskId"]
    assert (await voids(meeting, ref))["code"] == "100011"
    assert await meeting.stranger.plays(running, "T1", "refuse") == 200
    assert await states(meeting, ref) == ["task_finished"]
    assert inside(await voids(meeting, ref))["abolishedSignTaskId"] != running


@pytest.mark.parametrize("do", ["cancel", "delete"])
async def test_a_finished_task_is_neither_cancelled_nor_deleted(meeting: Meeting, do: str) -> None:
    ref = await signed(meeting)
    _, told = await meeting.stranger.call(f"/sign-task/{do}", {"signTaskId": ref})
    assert told["code"] == {"cancel": "211126", "delete": "211055"}[do]
    assert await states(meeting, ref) == ["task_finished"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "100012"),
        ({"reason": "长" * 201}, "100011"),
        ({"docSource": "selfUpload"}, "100011"),
        ({"autoStart": "true"}, "100011"),
        ({"abolishedInitiator": {}}, "100012"),
        ({"abolishedInitiator": {"initiatorId": "another"}}, "100011"),
        ({"abolishedInitiator": {"actorId": "T9"}}, "211066"),
        ({"actors": [{"actor": {"actorId": "T9"}}]}, "211066"),
        ({"businessCode": "K9"}, "100011"),
    ],
)
async def test_a_voiding_that_cannot_be_is_refused(meeting: Meeting, changes: dict[str, object], code: str) -> None:
    ref = await signed(meeting)
    assert (await voids(meeting, ref, **changes))["code"] == code
    assert (await states(meeting, ref), len(meeting.sandbox.book.tasks)) == (["task_finished"], 1)


async def test_a_signer_may_ask_and_name_the_signers(meeting: Meeting) -> None:
    ref = await signed(meeting)
    named = [{"actor": {"actorId": "T1", "sendNotification": True}}]
    told = await voids(meeting, ref, abolishedInitiator={"actorId": "T1"}, actors=named)
    assert inside(told)["abolishedSignTaskId"]
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["L", "T1"]
