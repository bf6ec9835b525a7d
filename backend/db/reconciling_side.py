"""The store's methods of reconciliation, once for both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from . import reconciling
from .reach_side import ReachSide
from .reconciling_port import Compared, Difference, Paid


class ReconcilingSide(ReachSide):
    async def begin_comparing(
        self, operator: str, day: date, source: str, now: datetime, stale_before: datetime
    ) -> bool:
        return await self.write(lambda conn: reconciling.begin(conn, operator, day, source, (now, stale_before)))

    async def end_comparing(self, operator: str, found: Compared, differences: Sequence[Difference]) -> int:
        return await self.write(lambda conn: reconciling.end(conn, operator, found, differences))

    async def compared(self, operator: str, limit: int = 60) -> list[Compared]:
        return await self.read(lambda conn: reconciling.compared(conn, operator, limit))

    async def differences(self, operator: str, *, open_only: bool = True, limit: int = 200) -> list[Difference]:
        return await self.read(lambda conn: reconciling.listed(conn, operator, open_only, limit))

    async def close_difference(self, operator: str, number: int, actor: str, outcome: str, now: datetime) -> bool:
        return await self.write(lambda conn: reconciling.close(conn, operator, number, (actor, outcome), now))

    async def paid_between(self, operator: str, since: datetime, until: datetime) -> list[Paid]:
        return await self.read(lambda conn: reconciling.paid_between(conn, operator, since, until))
