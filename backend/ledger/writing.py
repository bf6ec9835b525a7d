"""Renewed leases for the ERP: CSV or XLSX, formulas neutralised, written beside and renamed, with control totals."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from backend.db.port import RenewedLease
from dialogs.money import Fen, show

from .report import harmless

TITLES = (
    "原合同编号", "新合同编号", "社区", "房号", "起租日", "到期日", "月租金(元)", "押金(元)", "签署时间(UTC)",
    "合同SHA-256", "签署任务",
)  # fmt: skip
FORMATS = ("csv", "xlsx")


def write(path: Path, leases: Sequence[RenewedLease], form: str) -> Path:
    """Writes ``path`` and ``<path>.totals.json`` (rows, sum of rents in fen); the address of the latter.

    Raises OSError, ValueError for a form we do not write. A reader never sees half a file.
    """
    if form not in FORMATS:
        raise ValueError(f"{form} 不支持，请用 {' 或 '.join(FORMATS)}")
    rows = [_row(one) for one in leases]
    _replace(path, _csv(rows) if form == "csv" else _xlsx(rows))
    totals = path.with_name(f"{path.name}.totals.json")
    body = {"rows": len(leases), "monthly_rent_fen": sum(one.rent for one in leases)}
    _replace(totals, json.dumps(body, indent=2).encode() + b"\n")
    return totals


def _row(one: RenewedLease) -> tuple[str, ...]:
    """Everything is text: contract numbers keep their zeros, long ones their digits."""
    return tuple(
        harmless(cell)
        for cell in (
            one.lease_no, one.next_lease_no, one.community, one.room, one.start.isoformat(), one.end.isoformat(),
            show(Fen(one.rent)), show(Fen(one.deposit)), one.signed_at.isoformat(timespec="seconds"),
            one.contract_sha256, one.envelope,
        )
    )  # fmt: skip


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([TITLES, *rows])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[tuple[str, ...]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("已续租")
    for row in (TITLES, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _replace(path: Path, raw: bytes) -> None:
    fresh = path.with_name(f"{path.name}.tmp")
    fresh.write_bytes(raw)
    fresh.replace(path)
