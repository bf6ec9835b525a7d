"""The published price rule: which proposals a lease gets, from facts of flat and market, never of the person."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import msgspec

from .comps import level
from .lease import Lease
from .money import ZERO, Fen
from .offer import Offer, Proposal, RentStep
from .policy import Policy, PriceRule
from .workdays import shanghai

YEAR = 12
LADDER_YEARS = 3
HUNDRED = Decimal(100)


def price(lease: Lease, policy: Policy) -> tuple[Proposal, ...]:
    """Up to three proposals, numbered from 1 as shown; none where a person must make the offer.

    Rule (requirements 5.1): the change closes part of the gap to ``lease.comps``, between floor and cap, in whole ¥10;
    with fewer than ``min_comps`` comparables nothing goes up, so only the unchanged rent is offered: that needs no
    comparable, and a tenant without any offer in hand is lost for certain.
    """
    if lease.unit.custom or not _head_lease_allows(lease, YEAR):
        return ()
    found = _falling(lease, policy) or (_keep(lease, lease.rent, "price_kept"), *_risen(lease, policy))
    lasting = (one for one in found if _head_lease_allows(lease, one.months))
    return tuple(_numbered(one, number) for number, one in enumerate(lasting, 1))


def make_offer(lease: Lease, policy: Policy, version: int, now: datetime) -> Offer:
    """The rule's offer as of ``now``; raises ValueError where ``price`` has none."""
    proposals = price(lease, policy)
    if not proposals:
        raise ValueError("the rule has no price for this lease")
    return Offer(version, proposals, expiry(lease, policy, now))


def expiry(lease: Lease, policy: Policy, now: datetime) -> datetime:
    """End of the offer's days, but not beyond the term; once the term is over, ``lapse_days`` from now."""
    term_over = shanghai(lease.end + timedelta(days=1))
    if term_over <= now:
        return now + timedelta(days=policy.lapse_days)
    return min(now + timedelta(days=policy.offer_days), term_over)


def cheapest(offer: Offer) -> Proposal:
    """The proposal with the lowest rent to begin with."""
    return min(offer.proposals, key=lambda one: (one.first_rent, one.number))


def next_start(lease: Lease) -> date:
    return lease.end + timedelta(days=1)


def term_end(last: date, months: int) -> date:
    """Last day of ``months`` months after a term whose last day is ``last``; that day itself is not counted.

    The corresponding day of the month, or the month's end where there is none (Civil Code 201, 202); a term that ended
    with its month goes on by whole calendar months.
    """
    count = last.year * 12 + last.month - 1 + months
    year, month = count // 12, count % 12 + 1
    final = monthrange(year, month)[1]
    if last.day == monthrange(last.year, last.month)[1]:
        return date(year, month, final)
    return date(year, month, min(last.day, final))


def deposit_for(lease: Lease, rent: Fen) -> Fen:
    """As many months' rent as the lease held (押一 stays 押一), never less than before; others stay."""
    months, rest = divmod(lease.deposit_due, lease.rent) if lease.rent else (0, 1)
    return Fen(max(lease.deposit_due, months * rent)) if rest == 0 else lease.deposit_due


def changed_rent(lease: Lease, policy: Policy) -> Fen:
    """The rent the market asks for by the rule: between floor and cap, in whole ¥10, bounds held after it."""
    rule, gap = policy.price, _gap(lease, policy)
    if gap is None or lease.comps.count < rule.min_comps:
        return lease.rent
    share = rule.close_up if gap > 0 else rule.close_down
    percent = max(rule.floor_percent, min(_cap(lease, rule), share * gap))
    return _bounded(lease.rent, percent, _cap(lease, rule), rule)


def is_falling(lease: Lease, policy: Policy) -> bool:
    gap = _gap(lease, policy)
    enough = lease.comps.count >= policy.price.min_comps
    return enough and gap is not None and gap < policy.price.falling_below_percent


def _falling(lease: Lease, policy: Policy) -> tuple[Proposal, ...]:
    """A lowered rent, and the same rent locked for three years; a rise with a gift would be worse than either."""
    if not is_falling(lease, policy):
        return ()
    rent = changed_rent(lease, policy)
    if rent >= lease.rent:
        return ()
    locked = tuple(RentStep(YEAR, rent) for _ in range(LADDER_YEARS))
    return _keep(lease, rent, "price_lowered"), _ladder(lease, locked, "price_locked")


def _risen(lease: Lease, policy: Policy) -> tuple[Proposal, ...]:
    if lease.comps.count < policy.price.min_comps:
        return ()
    rise = _small_rise(lease, policy)
    ladder = _ladder(lease, _steps(lease, policy.price), "price_ladder")
    return (_gifted(lease, rise, policy.price), ladder) if rise > lease.rent else (ladder,)


def _small_rise(lease: Lease, policy: Policy) -> Fen:
    """The rule's rent, at most a small rise, and never so much that the gift is worth less than a year of it."""
    rule = policy.price
    small = _bounded(lease.rent, rule.small_rise_percent, _cap(lease, rule), rule)
    beaten = _whole(lease.rent + Decimal(rule.gift_value - 1) / YEAR, rule)
    return Fen(min(changed_rent(lease, policy), small, beaten))


def _steps(lease: Lease, rule: PriceRule) -> tuple[RentStep, ...]:
    rents = [lease.rent]
    for _ in range(LADDER_YEARS - 1):
        cap = _cap(lease, rule)
        rents.append(_bounded(rents[-1], min(rule.ladder_step_percent, cap), cap, rule))
    return tuple(RentStep(YEAR, rent) for rent in rents)


def _keep(lease: Lease, rent: Fen, reason: str) -> Proposal:
    return _proposal(lease, "keep", (RentStep(YEAR, rent),), reason)


def _gifted(lease: Lease, rent: Fen, rule: PriceRule) -> Proposal:
    steps = (RentStep(YEAR, rent),)
    return _proposal(lease, "rise", steps, "price_gift", gift="gift_service", gift_value=rule.gift_value)


def _ladder(lease: Lease, steps: tuple[RentStep, ...], reason: str) -> Proposal:
    return _proposal(lease, "ladder", steps, reason, break_after=YEAR)


def _proposal(
    lease: Lease,
    name: str,
    steps: tuple[RentStep, ...],
    reason: str,
    *,
    gift: str = "",
    gift_value: Fen = ZERO,
    break_after: int | None = None,
) -> Proposal:
    return Proposal(
        id=name,
        number=0,
        steps=steps,
        start=next_start(lease),
        end=term_end(lease.end, sum(step.months for step in steps)),
        deposit=deposit_for(lease, steps[0].rent),
        pay_cycle_months=lease.pay_cycle_months,
        gift=gift,
        gift_value=gift_value,
        break_after_months=break_after,
        reason=reason,
    )


def _numbered(one: Proposal, number: int) -> Proposal:
    return msgspec.structs.replace(one, number=number)


def _head_lease_allows(lease: Lease, months: int) -> bool:
    """A sublease beyond the head lease does not bind the owner (Civil Code 717)."""
    return lease.head_lease_end is None or term_end(lease.end, months) <= lease.head_lease_end


def _gap(lease: Lease, policy: Policy) -> Decimal | None:
    """Percent by which the market lies above the rent; None without a market or a rent."""
    market = level(lease.comps, policy.price.public_rents.get(lease.unit.layout))
    if market is None or lease.rent <= 0:
        return None
    return Decimal(market - lease.rent) * HUNDRED / lease.rent


def _cap(lease: Lease, rule: PriceRule) -> Decimal:
    affordable = lease.unit.policy_type == "affordable"
    return min(rule.cap_percent, rule.affordable_cap_percent) if affordable else rule.cap_percent


def _bounded(rent: Fen, percent: Decimal, cap: Decimal, rule: PriceRule) -> Fen:
    """``percent`` on top of a rent, to the nearest ¥10 that still lies between floor and cap."""
    unit = Decimal(rule.round_to)
    wished = (Decimal(rent) * (HUNDRED + percent) / HUNDRED / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
    roof = Decimal(rent) * (HUNDRED + cap) / HUNDRED
    ground = Decimal(rent) * (HUNDRED + rule.floor_percent) / HUNDRED
    if wished > roof:
        wished -= unit
    if wished < ground:
        wished += unit
    return Fen(int(wished)) if ground <= wished <= roof else rent


def _whole(amount: Decimal, rule: PriceRule) -> int:
    unit = Decimal(rule.round_to)
    return int((amount / unit).quantize(Decimal(1), ROUND_FLOOR) * unit)
