"""The reach report: every live lease near its end, with what proves that its tenant was reached, or who sees to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from dialogs.renewal import Renewal
from dialogs.states import Milestone

from .reach_port import Reached
from .reach_tables import attempts
from .rows import renewal_of
from .tables import renewals, tasks

Tried = dict[int, tuple[int, bool, str]]


def reach_report(conn: Connection, operator: str, before_end: date) -> list[Reached]:
    """Three statements, whatever the size; by end and lease."""
    near = (renewals.c.operator == operator, renewals.c.live, renewals.c.end_date <= before_end.isoformat())
    ids = select(renewals.c.id).where(*near)
    found = conn.execute(
        select(renewals.c.id, renewals.c.body).where(*near).order_by(renewals.c.end_date, renewals.c.id)
    )
    tried, asked, spoken = _tried(conn, ids), _asked(conn, ids), _spoken(conn, ids)
    return [_one(row.id, renewal_of(row.body), (tried, asked, spoken)) for row in found]


def _tried(conn: Connection, ids: Any) -> Tried:
    """By renewal: how many attempts, was one delivered, the last failure."""
    found: Tried = {}
    rows = select(attempts.c.renewal_id, attempts.c.status, attempts.c.failure, attempts.c.code)
    for row in conn.execute(rows.where(attempts.c.renewal_id.in_(ids)).order_by(attempts.c.id)):
        count, delivered, failure = found.get(row.renewal_id, (0, False, ""))
        failure = f"{row.failure} {row.code}".strip() if row.status == "failed" else failure
        found[row.renewal_id] = (count + 1, delivered or row.status == "delivered", failure)
    return found


def _asked(conn: Connection, ids: Any) -> dict[int, str]:
    """The oldest open task of each renewal."""
    rows = select(tasks.c.renewal_id, tasks.c.kind).where(tasks.c.renewal_id.in_(ids), tasks.c.done_at.is_(None))
    found: dict[int, str] = {}
    for row in conn.execute(rows.order_by(tasks.c.id)):
        found.setdefault(row.renewal_id, row.kind)
    return found


def _spoken(conn: Connection, ids: Any) -> set[int]:
    """Renewals whose call task ended with the tenant on the phone."""
    rows = select(tasks.c.renewal_id).where(tasks.c.renewal_id.in_(ids), func.lower(tasks.c.outcome) == "reached")
    return {row.renewal_id for row in conn.execute(rows)}


def _one(renewal_id: int, renewal: Renewal, seen: tuple[Tried, dict[int, str], set[int]]) -> Reached:
    tried, asked, spoken = seen
    count, delivered, failure = tried.get(renewal_id, (0, False, ""))
    lease = renewal.lease
    return Reached(
        renewal_id=renewal_id,
        lease_no=lease.no,
        community=lease.unit.community,
        room=f"{lease.unit.building}{lease.unit.room}",
        end=lease.end,
        housekeeper=lease.housekeeper,
        proof=_proof(renewal, renewal_id in spoken, delivered),
        task=asked.get(renewal_id, "") or ("owned" if renewal.owner.person is not None else ""),
        attempts=count,
        last_failure=failure,
    )


def _proof(renewal: Renewal, spoken: bool, delivered: bool) -> str:
    """The strongest one: what the tenant did themselves, a talk, a receipt."""
    if renewal.heard or renewal.milestone >= Milestone.OPENED:
        return "acted"
    if spoken or renewal.answered:
        return "spoken"
    return "delivered" if delivered else ""
