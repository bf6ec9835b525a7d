"""The rules with one thing wrong: a guard that always says the same, a timer that is never set."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from msgspec.structs import replace

from dialogs.actions.turn import Turn
from dialogs.events import AnyEvent
from dialogs.machine import Rules
from dialogs.renewal import Decision, Subject
from dialogs.table import TABLE
from tests.dialogs.exploring import take
from tests.dialogs.invariants import broken, broken_at
from tests.dialogs.surveying import Witness
from tests.dialogs.units import POLICY


class Forgetful(Rules):
    """Sets no timer of one kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(TABLE)
        self._kind = kind

    def step(self, subject: Subject, event: AnyEvent, now: datetime) -> Decision:
        decided = super().step(subject, event, now)
        return replace(decided, timers=tuple(one for one in decided.timers if one.kind != self._kind))


def answering(place: int, answer: bool) -> Rules:
    """The product's table, but the guard of one row always says ``answer``."""

    def always(_: Turn) -> bool:
        return answer

    return Rules([row._replace(guard=always) if at == place else row for at, row in enumerate(TABLE)])


def promise_broken(rules: Rules, witness: Witness) -> str:
    """What these rules break on this edge, or that they raise; empty when they keep every promise."""
    try:
        edge = take(rules, POLICY, *witness)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"raises {type(error).__name__}"
    return next(chain(broken(edge), broken_at(edge.after)), "")
