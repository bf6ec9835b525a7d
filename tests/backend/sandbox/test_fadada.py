"""The emulator met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from backend.sandbox.fadada import FadadaSandbox
from backend.sandbox.fadada_faults import Fault, Post
from backend.sandbox.wechatpay_faults import Troubles
from tests.backend.sandbox.stranger import BEGAN, TENANT, Meeting, inside, met


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
    async with met() as made:
        yield made


async def test_the_landlord_seals_alone_and_the_tenant_by_hand(meeting: Meeting) -> None:
    _, told = await meeting.stranger.creates()
    ref = inside(told)["signTaskId"]
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["T1"]
    assert await meeting.stranger.plays(ref, "T1", "sign") == 200
    assert await meeting.stranger.plays(ref, "T1", "sign") == 409
    truth = json.loads(json.dumps(meeting.sandbox.truth()))
    assert truth["tasks"][ref]["state"] == "task_finished"
    assert [seal["actor"] for seal in truth["seals"]] == ["L", "T1"]
    assert truth["envelopes"] == {"K1": [ref]}


async def test_asked_twice_is_made_twice(meeting: Meeting) -> None:
    for _ in range(2):
        await meeting.stranger.creates("K1")
    truth = json.loads(json.dumps(meeting.sandbox.truth()))
    assert len(truth["envelopes"]["K1"]) == 2


async def test_an_empty_form_field_is_no_content_when_a_token_is_asked_for(meeting: Meeting) -> None:
    stranger = meeting.stranger
    stranger.token = ""
    _, told = await stranger.send("/service/get-access-token", "", stranger.signed(None))
    assert inside(told)["expiresIn"] == "7200"
    _, told = await stranger.send("/service/get-access-token", "{}", stranger.signed(None))
    assert told["code"] == "100011"


async def test_a_nonce_is_good_once(meeting: Meeting) -> None:
    stranger, biz = meeting.stranger, '{"signTaskId":"1"}'
    headers = stranger.signed(biz)
    first = await stranger.send("/sign-task/app/get-detail", biz, headers)
    again = await stranger.send("/sign-task/app/get-detail", biz, headers)
    assert (first[1]["code"], again[1]["code"]) == ("100011", "100009")


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_five_minutes_off_is_refused(meeting: Meeting, minutes: int) -> None:
    stamp = str(round((meeting.stranger.now + timedelta(minutes=minutes)).timestamp() * 1000))
    _, told = await meeting.stranger.call("/sign-task/app/get-detail", {}, **{"X-FASC-Timestamp": stamp})
    assert told["code"] == "100001"


async def test_a_token_lives_two_hours_after_its_last_use(meeting: Meeting) -> None:
    meeting.stranger.now += timedelta(hours=1, minutes=59)
    assert (await meeting.stranger.call("/file/get-upload-url", {"fileType": "doc"}))[1]["code"] == "100000"
    meeting.stranger.now += timedelta(hours=2)
    status, told = await meeting.stranger.call("/file/get-upload-url", {"fileType": "doc"})
    assert (status, told["code"]) == (401, "100002")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"docs": []}, "211145"),
        ({"actors": []}, "211146"),
        ({"businessId": ""}, "211118"),
        ({"invented": 1}, "100011"),
        ({"expiresTime": "1"}, "100011"),
        ({"initiator": {"idType": "corp", "openId": "another"}}, "213002"),
        ({"signTaskSubject": "长" * 201}, "100011"),
    ],
)
async def test_a_task_that_cannot_be_is_refused(meeting: Meeting, changes: dict[str, object], code: str) -> None:
    _, told = await meeting.stranger.creates("K1", **changes)
    assert told["code"] == code
    assert meeting.sandbox.book.tasks == {}


async def test_a_file_under_a_wrong_name_is_refused(meeting: Meeting) -> None:
    _, told = await meeting.stranger.uploads(b"<p>not a pdf</p>", "paper.pdf")
    assert told["code"] == "211157"


async def test_without_the_grant_the_seal_waits_for_a_hand(meeting: Meeting) -> None:
    await meeting.stranger.creates(businessId="scene-nobody-granted")
    assert [one["actor"] for one in meeting.sandbox.waiting_for()] == ["L", "T1"]


async def test_newest_first_when_shuffled(meeting: Meeting) -> None:
    _, told = await meeting.stranger.creates()
    await meeting.stranger.plays(inside(told)["signTaskId"], "T1", "sign")
    meeting.sandbox.post.shuffled = True
    await meeting.sandbox.pump()
    assert meeting.stranger.events[0] == "sign-task-finished"
    assert {biz["transReferenceId"] for _, biz in meeting.stranger.heard} == {"K1"}


async def test_a_callback_comes_again_after_3_min_30_min_and_8_h(meeting: Meeting) -> None:
    stranger, sandbox = meeting.stranger, meeting.sandbox
    stranger.answer = lambda: web.Response(text="busy")
    await stranger.creates(actors=[TENANT])
    tried = [await sandbox.pump()]
    for wait in (timedelta(minutes=3), timedelta(minutes=30), timedelta(hours=8)):
        assert await sandbox.pump() == 0
        stranger.now += wait
        tried.append(await sandbox.pump())
    assert tried == [1, 1, 1, 1]
    assert (sandbox.next_due(), sandbox.post.counts.given_up) == (None, 1)


@pytest.mark.parametrize(
    ("trouble", "at_once", "later"), [(Post.LOST, 0, 0), (Post.TWICE, 2, 2), (Post.LATE, 0, 1), (Post.FORGED, 1, 1)]
)
async def test_what_may_happen_to_a_callback(meeting: Meeting, trouble: Post, at_once: int, later: int) -> None:
    meeting.sandbox.post_troubles.next(trouble)
    await meeting.stranger.creates(actors=[TENANT])
    await meeting.sandbox.pump()
    assert len(meeting.stranger.heard) == at_once
    meeting.stranger.now += timedelta(hours=1)
    await meeting.sandbox.pump()
    assert len(meeting.stranger.heard) == later
    assert meeting.sandbox.post.counts.forged_believed == 0


async def test_broken_after_the_deed_leaves_the_deed(meeting: Meeting) -> None:
    meeting.sandbox.faults.next(None, None, Fault.BROKEN_AFTER)
    status, told = await meeting.stranger.creates()
    assert (status, told["code"]) == (500, "100001")
    assert len(meeting.sandbox.book.tasks) == 1


def test_the_same_seed_draws_the_same_numbers_and_troubles() -> None:
    rates = {Fault.BUSY: 0.3, Fault.RESET_AFTER: 0.3}

    def drawn(seed: int) -> tuple[list[Fault | None], str]:
        sandbox = FadadaSandbox("a", "s", lambda: BEGAN, seed, faults=Troubles(rates, seed))
        return [sandbox.faults.draw() for _ in range(20)], sandbox.book.number()

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)
