"""Small talk and questions: the renewal stands where it stood, the tenant has an answer."""

from __future__ import annotations

from ..effects import Task
from ..events import Asked
from .turn import Turn

ANSWERS = frozenset({
    "terms", "process", "deposit", "lock", "invoice", "price", "cycle", "leaving", "living", "charges", "papers",
    "dates", "signing", "paying", "gift",
})  # fmt: skip
"""Topics that have an answer of their own, ``answer_<topic>``."""


def answer(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, Asked)
    turn.say(f"answer_{event.topic}" if event.topic in ANSWERS else "where_we_stand")


def greet(turn: Turn) -> None:
    turn.say("greeting")


def thank(turn: Turn) -> None:
    turn.say("thanks")


def acknowledge(turn: Turn) -> None:
    """Nothing was asked; by SMS an answer would only cost."""
    if getattr(turn.event, "via", "") == "sms":
        turn.stay_silent("nothing to answer")
    else:
        turn.say("acknowledged")


def picture(turn: Turn) -> None:
    """The first of a storm: one answer, and a person looks."""
    turn.change(pictured=turn.now)
    turn.ring(Task.LOOK, "the tenant sent pictures or a recording")
    turn.say("media_received")


def picture_again(turn: Turn) -> None:
    turn.change(pictured=turn.now)
    turn.stay_silent("one answer for a storm")


def not_understood(turn: Turn) -> None:
    turn.change(misunderstood=turn.r.misunderstood + 1)
    turn.say("not_understood")


def where_we_stand(turn: Turn) -> None:
    turn.say("where_we_stand")


def late(turn: Turn) -> None:
    turn.stay_silent("late")


def duplicate(turn: Turn) -> None:
    turn.stay_silent("duplicate")
