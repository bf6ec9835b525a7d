"""A small town for the store's tests: leases, their people, and turns made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from backend.db.port import Inbound, LeaseRow, LedgerBill, Person, Store, Stored, Window, Words, Write
from dialogs.effects import AnyEffect, Say
from dialogs.events import AnyEvent, Thanked
from dialogs.lease import Lease, Party, Role, Unit
from dialogs.money import Fen, yuan
from dialogs.renewal import Decision, Renewal, Timer
from dialogs.states import State

OPERATOR = "yuju"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
FIRST = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)
WINDOW = Window(TODAY, 45, {TODAY + timedelta(days=day): FIRST for day in range(46)}, "T-30", 3)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def lease(number: int = 1, *, end: date = date(2026, 4, 1), rent: Fen | None = None, operator: str = OPERATOR) -> Lease:
    return Lease(
        no=f"L{number}",
        operator=operator,
        unit=Unit("翠苑", "3幢", f"{number}01", "一室一厅"),
        parties=(Party(f"{operator}-P{number}", Role.TENANT),),
        start=date(2025, 4, 2),
        end=end,
        rent=rent or yuan(3200),
        deposit_due=yuan(3200),
        deposit_held=yuan(3200),
        housekeeper="hk1",
        lock=f"lock{number}",
    )


def phone(number: int = 1) -> str:
    return f"1380000{number:04d}"


def row(number: int = 1, of: Lease | None = None, bills: tuple[LedgerBill, ...] = ()) -> LeaseRow:
    held = of or lease(number)
    return LeaseRow(
        held, (Person(held.tenant.id, f"租客{number}号", phone(number), f"33010019900101{number:04d}"),), bills
    )


async def imported(store: Store, *rows: LeaseRow, sha: str = "00", operator: str = OPERATOR) -> None:
    await store.import_leases(operator, rows, sha, NOW)


async def opened(store: Store, count: int = 1) -> list[Stored]:
    """The renewals of ``count`` leases whose window has just opened; tenant n is bound as ``open-n``."""
    rows = [row(number) for number in range(1, count + 1)]
    await imported(store, *rows)
    assert await store.open_window(OPERATOR, WINDOW, NOW) == count
    for number, one in enumerate(rows, 1):
        await store.bind("wechat", f"open-{number}", one.lease.tenant.id, NOW)
    return await store.renewals(OPERATOR, limit=count)


def say(key: str, *, not_before: datetime | None = None) -> Say:
    return Say(key=key, message="offers", not_before=not_before)


def turn(
    stored: Stored,
    *effects: AnyEffect,
    event: AnyEvent | None = None,
    timers: tuple[Timer, ...] = (),
    drop: tuple[str, ...] = (),
    state: State = State.REMINDED,
    now: datetime = NOW,
    key: str | None = None,
    reply: str | None = None,
    words: tuple[Words, ...] = (),
) -> Write:
    """A turn written by hand on the row as it was read."""
    renewal = moved(stored, state)
    decision = Decision(renewal, effects, timers, drop, row=f"{stored.renewal.state} --Thanked--> {state}")
    inbound = None if key is None else Inbound(key, reply)
    return Write(stored.id, stored.version, event or Thanked(), decision, now, inbound, words)


def moved(stored: Stored, state: State) -> Renewal:
    return msgspec.structs.replace(stored.renewal, state=state, said=stored.renewal.said + 1)


async def again(store: Store, stored: Stored) -> Stored:
    found = await store.load(stored.id)
    assert found is not None
    return found
