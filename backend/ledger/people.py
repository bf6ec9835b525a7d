"""Who signs: tenant, co-tenants and guarantors of one row, under ids that say nothing about them."""

from __future__ import annotations

import hashlib
import re

from backend.db.port import Person
from dialogs.lease import Party, Role

from .cells import Cell, CellError, phone, text

_PERSON = re.compile(r"(?P<name>[^:：]+)[:：](?P<phone>[\d+\-\s]+)$")
LETTERS = {Role.TENANT: "T", Role.CO_TENANT: "C", Role.GUARANTOR: "G"}


def person_id(operator: str, lease_no: str, role: Role, number: int = 1) -> str:
    """The same for the same place in the same lease; 19 to 20 characters, no name and no phone in it."""
    digest = hashlib.sha256(f"{operator}\n{lease_no}".encode()).hexdigest()[:17]
    return f"{digest}{LETTERS[role]}{number if role is not Role.TENANT else ''}"


def others(cell: Cell, operator: str, lease_no: str, role: Role) -> list[tuple[Party, Person]]:
    """``姓名:手机号``, several separated by ；. Raises CellError."""
    found = []
    for number, part in enumerate((one.strip() for one in re.split(r"[;；\n]", text(cell)) if one.strip()), 1):
        match = _PERSON.match(part)
        if match is None:
            raise CellError("看不懂共同签署人", "请写成 姓名:手机号，多人用分号隔开")
        id_ = person_id(operator, lease_no, role, number)
        found.append((Party(id_, role), Person(id_, match["name"].strip(), phone(match["phone"]))))
    return found
