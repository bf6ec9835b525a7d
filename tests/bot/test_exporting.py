"""Renewed leases leave for the ERP, from both kinds of store."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from backend.db.port import Store, Write
from bot.exporting import export, export_command
from bot.settings import Settings
from dialogs.events import EnvelopeSigned
from dialogs.money import yuan
from dialogs.offer import Proposal, RentStep
from dialogs.renewal import Decision
from dialogs.states import State
from tests.backend.db.town import NOW, OPERATOR, opened

TERMS = Proposal("keep", 1, (RentStep(12, yuan(3250)),), date(2026, 4, 2), date(2027, 4, 1), yuan(3250))


async def one_renewed(store: Store) -> None:
    first, _ = await opened(store, 2)
    renewal = msgspec.structs.replace(
        first.renewal, state=State.RENEWED, accepted=TERMS, envelope="env-1", marks={"signed": NOW}
    )
    signed = EnvelopeSigned(ref="env-1", sha256="c0ffee")
    await store.commit([Write(first.id, 0, signed, Decision(renewal), NOW)])


def settings(url: str) -> Settings:
    return Settings(database_url=url, seal_key="5e" * 32, link_key="k" * 32, operators=(OPERATOR,))


async def test_only_the_renewed_are_exported(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await one_renewed(store)
    file = tmp_path / "out.csv"
    assert await export(store, OPERATOR, file, "csv") == 0
    (_, row) = csv.reader(io.StringIO(file.read_text("utf-8-sig")))
    assert row[:8] == ["L1", "L1-2604", "翠苑", "3幢101", "2026-04-02", "2027-04-01", "3250", "3250"]
    assert row[9:] == ["c0ffee", "env-1"]
    totals = json.loads((tmp_path / "out.csv.totals.json").read_text())
    assert totals == {"rows": 1, "monthly_rent_fen": 325000}
    assert capsys.readouterr().out.startswith("1 份续租合同")


async def test_another_operator_sees_none_of_it(store: Store, tmp_path: Path) -> None:
    await one_renewed(store)
    await export(store, "other", tmp_path / "out.csv", "csv")
    assert json.loads((tmp_path / "out.csv.totals.json").read_text())["rows"] == 0


async def test_a_folder_that_is_not_there(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await export(store, OPERATOR, tmp_path / "no" / "out.csv", "csv") == 1
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "form"), [("out.xlsx", None), ("out", "csv"), ("out.CSV", None)])
async def test_the_command_takes_the_form_or_the_ending(
    store_url: str, tmp_path: Path, name: str, form: str | None
) -> None:
    assert await export_command(settings(store_url), tmp_path / name, form) == 0
    assert (tmp_path / name).stat().st_size > 0


async def test_the_command_wants_to_know_the_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await export_command(settings("sqlite:///none"), tmp_path / "out.pdf", None) == 2
    assert "--format" in capsys.readouterr().err


async def test_the_command_says_that_the_database_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = settings("postgresql://xuzu@127.0.0.1:1/xuzu")
    assert await export_command(nowhere, tmp_path / "out.csv", None) == 1
    assert "数据库没有应答" in capsys.readouterr().err
