"""That nothing is forgotten: deadlines, people who were asked, wishes that are awaited, doors that stay open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dialogs import events as ev
from dialogs.effects import Task
from dialogs.reminders import next_due
from dialogs.states import FINAL, Milestone, State
from dialogs.workdays import SHANGHAI, is_holiday
from tests.dialogs.exploring import Edge, Place
from tests.dialogs.outside import ID, open_prepares
from tests.dialogs.units import POLICY

DEADLINES: dict[State, set[str]] = {
    State.OPENED: {"PricingDue", "TierDue"},
    State.HAND_PRICING: {"PricingDue"},
    State.REMINDED: {"OfferExpired", "PricingDue"},
    State.OFFERED: {"OfferExpired", "PricingDue"},
    State.HESITATING: {"DecisionDue"},
    State.NEGOTIATING: {"ApprovalDue"},
    State.CONFIRMING: {"ConfirmationDue"},
    State.CHECKING: {"VerdictDue"},
    State.GATED: {"GateDue"},
    State.DISPUTED: {"DisputeDue"},
    State.MONEY_TROUBLE: {"MoneyPlanDue"},
    State.AWAITING_SIGNATURE: {"SignatureDue"},
    State.BILLING: {"BillDue"},
    State.PAYING: {"PaymentDue"},
    State.EXTENDING: {"AccessDue"},
    State.UNREACHABLE: {"ContactDue"},
    State.ON_HOLD: {"HoldDue"},
    State.MOVING_OUT: {"MoveOutDue"},
    State.LAPSED: {"HoldoverDue"},
}
"""One of these rings in each state that is not final: written down here a second time, on purpose."""

WAIT_FOR_PEOPLE: dict[State, Task] = {
    State.HAND_PRICING: Task.PRICE_BY_HAND,
    State.NEGOTIATING: Task.APPROVE_COUNTER,
    State.DISPUTED: Task.SETTLE_DISPUTE,
    State.MONEY_TROUBLE: Task.AGREE_PLAN,
    State.UNREACHABLE: Task.REPAIR_CONTACT,
    State.MOVING_OUT: Task.CHECK_MOVE_OUT,
    State.LAPSED: Task.CHECK_STAY,
    State.HOLDOVER: Task.HOLDOVER_NOTICE,
}

ENDING = frozenset(set(State) - FINAL - {State.LAPSED, State.MOVING_OUT, State.ON_HOLD})
"""Here the end of the term has not been dealt with yet, or will be again."""

LADDER_STATES = frozenset({
    State.HAND_PRICING, State.REMINDED, State.OFFERED, State.HESITATING, State.NEGOTIATING, State.CONFIRMING,
    State.UNREACHABLE,
})  # fmt: skip

AT_THE_DOOR = frozenset({Task.OPEN_DOOR, Task.CHECK_STAY, Task.HOLDOVER_NOTICE})
"""What a person has to do who sees to it that nobody stands before a shut door."""


def final_means_final(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if before.final and after.state is not before.state:
        yield "came back from the end"
    if after.final and edge.after.outside.timers:
        yield "something still rings after the end"


def every_state_has_a_deadline(edge: Edge) -> Iterator[str]:
    after, kinds = edge.after.renewal, {kind for kind, _ in edge.after.outside.timers}
    if not after.final and not DEADLINES[after.state] & kinds:
        yield f"{after.state} waits for ever"
    signed = after.milestone >= Milestone.SIGNED
    if after.state in ENDING and not signed and "TermEnded" not in kinds:
        yield f"nobody notices the end of the term in {after.state}"
    if "SignatureNudgeDue" in kinds and after.state is not State.AWAITING_SIGNATURE:
        yield "a nudge to sign what is not to be signed"


def the_ladder_goes_on(edge: Edge) -> Iterator[str]:
    """The next tier has its timer, on a day that is no holiday."""
    after, timers = edge.after.renewal, edge.after.outside.timers
    more = after.state in LADDER_STATES and next_due(after.lease.end, POLICY, edge.at) is not None
    if more and not any(kind == "TierDue" for kind, _ in timers):
        yield "the next reminder is forgotten"
    for one in edge.decision.timers:
        day = one.due_at.astimezone(SHANGHAI).date()
        if one.kind == "TierDue" and one.due_at > edge.at and is_holiday(day, POLICY):
            yield "a reminder in the holidays"


def whoever_waits_for_people_has_asked_them(edge: Edge) -> Iterator[str]:
    after, tasks = edge.after.renewal, edge.after.outside.tasks
    wanted = WAIT_FOR_PEOPLE.get(after.state)
    if wanted is not None and wanted not in tasks:
        yield f"{after.state} waits for people nobody asked"


def what_is_waited_for_was_wished(edge: Edge) -> Iterator[str]:
    after, outside = edge.after.renewal, edge.after.outside
    missing = {
        State.CHECKING: f"verdict:{ID}:{after.check}" not in outside.wished,
        State.AWAITING_SIGNATURE: f"E{ID}N{after.envelopes}" not in outside.wished,
        State.BILLING: f"bill:{ID}" not in outside.wished,
        State.PAYING: after.payment.open not in outside.wished and Task.CHASE_PAYMENT not in outside.tasks,
        State.EXTENDING: after.access_tries == 0,
        State.OPENED: not _ladder_begins(edge.after) and not open_prepares(outside),
    }
    if missing.get(after.state):
        yield f"{after.state} waits for what was never wished"


def signing_is_pressed(edge: Edge) -> Iterator[str]:
    """While an envelope is out, somebody is nudged or a person was asked."""
    after, outside = edge.after.renewal, edge.after.outside
    if after.state is not State.AWAITING_SIGNATURE:
        return
    nudge = any(kind == "SignatureNudgeDue" for kind, _ in outside.timers)
    if not nudge and not outside.tasks & {Task.CHASE_SIGNATURE, Task.LOOK}:
        yield "nobody is nudged to sign"


def nobody_is_locked_out(edge: Edge) -> Iterator[str]:
    """Before the door falls shut something still rings, an extension is on its way, or a person was told.

    From place to place this holds the door open: at the last timer before it shuts, one of the other two must be there.
    """
    after, outside = edge.after.renewal, edge.after.outside
    if after.state in (State.MOVED_OUT, State.MOVING_OUT):
        return
    held = max(after.lease.end, outside.door or date.min)
    if after.state in (State.RENEWED, State.HOLDOVER) and held > edge.at.date():
        held = max(held, outside.awaited or held)
        lasting = after.state is State.RENEWED or held >= edge.at.date() + timedelta(days=POLICY.holdover_days)
        if lasting or outside.tasks & AT_THE_DOOR:
            return
    coming = outside.awaited is not None and outside.awaited > held
    rings = any(due < _last_chance(held, edge.at) for due in outside.timers.values())
    if not (coming or rings or outside.tasks & AT_THE_DOOR):
        yield f"the door shuts after {held} and nobody looks"


def _last_chance(held: date, now: datetime) -> datetime:
    """The end of the door's last day; where everything rang too late, the day that follows."""
    shut = datetime.combine(held + timedelta(days=1), time.min, SHANGHAI)
    return shut if shut > now else now + timedelta(days=1)


def milestones_only_grow(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal, edge.after.renewal
    if after.milestone < before.milestone or any(after.marks.get(name) != at for name, at in before.marks.items()):
        yield "the funnel ran backwards"
    reached = {step.name.lower() for step in Milestone if step <= after.milestone}
    if set(after.marks) != reached:
        yield "a step of the funnel without its mark"


def owners_change_with_an_epoch(edge: Edge) -> Iterator[str]:
    before, after = edge.before.renewal.owner, edge.after.renewal.owner
    if after.epoch != before.epoch + (after.person != before.person):
        yield "the thread changed hands without a new epoch"


def _ladder_begins(place: Place) -> bool:
    return any(kind == "TierDue" for kind, _ in place.outside.timers)


def by_t20_somebody_looks(edge: Edge) -> Iterator[str]:
    """A renewal that has begun carries the day on which a way to its tenant must be proven."""
    began = not edge.before.renewal.marks and not isinstance(edge.event, ev.TermEnded)
    if began and not edge.after.renewal.final and ("ContactCheckDue", "") not in edge.after.outside.timers:
        yield "nobody will look whether the tenant was reached"


ON_MOVES = (
    by_t20_somebody_looks,
    final_means_final,
    every_state_has_a_deadline,
    the_ladder_goes_on,
    whoever_waits_for_people_has_asked_them,
    what_is_waited_for_was_wished,
    signing_is_pressed,
    nobody_is_locked_out,
    milestones_only_grow,
    owners_change_with_an_epoch,
)
