"""Reconciliation's rows: plain functions on a connection of either database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from .importing import upsert
from .reconciling_port import Compared, Difference, Paid
from .tables import bills, differences, reconciliations, refs


def begin(conn: Connection, operator: str, day: date, source: str, times: tuple[datetime, datetime]) -> bool:
    """``times`` = (now, stale before): the row is inserted, or taken over when its run did not end."""
    now, stale = times
    new = upsert(conn, reconciliations).values(
        operator=operator, day=day.isoformat(), source=source, begun_at=now, counts="{}"
    )
    if conn.execute(new.on_conflict_do_nothing()).rowcount == 1:
        return True
    row = reconciliations.c
    mine = and_(row.operator == operator, row.day == day.isoformat(), row.source == source)
    left = update(reconciliations).where(mine, row.ended_at.is_(None), row.begun_at < stale)
    return conn.execute(left.values(begun_at=now)).rowcount == 1


def end(conn: Connection, operator: str, found: Compared, news: Sequence[Difference]) -> int:
    row = reconciliations.c
    mine = and_(row.operator == operator, row.day == found.day.isoformat(), row.source == found.source)
    counts = json.dumps(found.counts, sort_keys=True)
    conn.execute(update(reconciliations).where(mine).values(ended_at=found.ended_at, counts=counts, note=found.note))
    return sum(_add(conn, operator, found, one) for one in news)


def _add(conn: Connection, operator: str, found: Compared, one: Difference) -> int:
    statement = upsert(conn, differences).values(
        operator=operator,
        day=found.day.isoformat(),
        source=one.source,
        kind=one.kind,
        ref=one.ref,
        renewal_id=one.renewal_id,
        ours=one.ours,
        theirs=one.theirs,
        found_at=found.ended_at or found.begun_at,
    )
    return conn.execute(statement.on_conflict_do_nothing()).rowcount


def compared(conn: Connection, operator: str, limit: int) -> list[Compared]:
    row = reconciliations.c
    found = select(reconciliations).where(row.operator == operator).order_by(row.day.desc(), row.source).limit(limit)
    return [_compared(one._mapping) for one in conn.execute(found)]


def listed(conn: Connection, operator: str, open_only: bool, limit: int) -> list[Difference]:
    mine = select(differences).where(differences.c.operator == operator)
    if open_only:
        mine = mine.where(differences.c.done_at.is_(None))
    newest = mine.order_by(differences.c.done_at.is_not(None), differences.c.id.desc()).limit(limit)
    return [_difference(one._mapping) for one in conn.execute(newest)]


def close(conn: Connection, operator: str, number: int, told: tuple[str, str], now: datetime) -> bool:
    """``told`` = (actor, outcome)."""
    row = differences.c
    mine = update(differences).where(row.operator == operator, row.id == number, row.done_at.is_(None))
    return conn.execute(mine.values(done_at=now, actor=told[0], outcome=told[1])).rowcount == 1


def paid_between(conn: Connection, operator: str, since: datetime, until: datetime) -> list[Paid]:
    whose = and_(refs.c.ref == bills.c.no, refs.c.kind == "bill")
    found = (
        select(bills.c.payment, bills.c.amount, bills.c.paid_at, refs.c.renewal_id)
        .outerjoin(refs, whose)
        .where(bills.c.operator == operator, bills.c.paid_at >= since, bills.c.paid_at < until)
        .where(bills.c.payment.is_not(None))
        .order_by(bills.c.no)
    )
    return [Paid(row.renewal_id, row.payment, row.amount, row.paid_at) for row in conn.execute(found)]


def _compared(row: Any) -> Compared:
    counts = json.loads(row["counts"])
    return Compared(
        date.fromisoformat(row["day"]), row["source"], row["begun_at"], row["ended_at"], counts, row["note"]
    )


def _difference(row: Any) -> Difference:
    return Difference(
        row["source"],
        row["kind"],
        row["ref"],
        row["ours"],
        row["theirs"],
        row["renewal_id"],
        row["id"],
        date.fromisoformat(row["day"]),
        row["found_at"],
        row["done_at"],
        row["actor"],
        row["outcome"],
    )
