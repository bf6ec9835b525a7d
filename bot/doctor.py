"""Says in words what is configured, what answers, and what is missing: the first thing to run when something is odd."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.db.port import StoreDown
from bot.settings import Settings
from dialogs.workdays import covered


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
    year = datetime.now(UTC).year
    for wanted in (year, year + 1):
        if not covered(wanted):
            print(f"warning  holidays of {wanted} are not known: reminders ignore them; update the calendar library")
    return 1 if trouble else 0


def _connections(settings: Settings) -> list[tuple[str, str | None, str]]:
    """Name, address if configured, what is lost without it."""
    return [
        ("WeChat", settings.wechat and settings.wechat.api_base, "nobody is written to; every message becomes a task"),
        ("e-sign", settings.fadada and settings.fadada.api_base, "contracts wait in the outbox"),
        ("payments", settings.pay and settings.pay.api_base, "first bills wait in the outbox"),
        ("locks", settings.lock and settings.lock.api_base, "doors are not extended; they wait in the outbox"),
        (
            "Redis",
            settings.redis_url or None,
            "fine for one process; several share hints and the WeChat token through it",
        ),
        ("desk", "a key" if settings.desk_key else None, "set XUZU_DESK_KEY to serve the staff's pages"),
    ]
