"""Who signs: tenant, co-tenants and guarantors of one row, under ids that say nothing about them."""

from __future__ import annotations

import hashlib
import re

import msgspec

from backend.db.port import LeaseRow, Person
from dialogs.lease import Party, Role

from .cells import Cell, CellError, phone, text

_PERSON = re.compile(r"(?P<name>[^:]+):(?P<phone>.*)")
NAME_MAX = 60
OTHERS_MAX = 20
LETTERS = {Role.TENANT: "T", Role.CO_TENANT: "C", Role.GUARANTOR: "G"}


def person_id(operator: str, lease_no: str, role: Role, number: int = 1) -> str:
    """The same for the same place in the same lease; 19 to 20 characters, no name and no phone in it."""
    digest = hashlib.sha256(f"{operator}\n{lease_no}".encode()).hexdigest()[:17]
    return f"{digest}{LETTERS[role]}{number if role is not Role.TENANT else ''}"


class Signatory(msgspec.Struct, frozen=True):
    """``fault``: the phone cannot be used, and the person is listed without one."""

    party: Party
    person: Person
    fault: CellError | None = None


def others(cell: Cell, operator: str, lease_no: str, role: Role) -> list[Signatory]:
    """``姓名:手机号``, several separated by ；. Raises CellError."""
    parts = [part.strip() for part in re.split(r"[;\n]", text(cell)) if part.strip()]
    if len(parts) > OTHERS_MAX:
        raise CellError("人数太多", f"最多 {OTHERS_MAX} 人，请核对分隔符")
    return [_other(part, person_id(operator, lease_no, role, number), role) for number, part in enumerate(parts, 1)]


def _other(part: str, id_: str, role: Role) -> Signatory:
    match = _PERSON.fullmatch(part)
    if match is None or not 0 < len(match["name"].strip()) <= NAME_MAX:
        raise CellError("看不懂这里的姓名和手机号", "请写成 姓名:手机号，多人用分号隔开")
    name = match["name"].strip()
    try:
        return Signatory(Party(id_, role), Person(id_, name, phone(match["phone"])))
    except CellError as fault:
        return Signatory(Party(id_, role), Person(id_, name, ""), fault)


def with_tenant(row: LeaseRow, id_: str) -> LeaseRow:
    """The same row with its tenant known as ``id_``: one person, whatever leases they hold or held."""
    old = row.lease.tenant.id
    parties = tuple(msgspec.structs.replace(one, id=id_) if one.id == old else one for one in row.lease.parties)
    people = tuple(msgspec.structs.replace(one, id=id_) if one.id == old else one for one in row.people)
    return msgspec.structs.replace(row, lease=msgspec.structs.replace(row.lease, parties=parties), people=people)
