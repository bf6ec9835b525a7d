"""Our callback door, with the provider knocking over loopback HTTP."""

from __future__ import annotations

import logging

import pytest

from backend.esign.port import Notice, NotOurs
from backend.esign.routes import BODY_LIMIT
from backend.sandbox.fadada_faults import Post
from tests.backend.esign.studio import FRIEND, TENANT, Studio


async def test_a_signature_is_heard_with_our_key_and_its_hand(studio: Studio) -> None:
    opened = await studio.opened("R1E1", TENANT, FRIEND)
    await studio.plays(opened.ref, "T1")
    await studio.sandbox.pump()
    assert studio.ear.heard == [
        Notice(opened.ref, "R1E1", "sign-task-start"),
        Notice(opened.ref, "R1E1", "sign-task-signed", "landlord"),
        Notice(opened.ref, "R1E1", "sign-task-signed", "T1"),
    ]
    await studio.plays(opened.ref, "T2")
    await studio.sandbox.pump()
    assert studio.ear.events[-2:] == ["sign-task-signed", "sign-task-finished"]
    assert studio.sandbox.post.counts.acknowledged == 5


async def test_refused_withdrawn_and_expired_are_heard(studio: Studio) -> None:
    refused, withdrawn = await studio.opened("R1E1"), await studio.opened("R2E1")
    await studio.opened("R3E1")
    await studio.plays(refused.ref, "T1", "refuse")
    await studio.esign.withdraw(withdrawn.ref, "条款有误")
    studio.clock.move(days=8)
    await studio.sandbox.pump()
    ends = {notice.key: notice.event for notice in studio.ear.heard}
    assert ends == {
        "R1E1": "sign-task-sign-rejected",
        "R2E1": "sign-task-canceled",
        "R3E1": "sign-task-expire",
    }


async def test_a_deaf_moment_costs_three_minutes(studio: Studio) -> None:
    await studio.opened()
    studio.ear.deaf = [RuntimeError("the database is away")] * 2
    await studio.sandbox.pump()
    assert studio.ear.heard == []
    studio.clock.move(minutes=3)
    await studio.sandbox.pump()
    assert studio.ear.events == ["sign-task-start", "sign-task-signed"]


async def test_the_provider_gives_up_after_three_retries(studio: Studio) -> None:
    await studio.opened()
    studio.ear.deaf = [RuntimeError("gone")] * 8
    for wait in (0, 3, 30, 480, 10_000):
        studio.clock.move(minutes=wait)
        await studio.sandbox.pump()
    assert studio.sandbox.post.counts.given_up == 2
    assert (studio.ear.heard, studio.sandbox.next_due() is not None) == ([], True)


async def test_a_forged_copy_is_refused_and_the_true_one_heard(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    studio.sandbox.post_troubles.next(Post.FORGED)
    with caplog.at_level(logging.WARNING):
        await studio.opened()
        await studio.sandbox.pump()
    counts = studio.sandbox.post.counts
    assert (counts.forged_believed, counts.forged_refused, counts.acknowledged) == (0, 1, 2)
    assert "callback refused" in caplog.text
    assert "张演示" not in caplog.text


async def test_twice_lost_late_and_out_of_order(studio: Studio) -> None:
    studio.sandbox.post_troubles.next(Post.TWICE, Post.LOST, Post.LATE, None)
    opened = await studio.opened()
    await studio.plays(opened.ref, "T1")
    studio.sandbox.post.shuffled = True
    await studio.sandbox.pump()
    assert studio.ear.events == ["sign-task-finished", "sign-task-start", "sign-task-start"]
    studio.clock.move(hours=1)
    await studio.sandbox.pump()
    assert studio.ear.events[-1] == "sign-task-signed"


async def test_unsigned_nonsense_and_bombs_get_a_clear_no(studio: Studio) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, status in (
        (b"", 403),
        (b"bizContent=%7B%7D", 403),
        (b"bizContent=%FF", 403),
        (b"a=1&" * 20 + b"bizContent=1", 403),
        ("bizContent=乱".encode(), 403),
        (b"bizContent=" + b"9" * BODY_LIMIT, 413),
    ):
        async with studio.session.post(studio.door, data=body, headers=form) as answer:
            assert answer.status == status
    assert studio.ear.heard == []


async def test_a_signed_callback_about_something_else_is_acknowledged_and_dropped(studio: Studio) -> None:
    studio.sandbox.post.write(studio.door, "corp-authorize", '{"eventTime":"1","openCorpId":"corp0001"}')
    await studio.sandbox.pump()
    assert (studio.sandbox.post.counts.acknowledged, studio.ear.heard) == (1, [])


async def test_an_envelope_nobody_here_opened_is_logged_and_not_called_for_again(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    studio.ear.deaf = [NotOurs("no renewal has envelope '404'")]
    studio.sandbox.post.write(studio.door, "sign-task-signed", '{"signTaskId":"404","actorId":"T1"}')
    with caplog.at_level(logging.WARNING):
        await studio.sandbox.pump()
    assert (studio.sandbox.post.counts.acknowledged, studio.sandbox.next_due(), studio.ear.heard) == (1, None, [])
    assert "unknown envelope: 404" in caplog.text


async def test_unknown_fields_are_no_reason_to_refuse(studio: Studio) -> None:
    studio.sandbox.post.write(
        studio.door, "sign-task-signed", '{"signTaskId":"1","memberId":12,"brandNew":{"a":[1]},"actorId":"T1"}'
    )
    await studio.sandbox.pump()
    assert studio.ear.heard == [Notice("1", "", "sign-task-signed", "T1")]
