"""Says in words what is configured, what answers, and what is missing: the first thing to run when something is odd."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.db.port import StoreDown
from bot.doctor_reach import reach_findings
from bot.settings import FadadaSettings, LockSettings, PaySettings, Settings, WeChatSettings


async def examine(settings: Settings) -> int:
    """Print one line a finding; 0 when nothing stands in the way of serving."""
    from bot.app import open_store

    trouble = 0
    try:
        store = await open_store(settings)
        pulse = await store.pulse(datetime.now(UTC))
        print(f"ok       database: {pulse.effects} effects and {pulse.timers} timers due, {pulse.dead} dead letters")
        await store.close()
    except (StoreDown, RuntimeError) as fault:
        trouble += 1
        print(f"TROUBLE  database: {fault} — start it, check XUZU_DATABASE_URL, run `xuzu migrate`")
    for name, group, lost in _connections(settings):
        if group is None:
            print(f"missing  {name}: {lost}")
        else:
            print(f"ok       {name}: configured for {group}")
    for finding in reach_findings(settings, datetime.now(UTC).year):
        trouble += finding.word == "TROUBLE"
        print(finding)
    return 1 if trouble else 0


def _connections(settings: Settings) -> list[tuple[str, str | None, str]]:
    """Name, address if configured, what is lost without it."""
    return [
        ("WeChat", _address(settings.wechat), "nobody is written to; messages wait in the outbox"),
        ("e-sign", _address(settings.fadada), "contracts wait in the outbox"),
        ("payments", _address(settings.pay), "first bills wait in the outbox"),
        ("locks", _address(settings.lock), "doors are not extended; they wait in the outbox"),
        (
            "Redis",
            settings.redis_url or None,
            "fine for one process; several share hints and the WeChat token through it",
        ),
        ("desk", "a key" if settings.desk_key else None, "set XUZU_DESK_KEY to serve the staff's pages"),
    ]


def _address(group: WeChatSettings | FadadaSettings | PaySettings | LockSettings | None) -> str | None:
    return None if group is None else group.api_base
