"""Comparable rents: what is recent counts more, and a thin sample is drawn to the city's level."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.comps import WINDOW_DAYS, Signed, gather, level
from dialogs.lease import Comps
from dialogs.money import Fen, yuan

TODAY = date(2026, 9, 16)


def ago(days: int, rent: int) -> Signed:
    return Signed(yuan(rent), TODAY - timedelta(days=days))


def test_nothing_recent_is_no_market() -> None:
    assert gather([ago(WINDOW_DAYS + 1, 3000), ago(-1, 3000)], TODAY) == Comps()


def test_count_and_range_are_of_the_window() -> None:
    found = gather([ago(1, 3000), ago(100, 3200), ago(WINDOW_DAYS, 3500), ago(400, 9000)], TODAY)
    assert (found.count, found.low, found.high) == (3, yuan(3000), yuan(3500))


def test_a_fresh_lease_outweighs_two_old_ones() -> None:
    assert gather([ago(1, 3000), ago(150, 3600), ago(150, 3600)], TODAY).median == yuan(3000)


@pytest.mark.parametrize(
    ("count", "median", "public", "expected"),
    [
        (8, 3000, 3400, 3200),
        (0, None, 3400, 3400),
        (8, 3000, None, 3000),
        (0, None, None, None),
        (24, 3000, 3400, 3100),
    ],
)
def test_the_median_is_drawn_to_the_public_level_by_n_over_n_plus_8(
    count: int, median: int | None, public: int | None, expected: int | None
) -> None:
    comps = Comps(count, None if median is None else yuan(median))
    found = level(comps, None if public is None else yuan(public))
    assert found == (None if expected is None else yuan(expected))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(100_000, 900_000)), max_size=20))
def test_the_median_is_one_of_the_rents_and_lies_between_them(signed: list[tuple[int, int]]) -> None:
    found = gather([Signed(Fen(rent), TODAY - timedelta(days=days)) for days, rent in signed], TODAY)
    recent = [rent for days, rent in signed if days <= WINDOW_DAYS]
    assert found.count == len(recent)
    if recent:
        assert found.median in recent
        assert found.low == min(recent)
        assert found.high == max(recent)
