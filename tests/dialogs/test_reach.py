"""How words may reach the tenant: the budget of the window, quiet hours, and caps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from dialogs.effects import Route
from dialogs.events import Followed, MessageDelivered, Thanked, TierDue
from dialogs.policy import Policy
from dialogs.reach import CLICK_UNITS, WINDOW_UNITS, awake, is_quiet, refilled, slot, way
from dialogs.renewal import Budget, Owner, Silence
from dialogs.workdays import SHANGHAI
from tests.stories.story import reminded

POLICY = Policy()
NOON = datetime(2026, 9, 16, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(8, 59, True), (9, 0, False), (19, 59, False), (20, 0, True), (3, 0, True)]
)
def test_quiet_hours_go_over_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert is_quiet(POLICY, datetime(2026, 9, 16, hour, minute, tzinfo=SHANGHAI)) is quiet


def test_what_falls_into_the_night_waits_for_the_morning() -> None:
    assert awake(POLICY, NOON) == NOON
    evening = datetime(2026, 9, 16, 20, 30, tzinfo=SHANGHAI)
    assert awake(POLICY, evening) == datetime(2026, 9, 17, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)


def test_words_refill_the_budget_and_a_follow_gives_a_minute() -> None:
    assert refilled(Thanked(via="wechat"), Budget(), NOON) == Budget(WINDOW_UNITS, NOON + timedelta(hours=48))
    assert refilled(Thanked(via="page"), Budget(), NOON) == Budget()
    assert refilled(Followed(), Budget(), NOON) == Budget(CLICK_UNITS, NOON + timedelta(minutes=1))
    full = Budget(WINDOW_UNITS, NOON + timedelta(hours=48))
    assert refilled(Followed(), full, NOON) == full, "a larger allowance is not made smaller"


def test_one_push_a_day_and_three_a_week() -> None:
    day = NOON.date()
    assert slot((), POLICY, NOON) == NOON
    tomorrow = slot((day,), POLICY, NOON)
    assert tomorrow is not None
    assert tomorrow.astimezone(SHANGHAI).date() == day + timedelta(days=1)
    week = (day, day - timedelta(days=1), day - timedelta(days=2))
    later = slot(week, POLICY, NOON)
    assert later is not None
    assert later.astimezone(SHANGHAI).date() == day + timedelta(days=5)


def test_whoever_just_wrote_gets_the_free_answer() -> None:
    found = way(reminded().renewal, POLICY, Thanked(via="wechat"), "thanks", NOON)
    assert not isinstance(found, Silence)
    assert (found.route, found.proactive, found.not_before) == (Route.REPLY, False, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"owner": Owner("h1", 1)}, "owned"),
        ({"opted_out": True}, "opted_out"),
        ({"stranger": True}, "stranger"),
    ],
)
def test_who_must_not_be_written_to(changes: dict[str, object], reason: str) -> None:
    renewal = replace(reminded().renewal, **changes)
    assert way(renewal, POLICY, TierDue("T-15"), "remind_formal", NOON) == Silence(reason)


def test_what_is_no_notice_needs_the_window_and_leaves_its_last_unit() -> None:
    renewal = reminded().renewal
    event = MessageDelivered("m")
    assert way(renewal, POLICY, event, "offers", NOON) == Silence("window closed")
    open_window = replace(renewal, budget=Budget(2, NOON + timedelta(hours=1)))
    found = way(open_window, POLICY, event, "offers", NOON)
    assert not isinstance(found, Silence)
    assert (found.route, found.budget.left) == (Route.CUSTOM, 1)
    last_unit = replace(renewal, budget=Budget(1, NOON + timedelta(hours=1)))
    assert way(last_unit, POLICY, event, "offers", NOON) == Silence("window closed")
    handed = way(last_unit, POLICY, event, "handoff", NOON)
    assert not isinstance(handed, Silence), "the last unit is kept for: a person will contact you"


def test_a_reminder_counts_against_the_caps_on_the_day_it_goes_out() -> None:
    renewal = replace(reminded().renewal, sent_on=())
    evening = datetime(2026, 9, 16, 21, 0, tzinfo=SHANGHAI)
    found = way(renewal, POLICY, TierDue("T-15"), "remind_formal", evening)
    assert not isinstance(found, Silence)
    assert found.sent_on == (date(2026, 9, 17),)
    assert found.route is Route.NOTICE
