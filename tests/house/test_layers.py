"""Imports run downwards only: the contracts in pyproject.toml hold, and nobody took one away."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from importlinter.cli import EXIT_STATUS_SUCCESS

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


def test_every_contract_is_kept() -> None:
    """In a process of its own: the linter sets up logging, and would silence the loggers of the tests after it."""
    linter = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    linted = subprocess.run([*linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == EXIT_STATUS_SUCCESS, linted.stdout + linted.stderr


def test_the_contracts_are_still_there() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in settings["contracts"]} >= PROMISED
    assert settings["root_packages"] == ["bot", "dialogs", "channels", "backend"]
