"""The door: opened for the new term once it is paid, bridged before, and never shut on a lawful occupant."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from .. import access
from ..effects import ExtendAccess, RecordRenewal, Task
from ..events import AccessDelayed, AccessDue, AccessExtended
from ..states import Milestone, State
from ..timers import door_looked_at
from .turn import Turn

_replace = msgspec.structs.replace


def open_for_term(turn: Turn) -> None:
    _extend(turn, access.full_right(turn.r, turn.policy))


def open_again(turn: Turn) -> None:
    open_for_term(turn)
    turn.stay_silent("the door is asked again")


def bridge(turn: Turn) -> None:
    """Extend over an unsettled time, where the door would fall shut soon; seen to again before it does."""
    now = _replace(turn.r, state=turn.state)
    held = access.held_until(now, turn.policy)
    if access.bridge_needed(now, turn.policy, turn.today):
        held = access.bridge_until(now, turn.policy, turn.today)
        _extend(turn, held)
    if turn.state is not State.EXTENDING:
        turn.set_timer(AccessDue(), max(turn.now + timedelta(days=1), door_looked_at(held)))


def bridge_ahead(turn: Turn) -> None:
    """The door holds for the whole bridge at once: the bill's due day and its grace, or a lease without a term."""
    until = access.bridge_until(_replace(turn.r, state=turn.state), turn.policy, turn.today)
    if until > access.held_until(turn.r, turn.policy):
        _extend(turn, until)


def look_again(turn: Turn) -> None:
    """Whoever was leaving and stays has a door again: it is seen to three days before the term's end, or now."""
    turn.set_timer(AccessDue(), max(turn.now, door_looked_at(turn.r.lease.end)))


def bridge_again(turn: Turn) -> None:
    bridge(turn)
    turn.stay_silent("the door's bridge is looked at")


def note_extended(turn: Turn) -> None:
    """A bridge was read back."""
    event = turn.event
    assert isinstance(event, AccessExtended)
    turn.change(access_until=max(event.until, turn.r.access_until or event.until), access_delays=0)
    turn.stay_silent("the door holds")


def secure(turn: Turn) -> None:
    """Signed, paid, and the lock read back: the renewal is done."""
    accepted = turn.r.accepted
    assert accepted is not None, "signed terms are there"
    note_extended(turn)
    turn.reach(Milestone.SECURED)
    held = turn.r.lease.deposit_held if turn.r.deposit_held is None else turn.r.deposit_held
    turn.wish(RecordRenewal(key=f"record:{turn.id}", proposal=accepted, deposit_carry=held))
    turn.drop_tasks(Task.OPEN_DOOR, Task.CHASE_PAYMENT, Task.CHASE_SIGNATURE, Task.CALL)
    filed_by = turn.now + timedelta(days=turn.policy.filing_days)
    turn.ring(Task.FILE_CONTRACT, "the new term has to be filed with the city", "legal", due=filed_by)
    turn.say("renewed", new_end=accepted.end.isoformat())


def wait_for_lock(turn: Turn) -> None:
    """Asleep: tried again; the tenant hears of it once."""
    first = turn.r.access_delays == 0
    _note_delay(turn)
    if first:
        turn.say("paid_door_pending")
    else:
        turn.stay_silent("the door is asked again")


def send_person_to_door(turn: Turn) -> None:
    """A temporary code by hand; the lock is still asked in between."""
    first = turn.r.access_delays + 1 == turn.policy.access_attempts
    _note_delay(turn)
    turn.ring(Task.OPEN_DOOR, "paid, but the lock does not answer: set a temporary code on the spot")
    if first:
        turn.say("access_delayed")
    else:
        turn.stay_silent("a person is at it")


def bridge_delayed(turn: Turn) -> None:
    """The bridge could not be set: tried again, and a person knows before the door falls shut."""
    _note_delay(turn)
    if turn.r.access_delays >= turn.policy.access_attempts or access.falls_shut(turn.r, turn.policy, turn.today):
        turn.ring(Task.OPEN_DOOR, "the door's bridge could not be set: see that the tenant is not locked out")
    turn.stay_silent("the door is asked again")


def send_person_at_last(turn: Turn) -> None:
    """The lease went on without a term and nobody asks the lock again: a person sets the code."""
    turn.ring(Task.OPEN_DOOR, "the lease goes on without a term and the lock does not answer: set a code on the spot")
    turn.stay_silent("a person is at it")


def _note_delay(turn: Turn) -> None:
    assert isinstance(turn.event, AccessDelayed)
    turn.change(access_delays=turn.r.access_delays + 1)
    turn.set_timer(AccessDue(), turn.now + timedelta(hours=turn.policy.access_retry_hours))


def _extend(turn: Turn, until: date) -> None:
    turn.change(access_tries=turn.r.access_tries + 1)
    turn.wish(ExtendAccess(key=f"L{turn.id}N{turn.r.access_tries}", until=until))
