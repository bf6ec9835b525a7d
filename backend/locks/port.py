"""What every lock provider promises: absolute dates, read back and compared; a failed call never shortens a right."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class CredentialKind(StrEnum):
    PASSCODE = "passcode"
    CARD = "card"
    FINGERPRINT = "fingerprint"
    EKEY = "ekey"


class Credential(msgspec.Struct, frozen=True):
    """One way through one door. ``start`` and ``end`` are aware UTC instants; None = permanent."""

    id: str
    kind: CredentialKind
    start: datetime | None
    end: datetime | None


class LockError(Exception):
    """``asleep``: try again later (gateway away, lock busy); otherwise a person must look."""

    def __init__(self, code: str, detail: str = "", *, asleep: bool) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.asleep = asleep


class Locks(Protocol):
    name: str

    async def credentials(self, lock: str) -> tuple[Credential, ...]: ...
    async def extend(self, lock: str, credential: Credential, end: datetime) -> None:
        """Set the absolute end, sending both dates. Never moves an end backwards. Raises LockError."""
        ...
