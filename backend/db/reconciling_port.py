"""What the store keeps of reconciliation: which day was compared with whom, its result, and what people look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec


class Paid(msgspec.Struct, frozen=True):
    """A bill that counts as paid: by which payment, fen, when we learnt of it."""

    renewal_id: int | None
    payment: str
    amount: int
    at: datetime


class Difference(msgspec.Struct, frozen=True):
    """What we and a partner know differently. Once for each (source, kind, ref): found again it stays as it was."""

    source: str
    kind: str
    ref: str
    ours: str
    theirs: str
    renewal_id: int | None = None
    id: int = 0
    day: date = date.min
    found_at: datetime | None = None
    done_at: datetime | None = None
    actor: str = ""
    outcome: str = ""


class Compared(msgspec.Struct, frozen=True):
    """One day and one source: ``counts`` by word; ``ended_at`` None while it runs or waits for the partner."""

    day: date
    source: str
    begun_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    note: str = ""


class ReconcilingStore(Protocol):
    async def begin_comparing(
        self, operator: str, day: date, source: str, now: datetime, stale_before: datetime
    ) -> bool:
        """May this process compare that day? One at a time; a run begun before ``stale_before`` is taken over."""
        ...

    async def end_comparing(self, operator: str, found: Compared, differences: Sequence[Difference]) -> int:
        """Writes both in one transaction; how many differences are new."""
        ...

    async def compared(self, operator: str, limit: int = 60) -> list[Compared]:
        """Newest day first."""
        ...

    async def differences(self, operator: str, *, open_only: bool = True, limit: int = 200) -> list[Difference]: ...
    async def close_difference(self, operator: str, number: int, actor: str, outcome: str, now: datetime) -> bool: ...
    async def paid_between(self, operator: str, since: datetime, until: datetime) -> list[Paid]: ...
