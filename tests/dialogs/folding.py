"""Which places count as the same: what guards and promises look at is kept, counters and dates are folded."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from dialogs.effects import OpenEnvelope
from dialogs.renewal import Payment, Renewal
from dialogs.states import LossReason, Milestone, State
from tests.dialogs.outside import Outside, reference

CHOOSING = frozenset({State.REMINDED, State.OFFERED, State.HESITATING, State.CONFIRMING})
_UNTOLD = frozenset({State.OPENED, State.HAND_PRICING, State.REMINDED, State.UNREACHABLE})
_WILLING = frozenset({
    State.NEGOTIATING, State.CONFIRMING, State.CHECKING, State.GATED, State.DISPUTED, State.MONEY_TROUBLE,
    State.AWAITING_SIGNATURE,
})  # fmt: skip
_CONTRACTING = frozenset({
    State.CHECKING, State.GATED, State.DISPUTED, State.MONEY_TROUBLE, State.AWAITING_SIGNATURE, State.ON_HOLD,
    State.LAPSED,
})  # fmt: skip


def fold(renewal: Renewal, outside: Outside, now: datetime) -> Hashable:
    """Two places with the same fold are walked on from only once."""
    if renewal.final:
        people = renewal.opted_out, min(renewal.misunderstood, 1)
        return (
            renewal.lease.no,
            renewal.state,
            outside.awaited is not None,
            _money(renewal),
            people,
            _said_before(renewal, now),
        )
    return (
        renewal.lease.no,
        renewal.lease.unit.custom,
        renewal.state,
        renewal.resume if renewal.state is State.ON_HOLD else None,
        _offer(renewal, now) if renewal.milestone < Milestone.SIGNED else None,
        _contract(renewal) if renewal.state in _CONTRACTING else None,
        _given_up(renewal, outside),
        _money(renewal),
        elapsed(renewal, now),
        _people(renewal),
        _said_before(renewal, now),
        _under_way(renewal),
    )


def oddities(renewal: Renewal, now: datetime) -> int:
    """In how many ways this passage differs from one that goes well; a turn for the worse counts twice a pause."""
    return 2 * (_troubles_of_people(renewal) + _troubles_of_contract(renewal)) + _pauses(renewal, now)


def _troubles_of_people(renewal: Renewal) -> int:
    looked_for = renewal.state in (State.UNREACHABLE, State.ON_HOLD)
    return sum((
        renewal.owner.person is not None,
        renewal.opted_out,
        renewal.stranger or not (renewal.reachable or looked_for),
        renewal.misunderstood > 0,
        renewal.pictured is not None,
        renewal.invited and renewal.state in CHOOSING,
        renewal.lease.unit.custom and renewal.lease.no == "L-1",
        renewal.state in _WATCHED and renewal.reaching is not None and bool(renewal.reaching.tried),
        renewal.page_trouble,
    ))  # fmt: skip


def _troubles_of_contract(renewal: Renewal) -> int:
    return sum((
        renewal.waived,
        (renewal.envelopes > 1 or renewal.withdrawn is not None) and renewal.state is not State.ON_HOLD,
        renewal.payment.refused > 0 and renewal.payment.paid is None,
        bool(renewal.payment.refunding),
        bool(renewal.payment.wanted) and renewal.payment.open is not None,
        bool(renewal.clauses_read) and renewal.state is State.AWAITING_SIGNATURE,
        renewal.access_delays > 0,
        renewal.next_offer > 3,
        renewal.lease.no != "L-1",
        _has_special(renewal),
    ))  # fmt: skip


def _pauses(renewal: Renewal, now: datetime) -> int:
    return sum((
        renewal.state is State.ON_HOLD,
        renewal.state is State.MONEY_TROUBLE,
        renewal.relet,
        elapsed(renewal, now) > 0,
    ))  # fmt: skip


def elapsed(renewal: Renewal, now: datetime) -> int:
    """0 in the term, 1 beyond; 2 where the days of grace, which only a willing tenant has, are over too."""
    over = (now.date() - renewal.lease.end).days
    return min(1, max(0, over)) if over <= 3 or renewal.state not in _WILLING else 2


def _has_special(renewal: Renewal) -> bool:
    return renewal.offer is not None and any(one.id == "special" for one in renewal.offer.proposals)


def _offer(renewal: Renewal, now: datetime) -> Hashable:
    if renewal.offer is None:
        return None
    stands = now < renewal.offer.expires_at
    return renewal.offer.shown and stands, stands, _has_special(renewal)


def _given_up(renewal: Renewal, outside: Outside) -> Hashable:
    """Was an envelope asked back, and did it hold other terms than are wanted now?"""
    asked_back = {reference(key): one for key, one in outside.wished.items()}.get(renewal.withdrawn or "")
    if not isinstance(asked_back, OpenEnvelope):
        return renewal.withdrawn
    wanted = renewal.chosen if renewal.accepted is None else renewal.accepted.id
    return asked_back.proposal.id == wanted


def _contract(renewal: Renewal) -> Hashable:
    awaiting = renewal.state is State.AWAITING_SIGNATURE
    return (
        renewal.accepted is not None,
        renewal.waived,
        renewal.deposit_held is not None and renewal.state is State.CHECKING,
        renewal.envelope is not None,
        min(renewal.envelopes, 2) if awaiting else 0,
        min(len(renewal.signed_by), 2) if awaiting else 0,
        bool(renewal.clauses_read) if awaiting else False,
    )


def _money(renewal: Renewal) -> Hashable:
    payment = renewal.payment
    if renewal.bill is None:
        return None
    return (
        min(payment.tried, 2),
        payment.open is not None,
        bool(payment.mandate) and payment.open is not None,
        _way(payment) if payment.open is not None and not payment.mandate else 0,
        payment.paid is not None,
        min(payment.refused, 2) if payment.paid is None else 0,
        min(len(payment.refunding), 1),
        min(len(payment.refunded), 1),
        min(renewal.access_delays, 3),
    )


def _said_before(renewal: Renewal, now: datetime) -> Hashable:
    """A picture a moment ago; an invitation to name terms, where it counts."""
    stormy = renewal.pictured is not None and now - renewal.pictured < timedelta(minutes=10)
    return stormy, renewal.invited and renewal.state in CHOOSING


_WATCHED = frozenset({State.REMINDED, State.GATED})


def _under_way(renewal: Renewal) -> Hashable:
    """How far the newest message got, where it is walked on from; elsewhere its edges are looked at only."""
    live = renewal.reaching
    if live is None or renewal.state not in _WATCHED:
        return None
    return live.sent_at is not None, live.delivered, live.more


def _tier(renewal: Renewal) -> str:
    """Which reminder came last, where the next may follow; elsewhere only whether any came."""
    if renewal.state in (State.REMINDED, State.OFFERED, State.HESITATING):
        return renewal.tier
    return "some" if renewal.tier and renewal.state in _UNTOLD else ""


def _people(renewal: Renewal) -> Hashable:
    loss = None if renewal.loss is None else renewal.loss in (LossReason.OPERATOR, LossReason.UNKNOWN)
    untold = renewal.state in _UNTOLD
    return (
        renewal.owner.person is not None,
        renewal.opted_out,
        renewal.stranger,
        renewal.reachable,
        renewal.answered and untold,
        _tier(renewal),
        renewal.relet,
        min(renewal.misunderstood, 1),
        loss,
        renewal.page_trouble and untold,
    )


def _way(payment: Payment) -> int:
    """Not heard of yet, standing, being closed for another, or placed where it was asked for."""
    if payment.wanted:
        return 3 if payment.wanted == payment.way else 2
    return 1 if payment.way else 0
