"""``xuzu import``: read, report, and only then change anything: all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.db.port import LeaseRow, Store, Stored, StoreDown
from backend.ledger.headers import LedgerError
from backend.ledger.people import with_tenant
from backend.ledger.reading import Reading, read_ledger
from backend.ledger.report import DOUBTS_SHOWN_MAX, as_csv, summary, table
from bot.clock import Clock, shanghai_day
from bot.policies import Policies
from bot.settings import Settings
from bot.turn import Turns
from dialogs.events import LeaseCorrected
from dialogs.lease import Comps, Lease

PAGE = 500


async def import_command(settings: Settings, file: Path, *, dry_run: bool) -> int:
    """0 imported (or would be), 1 the file needs work or the database is away, and nothing was changed."""
    from bot.app import clock_of, open_store

    console = Console()
    try:
        store = await open_store(settings)
        try:
            return await import_ledger(
                store, file, settings.operators[0], clock_of(settings), dry_run=dry_run, console=console
            )
        finally:
            await store.close()
    except StoreDown:
        console.print("[red]数据库没有应答，请稍后重试；重试不会重复导入。[/]")
        return 1


async def import_ledger(
    store: Store, file: Path, operator: str, clock: Clock, *, dry_run: bool, console: Console
) -> int:
    """Exit code as above. Raises StoreDown."""
    now = clock.now()
    try:
        raw = await asyncio.to_thread(file.read_bytes)
        reading = await asyncio.to_thread(read_ledger, raw, file.name, operator, shanghai_day(now))
    except OSError as fault:
        console.print(f"[red]打不开 {escape(str(file))}：{fault.strerror}[/]")
        return 1
    except LedgerError as wrong:
        console.print(f"[red]{escape(str(wrong))}[/]")
        return 1
    await asyncio.to_thread(_tell, console, reading, file)
    if reading.problems:
        console.print("[red]没有导入任何内容。[/]请按上表修改后重新导入。")
        return 1
    if dry_run:
        console.print("试运行：没有改动任何内容。")
        return 0
    await _Import(store, operator, clock, console).run(reading, now)
    return 0


def _tell(console: Console, reading: Reading, file: Path) -> None:
    console.print(escape(summary(reading)))
    if reading.problems:
        console.print(table("需要修改", reading.problems))
    if reading.warnings:
        console.print(table("提醒（不影响导入）", reading.warnings, DOUBTS_SHOWN_MAX))
    if reading.problems or len(reading.warnings) > DOUBTS_SHOWN_MAX:
        _report(console, reading, file.with_name(f"{file.stem}.problems.csv"))


def _report(console: Console, reading: Reading, report: Path) -> None:
    """The whole list beside the ledger, to be worked through; masked, as on the screen."""
    try:
        report.write_bytes(as_csv(reading.problems, reading.warnings))
    except OSError as fault:
        console.print(f"完整清单没有写成（{escape(str(report))}：{fault.strerror}）")
    else:
        console.print(f"完整清单：{escape(str(report))}")


class _Import:
    """One ledger into one operator's store."""

    def __init__(self, store: Store, operator: str, clock: Clock, console: Console) -> None:
        self._store = store
        self._operator = operator
        self._turns = Turns(store, Policies(), clock, lambda lanes: None)
        self._console = console

    async def run(self, reading: Reading, now: datetime) -> None:
        with self._bar() as bar:
            rows = [await self._known(row) for row in bar.track(reading.rows, description="核对租客")]
        if await self._store.imported_before(self._operator, reading.sha256):
            self._console.print(
                "这个文件以前导入过，没有改动任何内容。如确需以它为准，请在表格中任意修改一处并保存后再导入。"
            )
            await self._correct([one async for one in self._untold(rows)])
            return
        with self._bar() as bar:
            writing = bar.add_task("写入租约", total=len(rows))
            done = await self._store.import_leases(self._operator, rows, reading.sha256, now)
            bar.advance(writing, len(rows))
        await self._correct(done.corrected)
        self._console.print(
            f"[green]完成[/]：新增 {done.created}，更新 {done.changed}，未变 {done.unchanged}。", highlight=False
        )

    async def _known(self, row: LeaseRow) -> LeaseRow:
        """A tenant we know under another lease, or under this one with another phone, stays who they are."""
        tenant = row.people[0]
        found = await self._store.person_by_phone(self._operator, tenant.phone) if tenant.phone else None
        if found is None or found.name != tenant.name:
            lease = await self._store.lease(self._operator, row.lease.no)
            found = None if lease is None else await self._store.person(lease.tenant.id)
        if found is None or found.name != tenant.name or found.id == tenant.id:
            return row
        return with_tenant(row, found.id)

    async def _correct(self, renewals: Iterable[int]) -> None:
        """Open renewals whose lease changed hear of it: an offer that rests on wrong facts is void."""
        for renewal_id in renewals:
            stored = await self._store.load(renewal_id)
            lease = None if stored is None else await self._store.lease(self._operator, stored.renewal.lease.no)
            if lease is not None:
                await self._turns.deliver(renewal_id, LeaseCorrected(lease))

    async def _untold(self, rows: Sequence[LeaseRow]) -> AsyncIterator[int]:
        """Renewals that a process killed between import and correction still owes the word."""
        ledger = {row.lease.no: row.lease for row in rows}
        after = 0
        while page := await self._store.renewals(self._operator, limit=PAGE, after=after):
            after = page[-1].id
            for stored in page:
                lease = ledger.get(stored.renewal.lease.no)
                if lease is not None and _differs(stored, lease) and not await self._heard(stored.id, lease):
                    yield stored.id

    async def _heard(self, renewal_id: int, lease: Lease) -> bool:
        """Told already, or the ledger has moved on since this file."""
        if await self._store.lease(self._operator, lease.no) != lease:
            return True
        log = await self._store.log(renewal_id)
        return any(isinstance(one.event, LeaseCorrected) and one.event.lease == lease for one in log)

    def _bar(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        return Progress(*columns, console=self._console)


def _differs(stored: Stored, lease: Lease) -> bool:
    """``comps`` are looked up when the offer is made, and stand in no ledger."""
    return not stored.renewal.final and msgspec.structs.replace(stored.renewal.lease, comps=Comps()) != lease
