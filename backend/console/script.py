"""What a housekeeper says on the phone: this lease's facts and what was tried, so that nobody has to look them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from backend.db.port import DeskTask, Stored
from backend.db.reach_port import Attempt
from dialogs.effects import Task
from dialogs.renewal import Renewal
from dialogs.states import LossReason, State

ASKED = (
    LossReason.PRICE,
    LossReason.JOB,
    LossReason.QUALITY,
    LossReason.LOCATION,
    LossReason.ROOMMATE,
    LossReason.FAMILY,
    LossReason.BOUGHT_HOME,
    LossReason.LEAVING_CITY,
)
"""Reasons for leaving that a tenant can be asked about; the others are ours to find."""

CALLED = frozenset({Task.CALL, Task.REPAIR_CONTACT, Task.COUNTDOWN})
"""Tasks that are done on the phone."""


class Talk(StrEnum):
    """What the call is about."""

    PREPARING = "preparing"
    PROPOSALS = "proposals"
    MONEY = "money"
    SIGNING = "signing"
    PAYING = "paying"
    STAYING = "staying"
    """The term is over, or nearly, and nobody has said what becomes of it."""
    LEAVING = "leaving"
    OPEN = "open"
    """Chosen, and nothing is asked of the tenant just now."""


_TALK = {
    State.GATED: Talk.MONEY,
    State.DISPUTED: Talk.MONEY,
    State.MONEY_TROUBLE: Talk.MONEY,
    State.AWAITING_SIGNATURE: Talk.SIGNING,
    State.PAYING: Talk.PAYING,
    State.LAPSED: Talk.STAYING,
    State.HOLDOVER: Talk.STAYING,
    State.MOVING_OUT: Talk.LEAVING,
}


class Script(msgspec.Struct, frozen=True):
    """``due`` is the earliest of the tasks'; ``left`` days to ``end``, negative once it has passed."""

    tasks: tuple[DeskTask, ...]
    tried: tuple[Attempt, ...]
    talk: Talk
    home: str
    housekeeper: str
    end: date
    left: int
    proposals: int
    due: datetime | None = None
    asked: tuple[LossReason, ...] = ASKED


def script(stored: Stored, tasks: Sequence[DeskTask], tried: Sequence[Attempt], today: date) -> Script | None:
    """None while nobody has to call. ``today`` is the Shanghai date."""
    calls = tuple(task for task in tasks if task.kind in CALLED)
    if not calls:
        return None
    renewal, lease = stored.renewal, stored.renewal.lease
    return Script(
        calls,
        tuple(tried),
        _talk(renewal),
        f"{lease.unit.community}{lease.unit.building}{lease.unit.room}",
        lease.housekeeper,
        lease.end,
        (lease.end - today).days,
        len(renewal.offer.proposals) if renewal.offer else 0,
        min((task.due for task in calls if task.due is not None), default=None),
    )


def _talk(renewal: Renewal) -> Talk:
    if renewal.state in _TALK:
        return _TALK[renewal.state]
    if renewal.accepted is not None:
        return Talk.OPEN
    return Talk.PROPOSALS if renewal.offer is not None else Talk.PREPARING
