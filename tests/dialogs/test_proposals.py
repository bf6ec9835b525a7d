"""The price rule: closes part of the gap, keeps floor and cap after rounding, and never looks at the person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dialogs.lease import Comps, Lease, Party, Role
from dialogs.money import Fen, yuan
from dialogs.offer import Proposal
from dialogs.policy import Policy, PriceRule
from dialogs.proposals import changed_rent, cheapest, deposit_for, expiry, make_offer, price, term_end
from tests.stories.story import LEASE

POLICY = Policy()
RULE = PriceRule()


def market(median: int, count: int = 6, lease: Lease = LEASE) -> Lease:
    return replace(lease, comps=Comps(count, yuan(median), yuan(median), yuan(median)))


def offered(lease: Lease) -> dict[str, Proposal]:
    return {one.id: one for one in price(lease, POLICY)}


@pytest.mark.parametrize(
    ("median", "rent"),
    [
        (3000, 3000),
        (3150, 3060),
        (3300, 3120),
        (3900, 3150),
        (9000, 3150),
        (2950, 2960),
        (2700, 2760),
        (1000, 2760),
    ],
)
def test_part_of_the_gap_between_floor_and_cap_in_whole_tens(median: int, rent: int) -> None:
    assert changed_rent(market(median), POLICY) == yuan(rent)


def test_a_rising_market_gives_three_proposals_and_the_gift_beats_the_rise() -> None:
    found = offered(market(3300))
    assert list(found) == ["keep", "rise", "ladder"]
    assert [one.number for one in found.values()] == [1, 2, 3]
    assert found["keep"].first_rent == LEASE.rent
    rise = found["rise"]
    assert rise.gift_value > 12 * (rise.first_rent - LEASE.rent) > 0
    assert [(step.months, step.rent) for step in found["ladder"].steps] == [
        (12, yuan(3000)),
        (12, yuan(3060)),
        (12, yuan(3120)),
    ]
    assert found["ladder"].break_after_months == 12


def test_a_falling_market_lowers_the_rent_and_locks_it() -> None:
    found = offered(market(2700))
    assert found["keep"].first_rent == yuan(2760)
    assert {step.rent for step in found["ladder"].steps} == {yuan(2760)}
    assert "rise" not in found


def test_too_few_comparables_raise_nothing() -> None:
    assert [one.first_rent for one in price(market(4000, count=2), POLICY)] == [LEASE.rent]


def test_a_villa_has_no_price_by_rule() -> None:
    villa = replace(market(3300), unit=replace(LEASE.unit, custom=True))
    assert price(villa, POLICY) == ()
    with pytest.raises(ValueError, match="no price"):
        make_offer(villa, POLICY, 1, datetime(2026, 9, 16, tzinfo=UTC))


def test_an_upstream_lease_of_twenty_months_allows_no_three_years() -> None:
    short = replace(market(3300), head_lease_end=date(2028, 6, 16))
    assert "ladder" not in offered(short)
    shorter = replace(market(3300), head_lease_end=date(2027, 6, 16))
    assert price(shorter, POLICY) == ()


def test_affordable_housing_has_the_lower_cap() -> None:
    strict = Policy(price=PriceRule(affordable_cap_percent=Decimal(2)))
    home = replace(market(9000), unit=replace(LEASE.unit, policy_type="affordable"))
    assert changed_rent(home, strict) == yuan(3060)


@pytest.mark.parametrize(
    ("last", "months", "end"),
    [
        (date(2026, 10, 16), 12, date(2027, 10, 16)),
        (date(2027, 2, 28), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 30), 4, date(2027, 2, 28)),
        (date(2026, 4, 30), 12, date(2027, 4, 30)),
        (date(2026, 4, 30), 1, date(2026, 5, 31)),
        (date(2026, 12, 31), 36, date(2029, 12, 31)),
    ],
)
def test_terms_end_on_the_corresponding_day(last: date, months: int, end: date) -> None:
    assert term_end(last, months) == end


def test_one_months_deposit_stays_one_month_and_never_shrinks() -> None:
    assert deposit_for(LEASE, yuan(3150)) == yuan(3150)
    assert deposit_for(LEASE, yuan(2760)) == yuan(3000)
    odd = replace(LEASE, deposit_due=yuan(2000))
    assert deposit_for(odd, yuan(3150)) == yuan(2000)


def test_an_offer_ends_with_its_days_or_with_the_term() -> None:
    early, late = datetime(2026, 9, 16, 2, tzinfo=UTC), datetime(2026, 10, 10, 2, tzinfo=UTC)
    assert expiry(LEASE, POLICY, early) == early + timedelta(days=POLICY.offer_days)
    assert expiry(LEASE, POLICY, late) == datetime(2026, 10, 16, 16, tzinfo=UTC)
    over = datetime(2026, 10, 20, 2, tzinfo=UTC)
    assert expiry(LEASE, POLICY, over) == over + timedelta(days=POLICY.lapse_days)


def test_the_cheapest_is_the_one_a_counter_offer_is_measured_against() -> None:
    offer = make_offer(market(3300), POLICY, 4, datetime(2026, 9, 16, tzinfo=UTC))
    assert (offer.version, cheapest(offer).id) == (4, "keep")


RENTS = st.integers(500, 30_000).map(lambda amount: Fen(amount * 100))
COUNTS = st.integers(0, 40)


@given(RENTS, RENTS, COUNTS)
def test_no_rent_leaves_floor_and_cap_and_all_are_whole_tens_or_unchanged(rent: Fen, median: Fen, count: int) -> None:
    lease = replace(LEASE, rent=rent, comps=Comps(count, median if count else None))
    for one in price(lease, POLICY):
        before = rent
        for step in one.steps:
            assert step.rent == before or step.rent % RULE.round_to == 0
            assert Decimal(step.rent) <= Decimal(before) * (100 + RULE.cap_percent) / 100
            assert Decimal(step.rent) >= Decimal(before) * (100 + RULE.floor_percent) / 100
            before = step.rent
        if count < RULE.min_comps:
            assert one.first_rent == rent


@given(RENTS, RENTS)
def test_no_proposal_is_worse_in_everything_than_another_of_the_same_term(rent: Fen, median: Fen) -> None:
    lease = replace(LEASE, rent=rent, comps=Comps(9, median))
    shown = price(lease, POLICY)
    for one in shown:
        for other in shown:
            if one is not other and one.months == other.months:
                better = other.net_monthly <= one.net_monthly and other.first_rent <= one.first_rent
                assert not better, (one, other)


@given(RENTS, RENTS, st.text(min_size=1, max_size=8), st.integers(0, 9), st.integers(0, 9))
def test_two_tenants_of_equal_flats_are_offered_the_same(
    rent: Fen, median: Fen, who: str, late: int, repairs: int
) -> None:
    lease = replace(LEASE, rent=rent, comps=Comps(9, median))
    other = replace(lease, no="X", parties=(Party(who, Role.TENANT),), late_payments=late, open_repairs=repairs)
    assert price(lease, POLICY) == price(other, POLICY)
