"""One event, one decision: the table set in motion. The only file that knows the state machine library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from transitions import Machine

from .actions import reaching
from .actions.turn import Turn
from .arrows import Arrow, Row, spread
from .effects import Task
from .events import AccessDue, AnyEvent, Event, Followed, Heard, NotUnderstood, OptedOut, TermEnded, WrongPerson
from .lease import Lease
from .policy import Policy
from .reach import refilled
from .renewal import FLOW, Decision, Renewal, Subject
from .states import Milestone, State
from .table import TABLE
from .timers import door_looked_at, term_ends
from .wanted import Moot, Ready, Wait, still_wanted

__all__ = ["Moot", "Ready", "Rules", "Wait", "opening", "refuse_orphans", "replay", "step", "still_wanted"]


class Rules:
    """A table made to run. ``RULES`` below is the product's; tests run changed ones."""

    def __init__(self, table: Sequence[Row]) -> None:
        self.arrows = tuple(spread(table))
        self._events = _build(self.arrows).events

    def step(self, subject: Subject, event: AnyEvent, now: datetime) -> Decision:
        """See ``step`` below."""
        turn = Turn(subject, event, now)
        _begin(turn)
        if isinstance(event, Heard) and not _hear(turn):
            return turn.decision()
        if isinstance(event, Heard):
            self._trigger(Heard, turn)
        if not self._trigger(type(event), turn):
            turn.stay_silent("late")
        return turn.decision()

    def _trigger(self, kind: type[Event], turn: Turn) -> bool:
        """False: the table has no word for this event here."""
        found = self._events.get(kind.__name__)
        if found is None or turn.state.name not in found.transitions:
            return False
        return bool(found.trigger(turn))


def _build(arrows: Iterable[Arrow]) -> Machine:
    """One machine for all turns; turns are never registered, so nothing is kept of them."""
    machine = Machine(model=None, states=State, initial=None, auto_transitions=False, send_event=True, queued=False)
    for arrow in arrows:
        machine.add_transition(
            trigger=arrow.event.__name__,
            source=arrow.source,
            dest=arrow.target if isinstance(arrow.target, State) else None,
            conditions=None if arrow.guard is None else _asking(arrow.guard),
            after=_acting(arrow),
        )
    return machine


def _asking(guard: Callable[[Turn], bool]) -> Callable[[Any], bool]:
    return lambda triggered: guard(triggered.model)


def _acting(arrow: Arrow) -> Callable[[Any], None]:
    spoken = f"{arrow.source} --{arrow.event.__name__}--> {arrow.goes_to}"

    def act(triggered: Any) -> None:
        triggered.model.rows.append(spoken)
        arrow.action(triggered.model)

    return act


def _begin(turn: Turn) -> None:
    """The first turn of a renewal puts up the sign at the end of the road."""
    if Milestone.IN_WINDOW.name.lower() not in turn.r.marks:
        turn.reach(Milestone.IN_WINDOW)
        if not isinstance(turn.event, TermEnded):
            turn.set_timer(TermEnded(), term_ends(turn.r))
            turn.set_timer(AccessDue(), max(turn.now, door_looked_at(turn.r.lease.end)))
            reaching.begin_watch(turn)
    if isinstance(turn.event, Followed):
        turn.change(budget=refilled(turn.event, turn.r.budget, turn.now))


def _hear(turn: Turn) -> bool:
    """What counts whatever was said: the window opens, the tenant reacted. False: the words themselves must not act.

    While a person owns the thread the chat is theirs (a "1" may answer the person's own question); the page still acts,
    it names offer and terms. Who is not the tenant decides nothing.
    """
    event = turn.event
    assert isinstance(event, Heard)
    turn.change(budget=refilled(event, turn.r.budget, turn.now), heard=turn.r.heard + 1)
    reaching.forget(turn)
    if turn.r.stranger and not isinstance(event, WrongPerson):
        turn.stay_silent("stranger")
        return False
    if not isinstance(event, WrongPerson):
        _note_reaction(turn)
    if turn.r.owner.person is not None and event.via != "page" and not isinstance(event, OptedOut | WrongPerson):
        turn.stay_silent("owned")
        return False
    return True


def _note_reaction(turn: Turn) -> None:
    if not turn.r.answered:
        turn.change(answered=True)
        turn.drop_tasks(Task.CALL)
    if turn.r.misunderstood and not isinstance(turn.event, NotUnderstood):
        turn.change(misunderstood=0)
    if turn.r.milestone < Milestone.REACHED:
        turn.reach(Milestone.REACHED)


RULES = Rules(TABLE)


def step(subject: Subject, event: AnyEvent, now: datetime) -> Decision:
    """What one event comes to. Pure and total: late, doubled or unexpected events change nothing and say why.

    ``now`` is an aware UTC instant. The same subject, event and instant give the same decision, keys included.
    """
    return RULES.step(subject, event, now)


def opening(lease: Lease, *, opened_on: date, policy_version: int = 1) -> Renewal:
    """The renewal of a window that just opened (``opened_on``: Shanghai day). The store makes the same row by SQL,
    with one timer: ``TierDue`` of the first tier, at ``reminders.first_due``."""
    return Renewal(lease=lease, opened_on=opened_on, policy_version=policy_version)


def refuse_orphans(live: Iterable[tuple[int, str]]) -> None:
    """Raises ValueError when open renewals, as (flow version, state), stand where this table has no word for them."""
    known = {state.value for state in State}
    lost = sorted((flow, state) for flow, state in live if flow != FLOW or state not in known)
    if lost:
        where = ", ".join(f"{state} of flow {flow}" for flow, state in lost)
        raise ValueError(f"flow {FLOW} does not know where open renewals stand: {where}; keep the version that does")


def replay(start: Renewal, history: Iterable[tuple[int, AnyEvent, datetime]], policy: Policy) -> Renewal:
    """The renewal after ``history``, a log of (renewal id, event, instant) in order; equals the stored row."""
    for id_, event, now in history:
        start = step(Subject(id_, start, policy), event, now).renewal
    return start
