"""What only several rows show together."""

from __future__ import annotations

import random

import pytest

from backend.ledger.across import Numbered, at, overlapping
from backend.ledger.headers import columns
from tests.backend.ledger.sheet import GOOD, another, read


def test_a_lease_number_twice() -> None:
    (problem,) = read(another(1), another(2, 合同编号="HT-0001")).problems
    assert (problem.row, problem.column, problem.what) == (3, "A 合同编号", "与第 2 行的合同编号重复")


def test_a_lease_number_twice_is_seen_though_the_row_has_other_problems() -> None:
    found = read(another(1, 月租金="?"), another(2, 合同编号="HT-0001"))
    assert [(one.row, one.what) for one in found.problems] == [(2, "看不懂这个金额"), (3, "与第 2 行的合同编号重复")]


def test_a_flat_let_twice_at_one_time() -> None:
    (problem,) = read(another(1), another(2, 房号="R0001", 起租日="2026-10-10", 到期日="2027-10-09")).problems
    assert (problem.row, problem.column, problem.value) == (3, "D 房号", "R0001")
    assert problem.what == "与第 2 行是同一间房，租期重叠"


def test_a_flat_let_to_the_next_one_after() -> None:
    assert read(another(1), another(2, 房号="R0001", 起租日="2026-10-11", 到期日="2027-10-10")).problems == ()


def test_a_long_lease_overlaps_what_comes_after_a_short_one() -> None:
    rows = (
        another(1, 起租日="2025-01-01", 到期日="2027-12-31"),
        another(2, 房号="R0001", 起租日="2025-03-01", 到期日="2025-06-30"),
        another(3, 房号="R0001", 起租日="2026-01-01", 到期日="2026-12-31"),
    )
    assert [(one.row, one.what) for one in read(*rows).problems] == [
        (3, "与第 2 行是同一间房，租期重叠"), (4, "与第 2 行是同一间房，租期重叠"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_are_those_that_every_pair_shows(seed: int) -> None:
    luck = random.Random(seed)
    made: list[Numbered] = []
    for number in range(2, 30):
        month, length = luck.randrange(1, 13), luck.randrange(1, 4)
        term = {
            "起租日": f"2026-{month:02d}-01",
            "到期日": f"{2026 + (month + length > 12)}-{(month + length - 1) % 12 + 1:02d}-15",
        }
        (row,) = read(another(number, 房号=f"R{number % 6}", **term)).rows
        made.append((number, row))
    guilty = {problem.row for problem in overlapping(made, columns(list(GOOD)))}
    assert guilty == {number for number, row in made if any(_before(other, (number, row)) for other in made)}


def _before(first: Numbered, second: Numbered) -> bool:
    """Do they overlap, with the first one first in time (or in the sheet)?"""
    (number, one), (later, two) = first, second
    if number == later or one.lease.unit != two.lease.unit:
        return False
    begins_before = (one.lease.start, number) < (two.lease.start, later)
    return begins_before and two.lease.start <= one.lease.end


def test_a_bill_number_twice_would_lose_a_debt() -> None:
    owing = {"欠费金额": "100", "欠费账单号": "B-1", "欠费到期日": "2026-08-01"}
    (problem,) = read(another(1, **owing), another(2, **owing)).problems
    assert (problem.column, problem.what) == ("O 欠费账单号", "与第 2 行的账单号重复")


def test_one_phone_under_two_names_is_worth_a_look() -> None:
    found = read(another(1), another(2, 手机号="19900000001"))
    (doubt,) = found.warnings
    assert (doubt.value, doubt.what) == ("199****", "与第 2 行的手机号相同，但姓名不同")
    assert len(found.rows) == 2


def test_one_openid_under_two_names_is_worth_a_look() -> None:
    (doubt,) = read(another(1, 微信openid="oDemo1"), another(2, 微信openid="oDemo1")).warnings
    assert doubt.what == "与第 2 行的微信 openid 相同，但姓名不同"


def test_one_tenant_with_two_flats_is_one_person() -> None:
    mine = {"租客姓名": "张示例", "手机号": "19900000009"}
    found = read(another(1, **mine), another(2, **mine), another(3))
    first, second, third = (row.lease.tenant.id for row in found.rows)
    assert first == second != third
    assert [row.people[0].id for row in found.rows] == [first, second, third]
    assert found.warnings == ()


def test_two_without_a_phone_are_two() -> None:
    found = read(another(1, 租客姓名="张示例", 手机号=""), another(2, 租客姓名="张示例", 手机号=""))
    assert len({row.lease.tenant.id for row in found.rows}) == 2


def test_a_place_is_named_as_the_spreadsheet_names_it() -> None:
    found = columns(list(GOOD))
    assert at(found, 7, "phone", "13800000001", "坏", "改").column == "G 手机号"
    assert at(found, 7, "phone", "13800000001", "坏", "改").value == "138****"
