"""The demo's server is a child process that is started again when it dies, and ends when it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo_server import Server


async def test_a_command_that_fails_says_its_last_words(tmp_path: Path) -> None:
    server = Server({"XUZU_DATABASE_URL": "sqlite:////nowhere/at/all.db"}, tmp_path / "log")
    with pytest.raises(RuntimeError, match="xuzu migrate failed"):
        await server.run("migrate")


async def test_a_server_that_never_started_is_stopped_at_once(tmp_path: Path) -> None:
    server = Server({}, tmp_path / "log")
    await server.kill()
    await server.stop()
    await server.wait()
    assert server.starts == 0
