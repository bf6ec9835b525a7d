"""Who must agree to other terms, by when, and what nobody may agree to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from dialogs import approvals
from dialogs.money import yuan
from dialogs.offer import CounterOffer, Offer, Proposal, RentStep
from dialogs.policy import Policy
from tests.stories.story import LEASE, offered

BAND = Policy(auto_accept_percent=Decimal(2))


def current() -> Offer:
    offer = offered().renewal.offer
    assert offer is not None
    return offer


@pytest.mark.parametrize(
    ("counter", "desk"),
    [
        (CounterOffer(rent=yuan(2800)), "finance"),
        (CounterOffer(pay_cycle_months=3), "finance"),
        (CounterOffer(months=6), "legal"),
        (CounterOffer(rent=yuan(2800), months=6), "finance"),
        (CounterOffer(repair=True), "housekeeper"),
        (CounterOffer(), "housekeeper"),
    ],
)
def test_who_is_asked(counter: CounterOffer, desk: str) -> None:
    assert approvals.desk(counter) == desk


def test_the_band_is_about_rent_alone() -> None:
    offer = current()
    best = min(one.first_rent for one in offer.proposals)
    just_inside = CounterOffer(rent=type(best)(best * 98 // 100))
    assert approvals.within_band(just_inside, offer, BAND)
    assert not approvals.within_band(replace(just_inside, rent=type(best)(best * 97 // 100)), offer, BAND)
    assert not approvals.within_band(replace(just_inside, repair=True), offer, BAND)
    assert not approvals.within_band(replace(just_inside, months=5), offer, BAND)
    assert not approvals.within_band(just_inside, offer, Policy()), "no band unless the operator sets one"


def test_a_day_nobody_works_does_not_count() -> None:
    eve_of_national_day = datetime(2026, 9, 30, 4, 0, tzinfo=UTC)
    assert approvals.due(eve_of_national_day, 24, Policy()).date() == date(2026, 10, 8)
    tuesday = datetime(2026, 9, 15, 4, 0, tzinfo=UTC)
    assert approvals.due(tuesday, 24, Policy()) == tuesday + timedelta(days=1)


def hand_made(**changes: object) -> Offer:
    terms = Proposal(
        "special", 1, (RentStep(12, yuan(2900)),), date(2026, 10, 17), date(2027, 10, 16), LEASE.deposit_due
    )
    return Offer(1, (replace(terms, **changes),), datetime(2026, 10, 1, tzinfo=UTC))


def test_what_staff_may_and_may_not_promise() -> None:
    today = date(2026, 9, 20)
    assert approvals.lawful(hand_made(), LEASE, Policy(), today)
    assert not approvals.lawful(hand_made(start=date(2026, 10, 10)), LEASE, Policy(), today), "overlaps the old term"
    assert not approvals.lawful(hand_made(end=date(2027, 9, 1)), LEASE, Policy(), today), "months and days disagree"
    short = replace(LEASE, head_lease_end=date(2027, 3, 31))
    assert not approvals.lawful(hand_made(), short, Policy(), today), "beyond the operator's own lease"
