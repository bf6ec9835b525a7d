"""Small talk and questions: the renewal stands where it stood, the tenant has an answer."""

from __future__ import annotations

from ..events import Asked
from .turn import Turn

_ANSWERS = frozenset({"terms", "process", "deposit", "lock", "invoice"})


def answer(turn: Turn) -> None:
    event = turn.event
    assert isinstance(event, Asked)
    turn.say(f"answer_{event.topic}" if event.topic in _ANSWERS else "where_we_stand")


def greet(turn: Turn) -> None:
    turn.say("greeting")


def thank(turn: Turn) -> None:
    turn.say("thanks")


def not_understood(turn: Turn) -> None:
    turn.change(misunderstood=turn.r.misunderstood + 1)
    turn.say("not_understood")


def where_we_stand(turn: Turn) -> None:
    turn.say("where_we_stand")


def late(turn: Turn) -> None:
    turn.stay_silent("late")


def duplicate(turn: Turn) -> None:
    turn.stay_silent("duplicate")
