"""Bytes of a spreadsheet become rows of cells; sizes are checked before anything is unpacked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import load_workbook

from .cells import Cell, text
from .headers import LedgerError

FILE_MAX = 20 * 1024 * 1024
UNPACKED_MAX = 200 * 1024 * 1024
RATIO_MAX = 200
ENTRIES_MAX = 2000
ROWS_MAX = 50_000
COLUMNS_MAX = 200
Row = tuple[int, Sequence[Cell]]
"""The row's number as the spreadsheet shows it, and its cells."""


def read_rows(raw: bytes, filename: str) -> Iterator[Row]:
    """XLSX by its content, else CSV in UTF-8 (with or without BOM) or GB18030. Raises LedgerError."""
    if len(raw) > FILE_MAX:
        raise LedgerError(f"文件超过 {FILE_MAX // 1024 // 1024} MB，请按社区拆分后分别导入")
    if not raw.strip():
        raise LedgerError("文件是空的，请确认选对了文件")
    if raw[:4] == b"PK\x03\x04":
        return _workbook(raw)
    if raw[:4] == b"\xd0\xcf\x11\xe0":
        raise LedgerError("这是旧版 .xls 文件，请在 Excel 中另存为 .xlsx 后重新导入")
    return _csv(raw)


def _workbook(raw: bytes) -> Iterator[Row]:
    _refuse_bomb(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        return iter(_kept(book[book.sheetnames[0]].iter_rows(values_only=True)))
    except LedgerError:
        raise
    except Exception as fault:
        # openpyxl lets any error of its parsers through; for whoever sent the file it is the same finding.
        raise LedgerError("文件内容无法解析，请在 Excel 中打开并另存为 .xlsx") from fault


def _refuse_bomb(raw: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as fault:
        raise LedgerError("文件已损坏，请在 Excel 中打开并另存为 .xlsx") from fault
    size = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_MAX or size > UNPACKED_MAX or size > RATIO_MAX * max(len(raw), 1):
        raise LedgerError("文件解开后大得不合常理，为安全起见没有打开；请另存为 .xlsx 后重试")


def _csv(raw: bytes) -> Iterator[Row]:
    content = _decoded(raw)
    first = content.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        return iter(_kept(reader))
    except csv.Error as fault:
        raise LedgerError(f"第 {reader.line_num} 行的引号或分隔符有误（{fault}），请另存为 .xlsx 后重试") from fault


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise LedgerError("看不懂文件的编码，请另存为 UTF-8 的 CSV 或 .xlsx")


def _kept(rows: Iterable[Sequence[Any]]) -> list[Row]:
    """Rows that are not empty, with their numbers. Raises LedgerError for more than anybody lets."""
    found: list[Row] = []
    for number, row in enumerate(rows, 1):
        if number > ROWS_MAX:
            raise LedgerError(f"超过 {ROWS_MAX} 行，请拆分后分别导入")
        if len(row) > COLUMNS_MAX:
            raise LedgerError(f"第 {number} 行超过 {COLUMNS_MAX} 列，请删除多余的列")
        if any(text(cell) for cell in row):
            found.append((number, tuple(row)))
    return found
