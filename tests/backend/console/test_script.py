"""The talk guide: only while somebody has to call, about what this renewal waits for."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from backend.console.script import Talk, script
from backend.console.words import desk_words
from backend.db.port import DeskTask, Stored
from backend.db.reach_port import Attempt
from bot.rendering import page_environment
from dialogs.effects import Task
from dialogs.renewal import Renewal
from dialogs.states import FINAL, State
from tests.journeys.samples import NOW, TEMPLATES, TODAY, lease, renewal

LATER = NOW + timedelta(hours=4)


def stored(one: Renewal) -> Stored:
    return Stored(5, "寓居生活", "p-1", 1, one)


def task(kind: Task, hours: int | None = None) -> DeskTask:
    due = None if hours is None else NOW + timedelta(hours=hours)
    return DeskTask(5, f"k-{kind}-{hours}", kind, "housekeeper", "why", "hk1", NOW, due)


def test_without_a_call_there_is_no_script() -> None:
    assert script(stored(renewal()), [], [], TODAY) is None
    assert script(stored(renewal()), [task(Task.PRICE_BY_HAND)], [], TODAY) is None


def test_it_holds_the_lease_s_facts_what_was_tried_and_when_it_is_due() -> None:
    tried = Attempt("k", "template", 5, "p-1", "remind_warm", NOW)
    tasks = [task(Task.CALL, 9), task(Task.HANDOFF, 1), task(Task.CALL), task(Task.REPAIR_CONTACT, 4)]
    made = script(stored(renewal()), tasks, [tried], TODAY)
    assert made is not None
    assert (made.home, made.end, made.left, made.proposals) == ("云栖公寓3幢1201", lease().end, 30, 3)
    assert (made.due, made.tried, len(made.tasks)) == (LATER, (tried,), 3)


@pytest.mark.parametrize(
    ("state", "talk"),
    [
        (State.OFFERED, Talk.PROPOSALS),
        (State.CONFIRMING, Talk.PROPOSALS),
        (State.UNREACHABLE, Talk.PROPOSALS),
        (State.GATED, Talk.MONEY),
        (State.DISPUTED, Talk.MONEY),
        (State.AWAITING_SIGNATURE, Talk.SIGNING),
        (State.BILLING, Talk.OPEN),
        (State.PAYING, Talk.PAYING),
        (State.LAPSED, Talk.STAYING),
        (State.MOVING_OUT, Talk.LEAVING),
    ],
)
def test_the_talk_is_about_what_is_waited_for(state: State, talk: Talk) -> None:
    made = script(stored(renewal(state)), [task(Task.CALL)], [], TODAY)
    assert made is not None
    assert made.talk is talk


def test_before_an_offer_it_asks_for_plans() -> None:
    made = script(stored(renewal(State.OPENED, offer=None)), [task(Task.CALL)], [], TODAY)
    assert made is not None
    assert (made.talk, made.proposals) == (Talk.PREPARING, 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", sorted(set(State) - FINAL))
def test_every_live_state_has_something_to_say(state: State, lang: str) -> None:
    """In one language at a time, with the day and nothing unfilled."""
    environment = page_environment(TEMPLATES)
    words = desk_words(environment)
    one = stored(renewal(state))
    text = environment.get_template("console/parts/script.html").render(
        lang=lang,
        say=lambda zh, en: en if lang == "en" else zh,
        reason=lambda text: words.reason(text, lang),
        name_of=lambda key, section: words.name(key, section, lang),
        unit_of=one.renewal.lease.unit,
        script=script(one, [task(Task.CALL, 4)], [Attempt("k", "sms", 5, "p-1", "remind_warm", NOW)], TODAY),
    )
    seen = re.sub(r"<[^>]+>|云栖公寓|3幢|管家小林", "", text)
    assert ("Oct 2, 2026" if lang == "en" else "2026年10月2日") in seen
    assert "%" not in seen
    assert bool(re.search(r"[\u4e00-\u9fff]", seen)) is (lang == "zh")
