"""Ids that say nothing, stay the same, and are one for one person."""

from __future__ import annotations

import pytest

from backend.ledger.cells import CellError
from backend.ledger.people import others, person_id, with_tenant
from dialogs.lease import Role
from tests.backend.ledger.sheet import GOOD, read


def test_an_id_is_stable_and_says_nothing() -> None:
    first = person_id("yuju", "HT-001", Role.TENANT)
    assert first == person_id("yuju", "HT-001", Role.TENANT)
    assert "HT" not in first
    assert len(first) <= 32


def test_ids_differ_by_operator_lease_role_and_place() -> None:
    ids = {
        person_id(operator, lease, role, number)
        for operator in ("yuju", "anju")
        for lease in ("HT-1", "HT-2")
        for role in Role
        for number in (1, 2)
    }
    # A lease has one tenant, whatever the place.
    assert len(ids) == 2 * 2 * (1 + 2 + 2)


def test_people_are_parted_by_either_semicolon_or_a_new_line() -> None:
    found = others("甲:19900000001；乙：19900000002;\n丙:+86 19900000003", "yuju", "HT-1", Role.CO_TENANT)
    assert [(one.person.name, one.person.phone) for one in found] == [
        ("甲", "19900000001"), ("乙", "19900000002"), ("丙", "19900000003"),
    ]  # fmt: skip
    assert len({one.party.id for one in found}) == 3


def test_nobody_is_an_answer() -> None:
    assert others(None, "yuju", "HT-1", Role.GUARANTOR) == []


def test_a_name_alone_is_not() -> None:
    with pytest.raises(CellError):
        others("甲", "yuju", "HT-1", Role.GUARANTOR)


def test_a_tenant_known_by_another_id_keeps_the_rest_of_the_row() -> None:
    (row,) = read({**GOOD, "共同承租人": "李示例:19900000002"}).rows
    moved = with_tenant(row, "known")
    assert moved.lease.tenant.id == moved.people[0].id == "known"
    assert moved.people[1] == row.people[1]
    assert moved.lease.parties[1] == row.lease.parties[1]
    assert moved.people[0].phone == row.people[0].phone
