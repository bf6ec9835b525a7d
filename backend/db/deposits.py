"""Deposits as entries: held, booked at the counter, carried over as a pair, topped up (providers sheet, section 6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from dialogs.lease import Lease

from .deposit_port import DepositEntry
from .deposit_tables import deposits
from .importing import upsert


def open_with(conn: Connection, operator: str, lease: Lease, now: datetime) -> None:
    """What the ledger said was held, once, before the first entry of this lease."""
    if not entries(conn, operator, lease.no):
        _add(conn, operator, DepositEntry(f"hold:{operator}:{lease.no}", lease.no, "hold", lease.deposit_held, now))


def book(conn: Connection, operator: str, lease: Lease, held: int, now: datetime) -> None:
    """Booked at the counter: the difference to what was held before; the same figure again adds nothing."""
    open_with(conn, operator, lease, now)
    before = entries(conn, operator, lease.no)
    change = held - sum(one.amount for one in before)
    if change:
        kind = "top_up" if change > 0 else "release"
        _add(conn, operator, DepositEntry(f"book:{operator}:{lease.no}:{len(before)}", lease.no, kind, change, now))


def carry(conn: Connection, operator: str, old: Lease, following: Lease, now: datetime) -> None:
    """Everything held moves to the next term in two linked entries; what its first bill added tops it up.

    Once, whatever is repeated: the pair's keys name both leases.
    """
    open_with(conn, operator, old, now)
    pair = f"carry:{operator}:{old.no}>{following.no}"
    if conn.execute(select(deposits.c.id).where(deposits.c.key == f"{pair}:out")).first() is not None:
        return
    held = balance(conn, operator, old.no)
    _add(conn, operator, DepositEntry(f"{pair}:out", old.no, "carry_out", -held, now, following.no))
    _add(conn, operator, DepositEntry(f"{pair}:in", following.no, "carry_in", held, now, old.no))
    if added := max(0, following.deposit_held - held):
        _add(conn, operator, DepositEntry(f"{pair}:top_up", following.no, "top_up", added, now))


def balance(conn: Connection, operator: str, lease_no: str) -> int:
    """Fen."""
    mine = (deposits.c.operator == operator, deposits.c.lease_no == lease_no)
    return int(conn.execute(select(func.coalesce(func.sum(deposits.c.amount), 0)).where(*mine)).scalar_one())


def entries(conn: Connection, operator: str, lease_no: str) -> list[DepositEntry]:
    """Oldest first."""
    mine = (deposits.c.operator == operator, deposits.c.lease_no == lease_no)
    found = conn.execute(select(deposits).where(*mine).order_by(deposits.c.id))
    return [DepositEntry(row.key, row.lease_no, row.kind, row.amount, row.at, row.other_lease) for row in found]


def _add(conn: Connection, operator: str, one: DepositEntry) -> None:
    row = {
        "operator": operator,
        "lease_no": one.lease_no,
        "key": one.key,
        "kind": one.kind,
        "amount": one.amount,
        "other_lease": one.other_lease,
        "at": one.at,
    }
    conn.execute(upsert(conn, deposits).values(**row).on_conflict_do_nothing())
