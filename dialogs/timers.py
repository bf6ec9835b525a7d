"""Timers: which event a row becomes when it rings, and the deadline each state lives under."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from . import approvals
from . import events as ev
from .events import AnyEvent, Event
from .policy import Policy
from .renewal import Renewal, Timer
from .states import State
from .workdays import before_holiday, day_of, legal_deadline, shanghai

_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        ev.TierDue, ev.OfferExpired, ev.ConfirmationDue, ev.DecisionDue, ev.ApprovalDue, ev.VerdictDue, ev.GateDue,
        ev.DisputeDue, ev.MoneyPlanDue, ev.SignatureNudgeDue, ev.SignatureDue, ev.BillDue, ev.PaymentDue, ev.AccessDue,
        ev.RungDue, ev.ContactCheckDue, ev.ContactDue, ev.PricingDue, ev.HoldDue, ev.TermEnded, ev.HoldoverDue,
        ev.MoveOutDue,
    )
}  # fmt: skip
KINDS = tuple(_KINDS)

_MORNING = time(10, 0)


def rung(kind: str, tag: str) -> AnyEvent:
    """The event a timer row becomes. Raises LookupError for a kind, ValueError for a tag, that we never set."""
    if kind == "TierDue":
        return ev.TierDue(tag)
    if kind == "OfferExpired":
        return ev.OfferExpired(int(tag))
    if kind == "SignatureNudgeDue":
        return ev.SignatureNudgeDue(int(tag))
    if tag:
        raise ValueError(f"a {kind} timer carries no tag, not {tag!r}")
    return _KINDS[kind]()  # type: ignore[return-value]


def named(event: AnyEvent) -> tuple[str, str]:
    """(kind, tag) of the timer row that an event comes from. Raises LookupError for an event no timer makes."""
    kind = type(event).__name__
    if kind not in _KINDS:
        raise LookupError(f"no timer becomes {kind}")
    if isinstance(event, ev.TierDue):
        return kind, event.tier
    if isinstance(event, ev.OfferExpired):
        return kind, str(event.offer)
    if isinstance(event, ev.SignatureNudgeDue):
        return kind, str(event.nudge)
    return kind, ""


def timer(event: AnyEvent, due_at: datetime) -> Timer:
    """The row that will become ``event`` at ``due_at`` (aware UTC)."""
    kind, tag = named(event)
    return Timer(kind, due_at, tag)


def deadline(state: State, renewal: Renewal, policy: Policy, now: datetime) -> Timer | None:
    """The timer under which a state lives from ``now`` on; None for final states."""
    found = _DEADLINES.get(state)
    return None if found is None else found(renewal, policy, now)


def own_kinds(state: State) -> tuple[str, ...]:
    """Kinds of timers that keep this state alive: one of them always runs."""
    return _OWN.get(state, ())


def left_kinds(state: State) -> tuple[str, ...]:
    """Kinds of timers that mean nothing once this state is left."""
    return (*own_kinds(state), "SignatureNudgeDue") if state is State.AWAITING_SIGNATURE else own_kinds(state)


def term_ends(renewal: Renewal) -> datetime:
    """The instant (UTC) at which the day after the lease's last day begins in Shanghai."""
    return shanghai(renewal.lease.end + timedelta(days=1))


def door_looked_at(held: date) -> datetime:
    """The instant (UTC) at which a door that opens until ``held`` is seen to: three days before (requirements 4)."""
    return shanghai(held - timedelta(days=3), _MORNING)


def contact_looked_at(end: date, policy: Policy) -> datetime:
    """The instant (UTC) at which a way to the tenant must be proven: T-20, moved earlier out of holidays."""
    return shanghai(before_holiday(end - timedelta(days=policy.contact_check_days), policy), _MORNING)


def term_over(renewal: Renewal, now: datetime) -> bool:
    """Has the day after the lease's last day begun in Shanghai?"""
    return day_of(now) > renewal.lease.end


def _offer(renewal: Renewal, _: Policy, now: datetime) -> Timer:
    assert renewal.offer is not None, "an offer lies before whoever was reminded"
    return timer(ev.OfferExpired(renewal.offer.version), max(now, renewal.offer.expires_at))


def _pricing(_: Renewal, policy: Policy, now: datetime) -> Timer:
    return timer(ev.PricingDue(), approvals.due(now, policy.approval_hours, policy))


def _decision(_: Renewal, policy: Policy, now: datetime) -> Timer:
    return timer(ev.DecisionDue(), shanghai(day_of(now) + timedelta(days=policy.hesitate_days), policy.send_at))


def _signature(_: Renewal, policy: Policy, now: datetime) -> Timer:
    return timer(ev.SignatureDue(), sign_by(policy, now))


def sign_by(policy: Policy, now: datetime) -> datetime:
    """End of the last day on which an envelope opened now can be signed (Civil Code 203)."""
    last = legal_deadline(day_of(now) + timedelta(days=policy.sign_days), policy)
    return shanghai(last + timedelta(days=1)) - timedelta(seconds=1)


def _payment(renewal: Renewal, policy: Policy, now: datetime) -> Timer:
    """The morning of the due day; later, every second day, so that somebody always looks."""
    assert renewal.bill is not None, "a bill is there once it is to be paid"
    first = shanghai(renewal.bill.due, _MORNING)
    return timer(ev.PaymentDue(), first if first > now else now + timedelta(days=2))


def _move_out(renewal: Renewal, _: Policy, now: datetime) -> Timer:
    last = max(renewal.lease.end, day_of(now))
    return timer(ev.MoveOutDue(), shanghai(last + timedelta(days=1), _MORNING))


_Deadline = Callable[[Renewal, Policy, datetime], Timer]


def _after(event: AnyEvent, span: Callable[[Policy], timedelta]) -> _Deadline:
    return lambda _, policy, now: timer(event, now + span(policy))


def _working(event: AnyEvent, hours: Callable[[Policy], int]) -> _Deadline:
    return lambda _, policy, now: timer(event, approvals.due(now, hours(policy), policy))


_DEADLINES: dict[State, _Deadline] = {
    State.OPENED: _pricing,
    State.HAND_PRICING: _pricing,
    State.REMINDED: _offer,
    State.OFFERED: _offer,
    State.HESITATING: _decision,
    State.NEGOTIATING: _working(ev.ApprovalDue(), lambda policy: policy.approval_hours),
    State.CONFIRMING: _after(ev.ConfirmationDue(), lambda policy: timedelta(hours=policy.confirm_hours)),
    State.CHECKING: _after(ev.VerdictDue(), lambda policy: timedelta(hours=policy.ledger_hours)),
    State.GATED: _after(ev.GateDue(), lambda policy: timedelta(days=policy.gate_days)),
    State.DISPUTED: _working(ev.DisputeDue(), lambda policy: 24 * policy.dispute_days),
    State.MONEY_TROUBLE: _after(ev.MoneyPlanDue(), lambda policy: timedelta(days=policy.money_days)),
    State.AWAITING_SIGNATURE: _signature,
    State.BILLING: _after(ev.BillDue(), lambda policy: timedelta(hours=policy.ledger_hours)),
    State.PAYING: _payment,
    State.EXTENDING: _after(ev.AccessDue(), lambda policy: timedelta(hours=policy.access_retry_hours)),
    State.UNREACHABLE: _working(ev.ContactDue(), lambda policy: 24 * policy.reach_days),
    State.ON_HOLD: _after(ev.HoldDue(), lambda policy: timedelta(days=policy.hold_days)),
    State.MOVING_OUT: _move_out,
    State.LAPSED: _after(ev.HoldoverDue(), lambda policy: timedelta(days=policy.lapse_days)),
}

_OWN: dict[State, tuple[str, ...]] = {
    State.OPENED: ("PricingDue",),
    State.HAND_PRICING: ("PricingDue",),
    State.REMINDED: ("OfferExpired", "PricingDue"),
    State.OFFERED: ("OfferExpired", "PricingDue"),
    State.HESITATING: ("DecisionDue",),
    State.NEGOTIATING: ("ApprovalDue",),
    State.CONFIRMING: ("ConfirmationDue",),
    State.CHECKING: ("VerdictDue",),
    State.GATED: ("GateDue",),
    State.DISPUTED: ("DisputeDue",),
    State.MONEY_TROUBLE: ("MoneyPlanDue",),
    State.AWAITING_SIGNATURE: ("SignatureDue",),
    State.BILLING: ("BillDue",),
    State.PAYING: ("PaymentDue",),
    State.EXTENDING: ("AccessDue",),
    State.UNREACHABLE: ("ContactDue",),
    State.ON_HOLD: ("HoldDue",),
    State.MOVING_OUT: ("MoveOutDue",),
    State.LAPSED: ("HoldoverDue",),
}
