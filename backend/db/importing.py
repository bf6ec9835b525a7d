"""A ledger comes in: leases, people and bills of one file, in one transaction and a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert

from backend.sealing import Sealer
from dialogs.lease import Lease

from .port import Imported, LeaseRow, LedgerBill, Person
from .rows import encode, lease_of, person_of
from .tables import bills, bindings, imports, leases, people, renewals


def upsert(conn: Connection, table: Table) -> Any:
    """An insert that may say what happens on conflict; both databases have it, SQLAlchemy names it twice."""
    return pg_insert(table) if conn.dialect.name == "postgresql" else lite_insert(table)


def import_leases(
    conn: Connection, sealer: Sealer, operator: str, rows: Sequence[LeaseRow], source: tuple[str, datetime]
) -> Imported:
    """All of it or nothing (the caller's transaction). ``source`` = (sha256 of the file, now)."""
    known = {row.no: row for row in conn.execute(_known(operator))}
    created = [row.lease for row in rows if row.lease.no not in known]
    kept = [row.lease for row in rows if row.lease.no in known]
    changed = [lease for lease in kept if lease_of(known[lease.no].facts) != lease]
    _insert_leases(conn, operator, created)
    corrected = _correct_leases(conn, [(known[lease.no], lease) for lease in changed])
    _put_people(conn, sealer, operator, [person for row in rows for person in row.people])
    _put_bills(conn, operator, [bill for row in rows for bill in row.bills])
    _close_bills(conn, operator, rows)
    sha256, now = source
    _bind(conn, sealer, rows, now)
    conn.execute(upsert(conn, imports).values(operator=operator, sha256=sha256, at=now).on_conflict_do_nothing())
    return Imported(len(created), len(changed), len(kept) - len(changed), corrected)


def _known(operator: str) -> Any:
    return select(leases.c.id, leases.c.no, leases.c.facts).where(leases.c.operator == operator)


def lease_columns(lease: Lease) -> dict[str, object]:
    """A lease's row, less operator and number."""
    return {
        "tenant": lease.tenant.id,
        "community": lease.unit.community,
        "building": lease.unit.building,
        "layout": lease.unit.layout,
        "rent": lease.rent,
        "start_date": lease.start.isoformat(),
        "end_date": lease.end.isoformat(),
        "facts": encode(lease),
    }


def _insert_leases(conn: Connection, operator: str, fresh: Sequence[Lease]) -> None:
    if fresh:
        conn.execute(insert(leases), [{"operator": operator, "no": one.no, **lease_columns(one)} for one in fresh])


def _correct_leases(conn: Connection, changed: Sequence[tuple[Row[Any], Lease]]) -> tuple[int, ...]:
    """The open renewals concerned, by id."""
    if not changed:
        return ()
    rows = [{"row_id": before.id, **lease_columns(lease)} for before, lease in changed]
    conn.execute(update(leases).where(leases.c.id == bindparam("row_id")), rows)
    ids = {before.id for before, _ in changed}
    found = select(renewals.c.id, renewals.c.lease_id).where(renewals.c.live).order_by(renewals.c.id)
    return tuple(int(row.id) for row in conn.execute(found) if row.lease_id in ids)


def _put_people(conn: Connection, sealer: Sealer, operator: str, persons: Iterable[Person]) -> None:
    """Sealed anew only where something changed."""
    found = select(people.c.id, people.c.sealed).where(people.c.operator == operator)
    before = {row.id: person_of(row.sealed, sealer) for row in conn.execute(found)}
    fresh = [
        {
            "id": one.id,
            "operator": operator,
            "sealed": sealer.seal(encode(one)),
            "phone_blind": sealer.blind(one.phone),
        }
        for one in {person.id: person for person in persons}.values()
        if before.get(one.id) != one
    ]
    if fresh:
        statement = upsert(conn, people)
        theirs = {name: statement.excluded[name] for name in ("operator", "sealed", "phone_blind")}
        conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=theirs), fresh)


def _put_bills(conn: Connection, operator: str, ledger: Iterable[LedgerBill]) -> None:
    """What the ledger says of a bill; one that was paid here stays paid."""
    rows = [
        {
            "operator": operator,
            "no": bill.no,
            "lease_no": bill.lease_no,
            "due": bill.due.isoformat(),
            "amount": bill.amount,
            "paid": bill.paid,
            "disputed": bill.disputed,
        }
        for bill in ledger
    ]
    if rows:
        statement = upsert(conn, bills)
        theirs = {name: statement.excluded[name] for name in ("lease_no", "due", "amount", "disputed")}
        paid = or_(bills.c.paid, statement.excluded.paid)
        conn.execute(
            statement.on_conflict_do_update(index_elements=["operator", "no"], set_={**theirs, "paid": paid}), rows
        )


def _close_bills(conn: Connection, operator: str, rows: Sequence[LeaseRow]) -> None:
    """A ledger lists what is open: an earlier bill of its leases that it no longer names has been settled there."""
    named = {row.lease.no: {bill.no for bill in row.bills} for row in rows}
    found = select(bills.c.no, bills.c.lease_no).where(bills.c.operator == operator, ~bills.c.paid)
    settled = [
        {"bill_no": one.no}
        for one in conn.execute(found.where(bills.c.period.is_(None)))
        if one.no not in named.get(one.lease_no, {one.no})
    ]
    if settled:
        mine = update(bills).where(bills.c.operator == operator, bills.c.no == bindparam("bill_no"))
        conn.execute(mine.values(paid=True), settled)


def _bind(conn: Connection, sealer: Sealer, rows: Sequence[LeaseRow], now: datetime) -> None:
    """An address that is the tenant's already keeps its day: of several, the one bound last is written to."""
    fresh = [
        {
            "channel": "wechat",
            "address": sealer.blind(row.openid),
            "sealed": sealer.seal(row.openid),
            "tenant": row.lease.tenant.id,
            "bound_at": now,
        }
        for row in rows
        if row.openid
    ]
    if fresh:
        statement = upsert(conn, bindings)
        theirs = {name: statement.excluded[name] for name in ("sealed", "tenant", "bound_at")}
        moved = bindings.c.tenant != statement.excluded.tenant
        places = ["channel", "address"]
        conn.execute(statement.on_conflict_do_update(index_elements=places, set_=theirs, where=moved), fresh)
