"""What the desk, the reports and the health check read, and the staff's tasks: plain functions on either database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, func, insert, or_, select, update

from backend.sealing import Sealer
from dialogs.renewal import Renewal

from .importing import upsert
from .port import ClaimedTimer, DeskTask, FunnelRows, Logged, OpenEffect, Pulse, Stored, Words
from .rows import effect_of, event_of, name_of, renewal_of
from .tables import effects, events, inbound, people, renewals, tasks, timers, words


def renewals_of(
    conn: Connection, sealer: Sealer, operator: str, state: str | None, page: tuple[int, int]
) -> list[Stored]:
    """``page`` = (after this id, at most so many), by id."""
    after, limit = page
    found = (
        select(
            renewals.c.id, renewals.c.operator, renewals.c.tenant, renewals.c.version, renewals.c.body, people.c.sealed
        )
        .join_from(renewals, people, people.c.id == renewals.c.tenant, isouter=True)
        .where(renewals.c.operator == operator, renewals.c.id > after)
        .order_by(renewals.c.id)
        .limit(limit)
    )
    if state is not None:
        found = found.where(renewals.c.state == state)
    return [_stored(row, sealer) for row in conn.execute(found)]


def _stored(row: Any, sealer: Sealer) -> Stored:
    body = renewal_of(row.body)
    return Stored(row.id, row.operator, row.tenant, row.version, body, name_of(row.sealed, sealer))


def count_by_state(conn: Connection, operator: str) -> dict[str, int]:
    found = select(renewals.c.state, func.count()).where(renewals.c.operator == operator).group_by(renewals.c.state)
    return {state: int(count) for state, count in conn.execute(found)}


def funnel(conn: Connection, operator: str) -> FunnelRows:
    """One pass: every renewal counts once at its furthest milestone, as lost, open or renewed."""
    found = (
        select(renewals.c.milestone, renewals.c.loss, renewals.c.state, renewals.c.live, func.count())
        .where(renewals.c.operator == operator)
        .group_by(renewals.c.milestone, renewals.c.loss, renewals.c.state, renewals.c.live)
    )
    reached: dict[int, int] = {}
    lost: dict[int, dict[str, int]] = {}
    still: dict[int, dict[str, int]] = {}
    for milestone, loss, state, live, count in conn.execute(found):
        for step in range(milestone + 1):
            reached[step] = reached.get(step, 0) + int(count)
        if live or loss:
            group, name = (still, state) if live else (lost, loss)
            inner = group.setdefault(milestone, {})
            inner[name] = inner.get(name, 0) + int(count)
    return FunnelRows(reached, lost, still)


def log(conn: Connection, renewal_id: int) -> list[Logged]:
    found = select(events).where(events.c.renewal_id == renewal_id).order_by(events.c.seq)
    return [
        Logged(
            row.seq,
            row.at,
            event_of(row.event),
            row.spoke,
            tuple(msgspec.json.decode(row.silences, type=list[str])),
        )
        for row in conn.execute(found)
    ]


def opening(conn: Connection, renewal_id: int) -> Renewal | None:
    found = conn.execute(select(renewals.c.opening).where(renewals.c.id == renewal_id)).scalar()
    return None if found is None else renewal_of(found)


def thread(conn: Connection, sealer: Sealer, renewal_id: int) -> list[tuple[datetime, Words]]:
    found = select(words).where(words.c.renewal_id == renewal_id).order_by(words.c.n)
    return [
        (row.at, Words(row.id, row.author, row.channel, sealer.open(row.sealed), row.message))
        for row in conn.execute(found)
    ]


def timers_of(conn: Connection, renewal_id: int) -> list[ClaimedTimer]:
    found = select(timers).where(timers.c.renewal_id == renewal_id).order_by(timers.c.due_at)
    return [
        ClaimedTimer(row.id, row.renewal_id, row.kind, row.tag, row.due_at, row.attempts) for row in conn.execute(found)
    ]


def outbox(conn: Connection, renewal_id: int) -> list[OpenEffect]:
    found = select(effects).where(effects.c.renewal_id == renewal_id).order_by(effects.c.id)
    return [
        OpenEffect(row.id, effect_of(row.payload), row.status, row.attempts, row.run_at, row.note or None)
        for row in conn.execute(found)
    ]


def pulse(conn: Connection, now: datetime) -> Pulse:
    """Due and not waiting behind an earlier one of the same renewal and lane."""
    earlier = effects.alias()
    blocked = (
        select(earlier.c.id)
        .where(earlier.c.renewal_id == effects.c.renewal_id, earlier.c.lane == effects.c.lane)
        .where(earlier.c.status == "open", earlier.c.id < effects.c.id)
        .where(or_(earlier.c.tried, earlier.c.run_at <= now))
        .exists()
    )
    due = and_(effects.c.status == "open", effects.c.run_at <= now, ~blocked)
    return Pulse(
        _count(conn, select(func.count()).select_from(effects).where(due)),
        _count(conn, select(func.count()).select_from(timers).where(timers.c.run_at <= now)),
        _count(conn, select(func.count()).select_from(effects).where(effects.c.status == "dead")),
    )


def next_due(conn: Connection) -> datetime | None:
    found = [
        conn.execute(select(func.min(effects.c.run_at)).where(effects.c.status == "open")).scalar(),
        conn.execute(select(func.min(timers.c.run_at))).scalar(),
    ]
    return min((one for one in found if one is not None), default=None)


def live_flows(conn: Connection) -> set[tuple[int, str]]:
    found = select(renewals.c.flow, renewals.c.state).where(renewals.c.live).distinct()
    return {(row.flow, row.state) for row in conn.execute(found)}


def _count(conn: Connection, statement: Any) -> int:
    return int(conn.execute(statement).scalar_one())


# --- the staff's tasks ------------------------------------------------------------------------------------------------
def add_task(conn: Connection, task: DeskTask) -> None:
    """Once per key."""
    operator = select(renewals.c.operator).where(renewals.c.id == task.renewal_id).scalar_subquery()
    facts = {
        name: getattr(task, name) for name in ("renewal_id", "key", "kind", "desk", "reason", "assignee", "message")
    }
    statement = upsert(conn, tasks).values(operator=operator, created_at=task.created_at, due=task.due, **facts)
    conn.execute(statement.on_conflict_do_nothing())


def drop_tasks(conn: Connection, renewal_id: int, kinds: Sequence[str], now: datetime) -> int:
    open_ones = (tasks.c.renewal_id == renewal_id, tasks.c.kind.in_(kinds), tasks.c.done_at.is_(None))
    return conn.execute(update(tasks).where(*open_ones).values(done_at=now, outcome="no_longer_needed")).rowcount


def finish_task(conn: Connection, task_id: int, actor: str, outcome: str, now: datetime) -> bool:
    mine = (tasks.c.id == task_id, tasks.c.done_at.is_(None))
    return conn.execute(update(tasks).where(*mine).values(done_at=now, actor=actor, outcome=outcome)).rowcount == 1


def tasks_of(conn: Connection, operator: str, renewal_id: int | None, open_only: bool) -> list[DeskTask]:
    found = select(tasks).where(tasks.c.operator == operator).order_by(tasks.c.id)
    if renewal_id is not None:
        found = found.where(tasks.c.renewal_id == renewal_id)
    if open_only:
        found = found.where(tasks.c.done_at.is_(None))
    return [
        DeskTask(
            row.renewal_id, row.key, row.kind, row.desk, row.reason, row.assignee, row.created_at, row.due, row.message,
            row.id, row.done_at, row.outcome,
        )
        for row in conn.execute(found)
    ]  # fmt: skip


def remember(conn: Connection, sealer: Sealer, key: str, reply: str | None, now: datetime) -> bool:
    statement = upsert(conn, inbound).values(key=key, reply=sealer.seal(reply) if reply else None, at=now)
    return conn.execute(statement.on_conflict_do_nothing()).rowcount == 1


def remember_words(conn: Connection, sealer: Sealer, one: Words, now: datetime) -> None:
    facts = {"id": one.id, "author": one.author, "channel": one.channel, "message": one.message}
    conn.execute(insert(words).values(at=now, sealed=sealer.seal(one.text), **facts))
