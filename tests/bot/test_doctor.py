"""The doctor: one line for each thing that is there, missing or wrong, and an exit code for supervisors."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.doctor import examine
from bot.settings import LockSettings, Settings, SmsSettings, WeChatSettings

WECHAT = WeChatSettings("wx1", "a-secret", "a-token", "a" * 43, api_base="http://127.0.0.1:9/wx")


def settings(url: str, **more: object) -> Settings:
    plain = Settings(url, "5e" * 32, "k" * 32, ("yuju",))
    return msgspec.structs.replace(plain, **more)


async def test_a_bare_installation_is_well_and_is_told_what_it_lacks(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(settings(sqlite_url)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ok       database: 0 effects and 0 timers due, 0 dead letters" in lines
    for name in ("WeChat", "e-sign", "payments", "locks", "Redis", "desk"):
        assert any(line.startswith(f"missing  {name}: ") for line in lines)
    assert not any(line.startswith("TROUBLE") for line in lines)


async def test_what_is_configured_is_named_by_its_address_and_no_secret_is_printed(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = LockSettings("id", "lock-secret", "user", "lock-password", api_base="http://127.0.0.1:9/lock")
    found = settings(sqlite_url, wechat=WECHAT, lock=lock, desk_key="desk-secret", redis_url="redis://127.0.0.1:1")
    assert await examine(found) == 0
    said = capsys.readouterr().out
    assert "ok       WeChat: configured for http://127.0.0.1:9/wx" in said
    assert "ok       locks: configured for http://127.0.0.1:9/lock" in said
    assert "ok       desk: configured for a key" in said
    for secret in ("a-secret", "a-token", "lock-secret", "lock-password", "desk-secret", "5e5e", "kkkk"):
        assert secret not in said


async def test_a_database_that_was_never_migrated_is_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(settings(f"sqlite:///{tmp_path / 'new.db'}")) == 1
    [line] = [one for one in capsys.readouterr().out.splitlines() if one.startswith("TROUBLE")]
    assert "xuzu migrate" in line


async def test_a_database_that_does_not_answer_is_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    assert await examine(settings("postgresql://nobody@127.0.0.1:1/none")) == 1
    assert "TROUBLE  database: " in capsys.readouterr().out


async def test_years_whose_holidays_are_unknown_are_told(
    sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor_reach.covered", lambda year: False)
    assert await examine(settings(sqlite_url)) == 0
    assert capsys.readouterr().out.count("warning  holidays of ") == 2


async def test_reach_is_looked_at_and_sms_without_a_vendor_is_trouble(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(settings(sqlite_url)) == 0
    assert "missing  SMS: " in capsys.readouterr().out
    assert await examine(settings(sqlite_url, sms=SmsSettings("寓居", "a-path-segment"))) == 1
    said = capsys.readouterr().out
    assert "TROUBLE  SMS: " in said
    assert "a-path-segment" not in said
