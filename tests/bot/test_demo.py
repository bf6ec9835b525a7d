"""What the demo refuses before it begins; the season itself is played in tests/journeys."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from bot import demo
from bot.demo_people import Follower, NoPhone, Texter
from bot.demo_place import MARK, fresh, port
from bot.settings import SettingsError


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "letters" / "mother.txt"
    precious.parent.mkdir()
    precious.write_text("dear")
    with pytest.raises(SettingsError, match="--folder"):
        fresh(precious.parent)
    assert precious.read_text() == "dear"


def test_its_own_folder_begins_anew_each_time(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "demo")
    (folder / "old.db").touch()
    assert [path.name for path in fresh(folder).iterdir()] == [MARK]


def test_a_taken_port_is_said_or_with_once_another_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(number)):
            port(number, free=False)
        assert port(number, free=True) != number


async def test_the_season_has_a_tenant_for_each_lease_of_the_window(tmp_path: Path) -> None:
    season = demo.Season(fresh(tmp_path / "demo"), 8080, 2026)
    await season.world.open()
    season.cast()
    assert len(season.tenants) == 68
    assert Counter(type(one.phone) for one in season.tenants.values()) == {Follower: 65, Texter: 1, NoPhone: 2}
    await season.world.close()
    assert len(season.world.locks.doors.doors) == 196
    for tenant in season.tenants.values():
        await tenant.close()
