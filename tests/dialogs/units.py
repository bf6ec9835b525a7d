"""What the tests of the rules begin with: a flat of two tenants, a villa, a head lease that ends soon."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from dialogs.lease import Comps, Lease, Party, Role, Unit
from dialogs.money import yuan
from dialogs.offer import Offer, Proposal, RentStep
from dialogs.policy import Policy
from dialogs.proposals import deposit_for, next_start, term_end

POLICY = Policy(deduct_limit=yuan(5000))

COMPS = Comps(6, yuan(3300), yuan(3000), yuan(3600))

END = date(2026, 10, 10)
"""A Saturday worked for the October holiday: T-15 and T-7 fall into holidays, and have to be sent before."""

SHARED = Lease(
    no="L-1",
    operator="o-1",
    unit=Unit("c-1", "1", "101", "studio"),
    parties=(Party("p1", Role.TENANT), Party("p2", Role.CO_TENANT)),
    start=date(2025, 10, 11),
    end=END,
    rent=yuan(3000),
    deposit_due=yuan(3000),
    deposit_held=yuan(3000),
    housekeeper="h1",
    lock="lock-1",
    comps=COMPS,
)
"""A flat of two, in order."""

VILLA = replace(SHARED, no="L-2", unit=replace(SHARED.unit, custom=True), parties=SHARED.parties[:1])
"""Customised: never priced by rule."""

ENDING = replace(SHARED, no="L-3", head_lease_end=date(2027, 3, 31), parties=SHARED.parties[:1], mandate="entrust:M3")
"""The operator's own lease ends before another year is over; the tenant lets the rent be deducted."""

LEASES = (SHARED, VILLA, ENDING)


def hand_made(lease: Lease, now: datetime) -> Offer:
    """One lawful proposal as a person would make it, five months at the old rent."""
    terms = Proposal(
        id="special",
        number=1,
        steps=(RentStep(5, lease.rent),),
        start=next_start(lease),
        end=term_end(lease.end, 5),
        deposit=deposit_for(lease, lease.rent),
    )
    return Offer(1, (terms,), now + timedelta(days=7))
