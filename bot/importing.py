"""``xuzu import``: read, report, and only then change anything: all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend.db.port import Imported, Store
from backend.ledger.headers import LedgerError
from backend.ledger.reading import Reading, read_ledger
from backend.ledger.report import as_csv, summary, table
from bot.clock import Clock, shanghai_day
from bot.policies import Policies
from bot.settings import Settings
from bot.turn import Turns
from dialogs.events import LeaseCorrected


async def import_command(settings: Settings, file: Path, *, dry_run: bool) -> int:
    """0 imported (or would be), 1 the file needs work and nothing was changed."""
    from bot.app import clock_of, open_store

    store = await open_store(settings)
    try:
        return await import_ledger(store, file, settings.operators[0], clock_of(settings), dry_run=dry_run)
    finally:
        await store.close()


async def import_ledger(store: Store, file: Path, operator: str, clock: Clock, *, dry_run: bool) -> int:
    console = Console()
    now = clock.now()
    try:
        raw = file.read_bytes()
        with _bar(console) as bar:
            bar.add_task(f"读取 {file.name}")
            reading = read_ledger(raw, file.name, operator, shanghai_day(now))
    except OSError as fault:
        console.print(f"[red]打不开 {file}：{fault.strerror}[/]")
        return 1
    except LedgerError as wrong:
        console.print(f"[red]{wrong}[/]")
        return 1
    _tell(console, reading, file)
    if reading.problems:
        console.print("[red]没有导入任何内容。[/]请按上表修改后重新导入。")
        return 1
    if dry_run:
        console.print("试运行：没有改动任何内容。")
        return 0
    return await _import(store, reading, operator, now, console, clock)


def _tell(console: Console, reading: Reading, file: Path) -> None:
    console.print(summary(reading))
    if reading.problems:
        console.print(table("需要修改", reading.problems))
        report = file.with_name(f"{file.stem}.problems.csv")
        report.write_bytes(as_csv([*reading.problems, *reading.warnings]))
        console.print(f"完整清单：{report}")
    elif reading.warnings:
        console.print(table("提醒（不影响导入）", reading.warnings))


async def _import(store: Store, reading: Reading, operator: str, now: datetime, console: Console, clock: Clock) -> int:
    if await store.imported_before(operator, reading.sha256):
        console.print("这个文件已经导入过，内容没有变化。")
        return 0
    with _bar(console) as bar:
        bar.add_task(f"写入 {len(reading.rows)} 份租约")
        done = await store.import_leases(operator, reading.rows, reading.sha256, now)
        for person, openid in sorted(reading.bindings.items()):
            await store.bind("wechat", openid, person, now)
    await _correct(store, done, clock)
    console.print(f"[green]完成[/]：新增 {done.created}，更新 {done.changed}，未变 {done.unchanged}。")
    return 0


async def _correct(store: Store, done: Imported, clock: Clock) -> None:
    """Open renewals whose lease changed hear of it: an offer that rests on wrong facts is void."""
    turns = Turns(store, Policies(), clock, lambda lanes: None)
    for renewal_id in done.corrected:
        stored = await store.load(renewal_id)
        lease = None if stored is None else await store.lease(stored.operator, stored.renewal.lease.no)
        if lease is not None:
            await turns.deliver(renewal_id, LeaseCorrected(lease))


def _bar(console: Console) -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
