"""A few doors at the sandbox over loopback HTTP, and the adapter in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from backend.locks.port import Credential, CredentialKind
from backend.locks.ttlock import TTLock
from backend.locks.ttlock_calls import Account, Calls
from backend.sandbox.ttlock import TTLockSandbox

ACCOUNT = Account("client-1", "synthetic-client-secret", "owner-1", "synthetic-password")
MOVED_IN = datetime(2025, 9, 30, 16, 0, tzinfo=UTC)
OLD_END = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
NEW_END = datetime(2027, 9, 30, 15, 59, 59, tzinfo=UTC)
LOCK = 1001


class StillClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Hallway:
    clock: StillClock
    sandbox: TTLockSandbox
    locks: TTLock
    session: aiohttp.ClientSession
    api: str

    def another(self, account: Account = ACCOUNT, seconds: float = 10, api: str = "") -> TTLock:
        """The adapter once more: as somebody else, at another address, or with less patience."""
        patience = aiohttp.ClientTimeout(total=seconds)
        return TTLock(Calls(account, self.session, self.clock, api=api or self.api, timeout=patience))

    async def only(self, kind: CredentialKind = CredentialKind.PASSCODE) -> Credential:
        """The one credential of this kind on the usual lock."""
        [found] = [one for one in await self.locks.credentials(str(LOCK)) if one.kind is kind]
        return found

    def in_lock(self, number: int) -> datetime | None:
        """When it ends in the door itself."""
        return self.sandbox.ends()[LOCK][number]
