"""The store's slower half, once for both databases: every method is a plain function run on a read or a write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from dialogs.lease import Comps, Lease
from dialogs.renewal import Renewal

from . import books, deposits, importing, looking
from .deposit_port import DepositEntry
from .port import (
    ClaimedTimer,
    DeskTask,
    FunnelRows,
    Imported,
    Inbound,
    LeaseRow,
    LedgerBill,
    Logged,
    OpenEffect,
    Person,
    Pulse,
    RenewedLease,
    Stored,
    Words,
)
from .reconciling_side import ReconcilingSide

T = TypeVar("T")


class DeskSide(ReconcilingSide):
    """``read`` and ``write`` run a function on a connection; a write is one transaction."""

    # --- inbound without a renewal
    async def remember(self, inbound: Inbound, now: datetime, words: Words | None = None) -> bool:
        def job(conn: Connection) -> bool:
            if not looking.remember(conn, self.sealer, inbound.key, inbound.reply, now):
                return False
            if words is not None:
                looking.remember_words(conn, self.sealer, words, now)
            return True

        return await self.write(job)

    # --- people, bindings, leases
    async def bind(self, channel: str, address: str, tenant: str, now: datetime, follows: bool = True) -> None:
        await self.write(lambda conn: books.bind(conn, self.sealer, (channel, address), (tenant, follows), now))

    async def unbind(self, channel: str, address: str) -> None:
        await self.write(lambda conn: books.unbind(conn, self.sealer, channel, address))

    async def addresses(self, tenant: str) -> dict[str, str]:
        return await self.read(lambda conn: books.addresses(conn, self.sealer, tenant))

    async def person(self, person_id: str) -> Person | None:
        return await self.read(lambda conn: books.person(conn, self.sealer, person_id))

    async def person_by_phone(self, operator: str, phone: str) -> Person | None:
        return await self.read(lambda conn: books.person_by_phone(conn, self.sealer, operator, phone))

    async def import_leases(
        self, operator: str, rows: Sequence[LeaseRow], source_sha256: str, now: datetime
    ) -> Imported:
        return await self.write(
            lambda conn: importing.import_leases(conn, self.sealer, operator, rows, (source_sha256, now))
        )

    async def imported_before(self, operator: str, source_sha256: str) -> bool:
        return await self.read(lambda conn: books.imported_before(conn, operator, source_sha256))

    async def lease(self, operator: str, lease_no: str) -> Lease | None:
        return await self.read(lambda conn: books.lease(conn, operator, lease_no))

    async def book_deposit(self, operator: str, lease_no: str, held: int, now: datetime) -> None:
        await self.write(lambda conn: books.book_deposit(conn, operator, lease_no, held, now))

    async def deposit_entries(self, operator: str, lease_no: str) -> list[DepositEntry]:
        return await self.read(lambda conn: deposits.entries(conn, operator, lease_no))

    async def comps(self, operator: str, lease: Lease, today: date) -> Comps:
        return await self.read(lambda conn: books.comps(conn, operator, lease, today))

    async def record_renewal(self, renewal_id: int, lease: Lease, now: datetime) -> None:
        await self.write(lambda conn: books.record_renewal(conn, renewal_id, lease, now))

    async def close_lease(self, renewal_id: int, holdover: bool, now: datetime) -> None:
        await self.write(lambda conn: books.close_lease(conn, renewal_id, "holdover" if holdover else "closed"))

    async def renewed_leases(self, operator: str) -> list[RenewedLease]:
        return await self.read(lambda conn: books.renewed_leases(conn, operator))

    # --- receivables and bills
    async def open_bills(self, operator: str, lease_no: str) -> list[LedgerBill]:
        return await self.read(lambda conn: books.open_bills(conn, operator, lease_no))

    async def create_bill(
        self, operator: str, lease_no: str, period: date, amount: int, due: date, now: datetime
    ) -> LedgerBill:
        return await self.write(lambda conn: books.create_bill(conn, operator, lease_no, period, (amount, due)))

    async def pay_bill(self, operator: str, bill_no: str, payment_key: str, now: datetime) -> bool:
        return await self.write(lambda conn: books.pay_bill(conn, operator, bill_no, payment_key, now))

    # --- the staff's tasks
    async def add_task(self, task: DeskTask) -> None:
        await self.write(lambda conn: looking.add_task(conn, task))

    async def drop_tasks(self, renewal_id: int, kinds: Sequence[str], now: datetime) -> int:
        return await self.write(lambda conn: looking.drop_tasks(conn, renewal_id, kinds, now))

    async def finish_task(self, task_id: int, actor: str, outcome: str, now: datetime) -> bool:
        return await self.write(lambda conn: looking.finish_task(conn, task_id, actor, outcome, now))

    async def tasks(self, operator: str, *, renewal_id: int | None = None, open_only: bool = True) -> list[DeskTask]:
        return await self.read(lambda conn: looking.tasks_of(conn, operator, renewal_id, open_only))

    # --- outside references
    async def locate(self, kind: str, ref: str) -> int | None:
        return await self.read(lambda conn: books.locate(conn, kind, ref))

    async def note_ref(self, kind: str, ref: str, renewal_id: int) -> None:
        await self.write(lambda conn: books.note_ref(conn, kind, ref, renewal_id))

    # --- looking
    async def renewals(
        self, operator: str, *, state: str | None = None, limit: int = 200, after: int = 0
    ) -> list[Stored]:
        return await self.read(lambda conn: looking.renewals_of(conn, self.sealer, operator, state, (after, limit)))

    async def count_by_state(self, operator: str) -> dict[str, int]:
        return await self.read(lambda conn: looking.count_by_state(conn, operator))

    async def funnel(self, operator: str) -> FunnelRows:
        return await self.read(lambda conn: looking.funnel(conn, operator))

    async def log(self, renewal_id: int) -> list[Logged]:
        return await self.read(lambda conn: looking.log(conn, renewal_id))

    async def opening(self, renewal_id: int) -> Renewal | None:
        return await self.read(lambda conn: looking.opening(conn, renewal_id))

    async def thread(self, renewal_id: int) -> list[tuple[datetime, Words]]:
        return await self.read(lambda conn: looking.thread(conn, self.sealer, renewal_id))

    async def timers(self, renewal_id: int) -> list[ClaimedTimer]:
        return await self.read(lambda conn: looking.timers_of(conn, renewal_id))

    async def outbox(self, renewal_id: int) -> list[OpenEffect]:
        return await self.read(lambda conn: looking.outbox(conn, renewal_id))

    async def pulse(self, now: datetime) -> Pulse:
        return await self.read(lambda conn: looking.pulse(conn, now))

    async def next_due(self) -> datetime | None:
        return await self.read(looking.next_due)

    async def live_flows(self) -> set[tuple[int, str]]:
        return await self.read(looking.live_flows)
