"""Files as they come: encodings, delimiters, sizes, and archives that mean harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from backend.ledger import sheets
from backend.ledger.headers import LedgerError
from backend.ledger.sheets import read_rows
from tests.backend.ledger.sheet import as_csv, as_xlsx

TABLE = [["合同编号", "社区"], ["HT-001", "翠苑"], ["", ""], ["HT-002", "文一，居"]]
ROWS = [(1, ("合同编号", "社区")), (2, ("HT-001", "翠苑")), (4, ("HT-002", "文一，居"))]


def refused(raw: bytes) -> str:
    with pytest.raises(LedgerError) as caught:
        list(read_rows(raw, "台账"))
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding(encoding: str, delimiter: str) -> None:
    assert list(read_rows(as_csv(TABLE, encoding, delimiter), "台账.csv")) == ROWS


def test_the_delimiter_is_found_under_a_title() -> None:
    raw = "寓居生活 租约台账\r\n".encode() + as_csv(TABLE, delimiter=";")
    assert list(read_rows(raw, "台账.csv"))[1] == (2, ("合同编号", "社区"))


def test_xlsx_is_known_by_its_content() -> None:
    found = list(read_rows(as_xlsx(TABLE), "台账.csv"))
    assert [(number, row) for number, row in found if number != 3] == ROWS


def test_numbers_and_dates_of_xlsx_stay_what_they_are() -> None:
    made = datetime(2026, 9, 30)  # noqa: DTZ001
    (row,) = read_rows(as_xlsx([["HT-1", 3200, 3200.5, made, None, True, None]]), "台账.xlsx")
    assert row == (1, ("HT-1", 3200, 3200.5, made, None, True))


def test_drop_down_lists_and_a_claimed_size_do_not_matter() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["合同编号", "社区"])
    page.add_data_validation(DataValidation("list", formula1='"是,否"'))
    page.cell(1, 16384).number_format = "0.00"
    assert list(read_rows(saved(book), "台账.xlsx")) == ROWS[:1]


def test_only_the_first_sheet_is_read() -> None:
    book = Workbook()
    book.create_sheet("旧台账").append(["不", "看"])
    page = book.worksheets[0]
    page.append(["合同编号", "社区"])
    assert list(read_rows(saved(book), "台账.xlsx")) == ROWS[:1]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "文件是空的"),
        (b" \r\n ", "文件是空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "这是旧版 .xls 文件"),
        (b"PK\x03\x04junk", "文件内容无法解析"),
        (b"\xff\xfe\x00", "看不懂文件的编码"),
        (b"\x81\xff\xff\xff", "看不懂文件的编码"),
        (b'"' + b"x" * 200_000, "引号或分隔符有误"),
        (b"," * 200 + b"x", "第 1 行超过 200 列"),
        (b"x\n" * 50_001, "超过 50000 行"),
    ],
    ids=["empty", "blank", "xls", "no zip", "utf-16", "no encoding", "open quote", "wide", "long"],
)
def test_files_that_cannot_be_read(raw: bytes, what: str) -> None:
    assert what in refused(raw)


def test_a_file_too_large_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FILE_MAX", 1024 * 1024)
    assert refused(b"x" * (1024 * 1024 + 1)) == "文件超过 1 MB，请按社区拆分后分别导入"


def test_an_archive_that_grows_too_much_is_not_opened() -> None:
    assert "大得不合常理" in refused(archive({"xl/worksheets/sheet1.xml": b"0" * 30_000_000}))


def test_an_archive_of_too_many_parts_is_not_opened() -> None:
    assert "大得不合常理" in refused(archive({f"{number}.xml": b"" for number in range(2001)}))


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    raw = archive({"xl/workbook.xml": b"0" * 10_000})
    lying = raw.replace((10_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != raw
    assert "文件内容无法解析" in refused(lying)


@pytest.mark.parametrize("encode", [str.encode, lambda text: text.encode("utf-16")], ids=["utf-8", "utf-16"])
@pytest.mark.parametrize("padding", ["", "<!--" + "x" * (sheets.CHUNK - 10) + "-->"], ids=["first", "between chunks"])
def test_entities_are_refused(encode: Callable[[str], bytes], padding: str) -> None:
    bomb = f'{padding}<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert "DOCTYPE" in refused(rewritten(as_xlsx(TABLE), "xl/worksheets/sheet1.xml", encode(bomb)))


def test_an_encrypted_archive_is_refused() -> None:
    raw = bytearray(archive({"xl/workbook.xml": b"x"}))
    central = raw.index(b"PK\x01\x02")
    raw[6] |= 1
    raw[central + 8] |= 1
    assert "文件内容无法解析" in refused(bytes(raw))


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in parts.items():
            packed.writestr(name, body)
    return out.getvalue()


def rewritten(raw: bytes, name: str, body: bytes) -> bytes:
    """The same workbook with one part replaced, stored: it is not the packing that gives it away."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as fresh:
        for one in old.namelist():
            fresh.writestr(one, body if one == name else old.read(one))
    return out.getvalue()


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
