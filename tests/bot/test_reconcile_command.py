"""``xuzu reconcile``: a wrong day changes nothing, nobody connected is nothing to compare."""

from __future__ import annotations

import pytest

from bot.reconcile_command import reconcile_command
from bot.settings import Settings
from tests.bot.stage import LINK_KEY, OPERATOR


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    return Settings(sqlite_url, "5e" * 32, LINK_KEY, (OPERATOR,))


async def test_a_day_that_is_none_is_said_to_be_none(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await reconcile_command(settings, "yesterday") == 2
    assert "write it as" in capsys.readouterr().err


async def test_nobody_connected_is_nothing_to_compare(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await reconcile_command(settings, "2026-11-01") == 0
    assert "reconciliation of 2026-11-01" in capsys.readouterr().out
