"""Imports run downwards only: the contracts in pyproject.toml hold, and nobody took one away."""

from __future__ import annotations

import tomllib

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.house.sources import ROOT

PROMISED = {
    "One way through the house: bot -> channels | backend -> dialogs",
    "The rules are pure: no I/O, no store, no wire",
    "sqlalchemy and asyncpg live in backend.db",
    "wechatpy lives in channels.wechat",
    "transitions lives in dialogs.machine",
    "Channels are strangers to each other",
    "Providers are strangers to each other",
    "Only the demo knows the sandbox, and the sandbox knows no adapter",
    "The sandbox shares no code with the adapters",
}


def test_every_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_contracts_are_still_there() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in settings["contracts"]} >= PROMISED
    assert settings["root_packages"] == ["bot", "dialogs", "channels", "backend"]
