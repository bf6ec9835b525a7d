"""Whatever a tenant says has a row wherever the renewal stands; a question that waited is withdrawn or kept."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from dialogs import events as ev
from dialogs.effects import Task
from dialogs.states import State
from dialogs.table import TABLE
from dialogs.talk_rows import TALK
from tests.stories.story import confirming, offered


def test_the_rows_stand_last_and_in_one_piece() -> None:
    assert TABLE[-len(TALK) :] == TALK


def test_nothing_a_tenant_says_is_without_a_row() -> None:
    heard = {kind for kind in get_args(ev.AnyEvent) if issubclass(kind, ev.Heard)}
    answered = {kind for row in TABLE for kind in (row.event if isinstance(row.event, tuple) else (row.event,))}
    assert heard <= answered | {ev.Heard}


@pytest.mark.parametrize(
    "event",
    [ev.HumanAsked, ev.Complained, ev.RepairReported, ev.TechTrouble, ev.ChangeAsked],
    ids=lambda kind: kind.__name__,
)
def test_what_is_for_people_withdraws_the_question(event: type[ev.Heard]) -> None:
    story = confirming().hears(event(via="wechat")).rests_in(State.OFFERED)
    assert story.renewal.chosen is None
    story.hears(ev.Acknowledged(via="wechat")).rests_in(State.OFFERED).says("acknowledged")


@pytest.mark.parametrize(
    "event", [ev.Asked(topic="deposit", via="wechat"), ev.Greeted(via="wechat"), ev.PictureSent(via="wechat")]
)
def test_what_is_said_beside_it_leaves_it_waiting(event: ev.Heard) -> None:
    assert confirming().hears(event).rests_in(State.CONFIRMING).renewal.chosen == "keep"


def test_a_repair_has_a_day_and_the_tenant_is_told() -> None:
    story = offered().hears(ev.RepairReported(via="wechat")).asks(Task.WORK_ORDER).says("repair_noted", by="2026-09-18")
    assert story.now.date().isoformat() == "2026-09-16"


def test_two_pictures_one_answer_and_a_third_after_a_while() -> None:
    story = offered().hears(ev.PictureSent(via="wechat")).asks(Task.LOOK).says("media_received")
    story.hears(ev.PictureSent(via="wechat"), after=_minutes(3)).is_silent("one answer for a storm")
    story.hears(ev.PictureSent(via="wechat"), after=_minutes(9)).is_silent("one answer for a storm")
    story.hears(ev.PictureSent(via="wechat"), after=_minutes(30)).says("media_received")


def test_too_dear_without_a_number_is_asked_for_one_once() -> None:
    dear = ev.CounterOffered(via="wechat")
    story = offered().hears(dear).rests_in(State.OFFERED).says("counter_invited")
    story.hears(dear).rests_in(State.NEGOTIATING).asks(Task.APPROVE_COUNTER)


def test_the_second_hesitation_is_for_the_housekeeper() -> None:
    story = offered().hears(ev.Hesitated(via="wechat")).says("hesitate_ok").rests_in(State.HESITATING)
    story.hears(ev.Hesitated(via="wechat")).says("hesitate_with_person").asks(Task.HANDOFF)
    story.hears(ev.Hesitated(via="wechat")).says("hesitate_ok")


def test_a_nod_by_sms_costs_no_answer() -> None:
    offered().hears(ev.Acknowledged(via="sms")).is_silent("nothing to answer")


def test_instalments_that_were_asked_for_reach_finance() -> None:
    story = offered().hears(ev.MoneyTroubled(instalments=3, via="wechat")).rests_in(State.MONEY_TROUBLE)
    story.asks(Task.AGREE_PLAN, "finance").says("plan_noted", parts=3, until="2026-09-30")


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
