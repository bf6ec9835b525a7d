"""Who must agree to terms that differ from the rule, and by when; what nobody in the house may agree to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .lease import Lease
from .money import Fen
from .offer import CounterOffer, Offer, Proposal, RentStep
from .policy import Policy
from .proposals import cheapest, deposit_for, next_start, term_end
from .workdays import day_of, is_workday

_DAYS_AHEAD = 60


def due(now: datetime, hours: int, policy: Policy) -> datetime:
    """``now`` plus ``hours``, moved on by whole days until somebody works (requirements 4)."""
    at = now + timedelta(hours=hours)
    for _ in range(_DAYS_AHEAD):
        if is_workday(day_of(at), policy):
            return at
        at += timedelta(days=1)
    return at


def desk(counter: CounterOffer) -> str:
    """Money is finance's, a term beyond the rule is legal's, a wish about the flat the housekeeper's."""
    if counter.rent is not None or counter.pay_cycle_months is not None:
        return "finance"
    return "legal" if counter.months is not None else "housekeeper"


def within_band(counter: CounterOffer, offer: Offer, policy: Policy) -> bool:
    """May the rule agree by itself? About rent only, same term, within the policy's percent of the cheapest."""
    if counter.rent is None or counter.repair or counter.pay_cycle_months is not None:
        return False
    best = cheapest(offer)
    if counter.months not in (None, best.months):
        return False
    return counter.rent * 100 >= best.first_rent * (Decimal(100) - policy.auto_accept_percent)


def agreed(counter: CounterOffer, offer: Offer, lease: Lease) -> Proposal:
    """The terms the tenant asked for, as one more proposal of the current offer; ``counter.rent`` must be there."""
    best = cheapest(offer)
    rent = Fen(counter.rent if counter.rent is not None else best.first_rent)
    number = max(one.number for one in offer.proposals) + 1
    return Proposal(
        id="special",
        number=number,
        steps=(RentStep(best.months, rent),),
        start=best.start,
        end=best.end,
        deposit=deposit_for(lease, rent),
        pay_cycle_months=best.pay_cycle_months,
        reason="price_agreed",
    )


def lawful(offer: Offer, lease: Lease, policy: Policy, today: date) -> bool:
    """What no member of staff may override: whole terms that follow the lease, the head lease, the affordable cap."""
    ids = [one.id for one in offer.proposals]
    numbers = [one.number for one in offer.proposals]
    distinct = len(set(ids)) == len(ids) and len(set(numbers)) == len(numbers)
    in_time = day_of(offer.expires_at) >= today
    return bool(ids) and distinct and in_time and all(_lawful(one, lease, policy) for one in offer.proposals)


def _lawful(one: Proposal, lease: Lease, policy: Policy) -> bool:
    if not one.steps or one.start != next_start(lease) or one.end != term_end(lease.end, one.months):
        return False
    if lease.head_lease_end is not None and one.end > lease.head_lease_end:
        return False
    return all(step.months > 0 and step.rent > 0 for step in one.steps) and _under_cap(one, lease, policy)


def _under_cap(one: Proposal, lease: Lease, policy: Policy) -> bool:
    if lease.unit.policy_type != "affordable":
        return True
    roof = Decimal(100) + policy.price.affordable_cap_percent
    rents = (lease.rent, *(step.rent for step in one.steps))
    return all(after * 100 <= before * roof for before, after in pairwise(rents))
