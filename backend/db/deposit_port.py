"""What the store promises about deposits: entries are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class DepositEntry(msgspec.Struct, frozen=True):
    """One entry of a lease's deposit, never changed: ``kind`` is hold, top_up, release, carry_out or carry_in.

    ``amount`` fen, negative where money leaves; ``other_lease`` is the pair's other side of a carry-over.
    """

    key: str
    lease_no: str
    kind: str
    amount: int
    at: datetime
    other_lease: str = ""


class DepositStore(Protocol):
    async def book_deposit(self, operator: str, lease_no: str, held: int, now: datetime) -> None:
        """What is held now, in fen, as the cashier says."""
        ...

    async def deposit_entries(self, operator: str, lease_no: str) -> list[DepositEntry]:
        """Oldest first; their sum is what is held. Empty: nothing moved since the import."""
        ...
