"""Bytes of a spreadsheet become rows of cells; sizes are checked before anything is unpacked."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
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
CHUNK = 1 << 20
DELIMITER_WITHIN = 10
"""Lines in which the delimiter is looked for: a title above the header has none."""
Row = tuple[int, Sequence[Cell]]
"""The row's number as the spreadsheet shows it, and its cells."""


def read_rows(raw: bytes, filename: str) -> Iterator[Row]:
    """XLSX by its content, else CSV in UTF-8 (with or without BOM), GB18030, or UTF-16 with BOM. Raises LedgerError."""
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
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            _refuse_bomb(parts, len(raw))
            _refuse_entities(parts)
        with warnings.catch_warnings():
            # About styles and drop-down lists it does not know: nothing to whoever sent the file.
            warnings.simplefilter("ignore")
            return iter(_kept(_first_sheet(raw)))
    except LedgerError:
        raise
    except Exception as fault:
        # zipfile and openpyxl let any error of their parsers through; for whoever sent the file it is one finding.
        raise LedgerError("文件内容无法解析，请在 Excel 中打开并另存为 .xlsx") from fault


def _first_sheet(raw: bytes) -> Iterator[Sequence[Any]]:
    """Row by row as they are: the size a sheet claims to have is not believed."""
    sheet = load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)


def _refuse_bomb(parts: zipfile.ZipFile, packed: int) -> None:
    """By the sizes the archive states: zipfile gives out no byte more than stated."""
    entries = parts.infolist()
    size = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES_MAX or size > UNPACKED_MAX or size > RATIO_MAX * packed:
        raise LedgerError("文件解开后大得不合常理，为安全起见没有打开；请另存为 .xlsx 后重试")


def _refuse_entities(parts: zipfile.ZipFile) -> None:
    """No spreadsheet program writes a DOCTYPE; who does wants entities resolved."""
    for entry in parts.infolist():
        with parts.open(entry) as part:
            tail = b""
            while chunk := part.read(CHUNK):
                # UTF-16 is UTF-8 with zeros between, as far as these letters go.
                seen = tail + chunk.replace(b"\0", b"")
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                    raise LedgerError("文件里有表格不该有的内容（DOCTYPE），为安全起见没有打开")
                tail = seen[-len(b"<!DOCTYPE") :]


def _csv(raw: bytes) -> Iterator[Row]:
    content = _decoded(raw)
    top = "\n".join(content.split("\n", DELIMITER_WITHIN)[:DELIMITER_WITHIN])
    delimiter = max(",\t;", key=top.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        return iter(_kept(reader))
    except csv.Error as fault:
        raise LedgerError(f"第 {reader.line_num} 行的引号或分隔符有误（{fault}），请另存为 .xlsx 后重试") from fault


def _decoded(raw: bytes) -> str:
    marked = raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
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
        filled = [index for index, cell in enumerate(row) if cell not in (None, "") and text(cell)]
        if filled and filled[-1] >= COLUMNS_MAX:
            raise LedgerError(f"第 {number} 行超过 {COLUMNS_MAX} 列，请删除多余的列")
        if filled:
            found.append((number, tuple(row[: filled[-1] + 1])))
    return found
