"""``xuzu export``: the renewed leases as a file that an ERP takes in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from backend.db.port import Store, StoreDown
from backend.ledger.writing import FORMATS, write
from bot.settings import Settings


async def export_command(settings: Settings, file: Path, form: str | None) -> int:
    """0 written, 1 could not be written, 2 no form named and none in the file's ending."""
    from bot.app import open_store

    chosen = form or file.suffix.lstrip(".").lower()
    if chosen not in FORMATS:
        print(f"{file}: end it in .csv or .xlsx, or say --format", file=sys.stderr)
        return 2
    try:
        store = await open_store(settings)
        try:
            return await export(store, settings.operators[0], file, chosen)
        finally:
            await store.close()
    except StoreDown:
        print("数据库没有应答，请稍后重试", file=sys.stderr)
        return 1


async def export(store: Store, operator: str, file: Path, form: str) -> int:
    leases = await store.renewed_leases(operator)
    try:
        totals = await asyncio.to_thread(write, file, leases, form)
    except OSError as fault:
        print(f"{file}: {fault.strerror}", file=sys.stderr)
        return 1
    print(f"{len(leases)} 份续租合同 → {file}，核对数 {totals}")
    return 0
