"""The last look before an effect is carried out: the row may have moved on since it was wished."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dialogs.effects import AskVerdict, ExtendAccess, OpenEnvelope, PrepareOffer, RequestPayment, Ring, Say, Task
from dialogs.events import BillPosted, Claimed, Declined, OptedOut, PaymentRefused, Refusal, TierDue
from dialogs.lease import Bill
from dialogs.machine import Moot, Ready, Wait, still_wanted
from dialogs.messages import CATALOGUE
from dialogs.money import yuan
from dialogs.renewal import Subject
from dialogs.states import LossReason
from dialogs.wanted import SPOKEN_IN
from tests.stories.story import Story, checking, clear, paid, paying, reminded


def look(story: Story, effect: object) -> Ready | Wait | Moot:
    return still_wanted(Subject(7, story.renewal, story.policy), effect, story.now)  # type: ignore[arg-type]


def test_what_was_just_wished_is_wanted() -> None:
    story = reminded()
    assert look(story, story.wish(Say)) == Ready()
    story = checking()
    assert look(story, story.wish(AskVerdict)) == Ready()
    story = clear(checking())
    assert look(story, story.wish(OpenEnvelope)) == Ready()


def test_an_envelope_is_not_opened_once_the_tenant_has_left() -> None:
    story = clear(checking())
    wish = story.wish(OpenEnvelope)
    story.hears(Declined(LossReason.JOB, via="wechat"))
    assert isinstance(look(story, wish), Moot)


def test_an_old_check_and_an_old_envelope_do_not_count() -> None:
    story = checking()
    first = story.wish(AskVerdict)
    story.hears(BillPosted(Bill("B9", date(2026, 9, 30), yuan(50))))
    assert isinstance(look(story, first), Moot)


def test_an_order_that_was_replaced_is_not_placed() -> None:
    story = paying()
    old = RequestPayment(key="R7P1A1", bill="B1", amount=yuan(3000))
    story.hears(PaymentRefused("R7P1A1", Refusal.TENANT_CAN_FIX))
    assert isinstance(look(story, old), Moot)
    assert look(story, story.wish(RequestPayment)) == Ready()


def test_no_door_is_opened_longer_than_there_is_a_right() -> None:
    story = paid()
    wish = story.wish(ExtendAccess)
    assert look(story, wish) == Ready()
    longer = ExtendAccess(key="L7N9", until=wish.until + timedelta(days=1))
    assert isinstance(look(story, longer), Moot)


@pytest.mark.parametrize("event", [Claimed(actor="h1"), OptedOut(via="wechat")])
def test_a_reminder_is_moot_once_a_person_owns_the_thread_or_the_tenant_said_stop(event: object) -> None:
    story = reminded()
    queued = story.wish(Say)
    story.hears(event)  # type: ignore[arg-type]
    assert isinstance(look(story, queued), Moot)


def test_an_older_tier_is_superseded_by_a_newer_one() -> None:
    story = reminded()
    first = story.wish(Say)
    story.on(date(2026, 9, 30)).hears(TierDue("T-15"))
    assert look(story, first) == Moot("superseded")


def test_what_people_are_asked_is_never_moot() -> None:
    story = paid()
    ring = Ring(key="ring:7:1", task=Task.LOOK, reason="x")
    assert look(story, ring) == Ready()
    assert look(story, PrepareOffer(key="offer:7:1")) == Ready()


def test_every_message_bound_to_states_is_in_the_catalogue() -> None:
    assert set(SPOKEN_IN) <= set(CATALOGUE)
