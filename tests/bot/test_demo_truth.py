"""The truth check of the demo can fail: each broken promise is found when the partners' side is tampered with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from backend.db.port import Stored
from backend.sandbox.wechat_book import Shown
from bot.demo_truth import doors, endings, messages, money, seals
from bot.demo_world import World
from bot.effects.lock import end_of_day
from dialogs.events import AccessExtended
from dialogs.renewal import Renewal
from dialogs.states import LossReason, State
from tests.stories.story import LEASE, paid, read_back, reminded

NOON = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    return lambda: World(lambda: NOON, 1, tmp_path_factory.mktemp("world"), "http://127.0.0.1:9")


@pytest.fixture
def world(made: Callable[[], World]) -> World:
    fresh = made()
    fresh.fit_locks([LEASE])
    return fresh


def stored(renewal: Renewal, number: int = 7) -> Stored:
    return Stored(number, "寓居", "p1", 9, renewal)


def renewed() -> Renewal:
    story = paid()
    story.hears(read_back(story))
    return story.renewal


def test_a_renewal_that_believes_it_was_paid_and_was_not(world: World) -> None:
    (found,) = money(world, [stored(renewed())])
    assert "believes it was paid" in found


def test_a_contract_that_counts_as_signed_and_is_not(world: World) -> None:
    (found,) = seals(world, [stored(renewed())])
    assert "counts as signed, and is not" in found


def test_a_door_that_closes_before_the_new_term_ends(world: World) -> None:
    (found,) = doors(world, [stored(renewed())])
    assert "closes early" in found


def test_a_door_that_was_prolonged_without_a_reason(world: World) -> None:
    until = end_of_day(LEASE.end + timedelta(days=30))
    world.locks.doors.add(int(LEASE.lock), "passcode", [(NOON, until)])
    (found,) = doors(world, [stored(reminded().renewal)])
    assert "nobody says why" in found
    held = reminded().hears(AccessExtended(LEASE.end + timedelta(days=30))).renewal
    assert doors(world, [stored(held)]) == []


def test_a_notice_in_the_night(world: World) -> None:
    world.wechat.add_follower("o1")
    night = datetime(2026, 9, 20, 13, 0, tzinfo=UTC)
    world.wechat.inbox("o1").append(Shown(night, "template", "租约到期提醒"))
    (found,) = messages(world)
    assert "09-20 21:00" in found


def test_one_message_with_two_answers(world: World) -> None:
    world.wechat.book.answers["1"] = {"好的", "抱歉"}
    (found,) = messages(world)
    assert "two ways" in found


def test_an_ending_without_a_reason_or_no_ending_at_all() -> None:
    lost = replace(reminded().renewal, state=State.MOVED_OUT)
    (found,) = endings([stored(lost)])
    assert "moved_out" in found
    assert endings([stored(replace(lost, loss=LossReason.PRICE))]) == []
    (found,) = endings([stored(reminded().renewal)])
    assert "has not ended" in found
    (found,) = endings([stored(replace(renewed(), loss=LossReason.PRICE))])
    assert "renewed" in found


def test_a_good_ending_is_good() -> None:
    assert endings([stored(renewed())]) == []
