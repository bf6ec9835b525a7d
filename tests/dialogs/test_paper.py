"""Supplement or new contract, what it changes, and amounts in capitals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dialogs.capitals import MOST, capitals
from dialogs.lease import Lease
from dialogs.money import Fen, yuan
from dialogs.offer import Proposal, RentStep
from dialogs.paper import DEPOSIT_TERMS_SINCE, Kind, changes, paper_for
from tests.dialogs.units import SHARED


def terms(lease: Lease = SHARED, **changed: object) -> Proposal:
    plain = Proposal(
        "keep", 1, (RentStep(12, lease.rent),), start=lease.end + timedelta(days=1),
        end=lease.end + timedelta(days=365), deposit=lease.deposit_due,
    )  # fmt: skip
    return replace(plain, **changed)


def test_a_standing_contract_gets_a_supplement() -> None:
    found = paper_for(SHARED, terms(), SHARED.end)
    assert (found.kind, found.why) == (Kind.SUPPLEMENT, ())


@pytest.mark.parametrize(
    ("lease", "proposal", "today", "why"),
    [
        (replace(SHARED, start=DEPOSIT_TERMS_SINCE - timedelta(days=1)), terms(), SHARED.end, "before_deposit_terms"),
        (SHARED, terms(), SHARED.end + timedelta(days=1), "term_over"),
        (SHARED, terms(start=SHARED.end + timedelta(days=2)), SHARED.end, "gap"),
    ],
)
def test_what_a_supplement_cannot_carry_is_a_new_contract(
    lease: Lease, proposal: Proposal, today: date, why: str
) -> None:
    found = paper_for(lease, proposal, today)
    assert (found.kind, found.why) == (Kind.CONTRACT, (why,))


def test_the_day_the_rules_came_into_force_is_not_before_them() -> None:
    assert paper_for(replace(SHARED, start=DEPOSIT_TERMS_SINCE), terms(), SHARED.end).kind is Kind.SUPPLEMENT


def test_what_stays_is_said_to_stay() -> None:
    same = {one.clause: one.same for one in changes(SHARED, terms(), SHARED.deposit_due)}
    assert same == {"term": False, "rent": True, "cycle": True, "deposit": True}
    other = terms(steps=(RentStep(12, yuan(3100)),), deposit=yuan(1), pay_cycle_months=3, gift="gift_service")
    changed = {one.clause: one.same for one in changes(SHARED, other, SHARED.deposit_due)}
    assert changed == dict.fromkeys(("term", "rent", "cycle", "deposit", "gift"), False)


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (11, "壹角壹分"), (100, "壹元整"), (105, "壹元零伍分"),
        (150, "壹元伍角整"), (1234567, "壹万贰仟叁佰肆拾伍元陆角柒分"),
        (320000, "叁仟贰佰元整"), (320050, "叁仟贰佰元伍角整"), (1000000, "壹万元整"), (1000100, "壹万零壹元整"),
        (1010000, "壹万零壹佰元整"), (10010000, "壹拾万零壹佰元整"), (1005000000, "壹仟零伍万元整"),
        (10000000000, "壹亿元整"), (10000010000, "壹亿零壹佰元整"), (30050000, "叁拾万零伍佰元整"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(fen: int, said: str) -> None:
    assert capitals(Fen(fen)) == said


@given(st.integers(0, MOST - 1))
def test_capitals_say_the_amount_and_nothing_else(fen: int) -> None:
    assert _read(capitals(Fen(fen))) == fen


@pytest.mark.parametrize("fen", [-1, MOST])
def test_what_cannot_be_written_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        capitals(Fen(fen))


def _read(said: str) -> int:
    """The other way round, by a reader of its own."""
    digits = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
    units = {"拾": 10, "佰": 100, "仟": 1000}
    total = group = digit = 0
    for sign in said:
        if sign in digits:
            digit = digits[sign]
        elif sign in units:
            group, digit = group + digit * units[sign], 0
        elif sign in "万亿":
            total, group, digit = total + (group + digit) * 10 ** (4 if sign == "万" else 8), 0, 0
        elif sign == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        elif sign == "角":
            total, digit = total + digit * 10, 0
        elif sign == "分":
            total, digit = total + digit, 0
    return total
