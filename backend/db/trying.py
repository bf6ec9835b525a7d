"""Attempts and their receipts: begun before they leave, closed by the provider's word, in whatever order it comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from .importing import upsert
from .reach_port import Attempt
from .reach_tables import attempts

_COLUMNS = (
    "key", "rung", "renewal_id", "tenant", "message", "begun_at", "status", "channel", "via", "ref", "segments",
    "price", "failure", "code", "settled_at",
)  # fmt: skip
_OUTCOME = ("status", "channel", "via", "ref", "segments", "price", "failure", "code", "settled_at")


def begin(conn: Connection, attempt: Attempt) -> datetime:
    """When it was first begun."""
    statement = upsert(conn, attempts).values(**{name: getattr(attempt, name) for name in _COLUMNS})
    conn.execute(statement.on_conflict_do_nothing())
    found = select(attempts.c.begun_at).where(attempts.c.key == attempt.key, attempts.c.rung == attempt.rung)
    first: datetime = conn.execute(found).scalar_one()
    return first


def note(conn: Connection, attempt: Attempt) -> None:
    """The outcome at the provider's door; a receipt that was quicker is not overwritten."""
    facts = {name: getattr(attempt, name) for name in _OUTCOME}
    statement = upsert(conn, attempts).values(**{name: getattr(attempt, name) for name in _COLUMNS})
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["key", "rung"], set_=facts, where=attempts.c.status.in_(("begun", "accepted"))
        )
    )


def receipt(conn: Connection, at: tuple[str, str], word: tuple[str, str], now: datetime) -> Attempt | None:
    """``at`` = (channel, ref), ``word`` = (failure, code). A delivery after a failure counts; not the other way."""
    channel, ref = at
    failure, code = word
    mine = and_(attempts.c.channel == channel, attempts.c.ref == ref)
    before = ("begun", "accepted") if failure else ("begun", "accepted", "failed")
    changed = update(attempts).where(mine, attempts.c.status.in_(before))
    conn.execute(
        changed.values(status="failed" if failure else "delivered", failure=failure, code=code, settled_at=now)
    )
    row = conn.execute(select(attempts).where(mine)).first()
    return None if row is None else _attempt(row)


def of_renewal(conn: Connection, renewal_id: int) -> list[Attempt]:
    """Oldest first."""
    found = select(attempts).where(attempts.c.renewal_id == renewal_id).order_by(attempts.c.id)
    return [_attempt(row) for row in conn.execute(found)]


def last_sms(conn: Connection, tenant: str) -> tuple[int, datetime] | None:
    found = (
        select(attempts.c.renewal_id, attempts.c.begun_at)
        .where(attempts.c.tenant == tenant, attempts.c.rung == "sms", attempts.c.status != "failed")
        .order_by(attempts.c.begun_at.desc())
        .limit(1)
    )
    row = conn.execute(found).first()
    return None if row is None else (int(row.renewal_id), row.begun_at)


def _attempt(row: Any) -> Attempt:
    return Attempt(*(getattr(row, name) for name in _COLUMNS))
