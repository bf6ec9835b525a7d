"""Headers as operators write them, and what whoever forgot one is told."""

from __future__ import annotations

import pytest

from backend.ledger.headers import ALIASES, REQUIRED, LedgerError, columns, letter, plain, recognised

NEEDED = [ALIASES[field][0] for field in REQUIRED]


@pytest.mark.parametrize(
    ("field", "alias"), [(field, alias) for field, aliases in ALIASES.items() for alias in aliases]
)
def test_each_alias_names_its_field(field: str, alias: str) -> None:
    others = [ALIASES[one][0] for one in REQUIRED if one != field]
    assert columns([*others, alias]).at[field] == len(others)


def test_no_alias_names_two_fields() -> None:
    names = [plain(alias) for aliases in ALIASES.values() for alias in aliases]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("written", ["月租金（元）", " 月 租 金 ", "*月租金", "月租金[必填]", "月租金："])
def test_notes_stars_and_spaces_do_not_matter(written: str) -> None:
    assert plain(written) == "月租金"


def test_width_and_case_do_not_matter() -> None:
    assert plain("Ｌｅａｓｅ　No") == plain("lease no") == "leaseno"


def test_what_is_missing_is_named_with_the_names_that_would_do() -> None:
    with pytest.raises(LedgerError) as caught:
        columns([name for name in NEEDED if name not in ("到期日", "月租金")])
    assert str(caught.value) == (
        "缺少必填列：到期日（也可写作 到期日期、结束日期、合同到期）；月租金（也可写作 租金、月租、rent）。"
        "请在表头补上这些列后重新导入"
    )


def test_one_meaning_twice_is_refused() -> None:
    with pytest.raises(LedgerError, match="表头「联系电话」与「手机号」是同一列含义，请只保留一列"):
        columns([*NEEDED, "联系电话"])


def test_unknown_headers_are_named_and_ignored() -> None:
    found = columns([*NEEDED, "备注", "", "星座" * 40])
    assert found.ignored[0] == "备注"
    assert len(found.ignored[1]) == 30
    assert recognised([*NEEDED, "备注"]) == len(NEEDED)


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_columns_are_lettered_as_in_the_spreadsheet(index: int, name: str) -> None:
    assert letter(index) == name
