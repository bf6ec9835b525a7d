"""The turn, the outbox and the timers on SQLite: plain functions that run inside the writer's savepoint."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from backend.sealing import Sealer
from dialogs.effects import Lane
from dialogs.renewal import FLOW

from .port import ClaimedEffect, ClaimedTimer, Found, Stored, Window, Words, Write, Written
from .rows import (
    OPENS_MAX,
    Postponed,
    claimed_of,
    effect_rows,
    encode,
    found_of,
    sealed_words,
    snapshot,
    stored_of,
)
from .tables import iso

FIND = """
SELECT b.tenant, i.key, i.reply, r.id, r.operator, r.tenant, r.version, r.body, r.live, p.sealed,
       EXISTS (SELECT 1 FROM effects x WHERE x.renewal_id = r.id AND x.lane = 'chat' AND x.status = 'open'
               AND (x.tried OR x.run_at <= ?4))
FROM (SELECT 1)
LEFT JOIN inbound i ON i.key = ?3
LEFT JOIN bindings b ON b.channel = ?1 AND b.address = ?2
LEFT JOIN renewals r ON r.tenant = b.tenant
LEFT JOIN people p ON p.id = b.tenant
ORDER BY r.live DESC, r.id DESC LIMIT ?5"""

LOAD = """
SELECT r.id, r.operator, r.tenant, r.version, r.body, p.sealed,
       EXISTS (SELECT 1 FROM effects x WHERE x.renewal_id = r.id AND x.lane = 'chat' AND x.status = 'open')
FROM renewals r LEFT JOIN people p ON p.id = r.tenant WHERE r.id = ?1"""

SAVE = """
UPDATE renewals SET version = version + 1, state = ?3, milestone = ?4, loss = ?5, live = ?6, body = ?7
WHERE id = ?1 AND version = ?2"""

LOG = "INSERT INTO events (renewal_id, seq, at, event, spoke, silences) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"

CLAIM_EFFECTS = """
UPDATE effects SET attempts = attempts + 1, run_at = ?3, tried = true, unsure = (unsure OR owner IS NOT NULL),
  owner = ?4
WHERE id IN (
  SELECT e.id FROM effects e
  WHERE e.lane = ?1 AND e.status = 'open' AND e.run_at <= ?2
    AND NOT EXISTS (SELECT 1 FROM effects x WHERE x.renewal_id = e.renewal_id AND x.lane = e.lane
                    AND x.status = 'open' AND x.id < e.id AND (x.tried OR x.run_at <= ?2))
  ORDER BY e.run_at LIMIT ?5)
RETURNING id, renewal_id, payload, attempts, unsure"""

SETTLE = """
UPDATE effects SET status = 'done', owner = NULL, note = ?3
WHERE id = ?1 AND attempts = ?2 AND status = 'open'"""

POSTPONE = """
UPDATE effects SET status = ?3, run_at = ?4, owner = NULL, unsure = ?5, tried = ?6, note = ?7
WHERE id = ?1 AND attempts = ?2 AND status = 'open'"""

CLAIM_TIMERS = """
UPDATE timers SET attempts = attempts + 1, run_at = ?2
WHERE id IN (SELECT id FROM timers WHERE run_at <= ?1 ORDER BY run_at LIMIT ?3)
RETURNING id, renewal_id, kind, tag, due_at, attempts"""

TIMER = """
INSERT INTO timers (renewal_id, kind, tag, due_at, run_at) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (renewal_id, kind, tag) DO UPDATE SET due_at = ?4, run_at = ?4, attempts = timers.attempts + 1"""


class Undo(Exception):
    """Leave the savepoint without a trace; ``why`` is what the caller is told."""

    def __init__(self, why: Written) -> None:
        super().__init__(why)
        self.why = why


def sql(conn: Connection, statement: str, *values: Any) -> Any:
    """On the driver's own connection: SQLAlchemy's execution costs more than these statements themselves."""
    raw = conn.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw.execute(statement, values)


def find(conn: Connection, sealer: Sealer, key: tuple[str, str, str], now: datetime) -> Found:
    return found_of(sql(conn, FIND, *key, iso(now), OPENS_MAX).fetchall(), sealer)


def load(conn: Connection, sealer: Sealer, renewal_id: int) -> Stored | None:
    row = sql(conn, LOAD, renewal_id).fetchone()
    if row is None:
        return None
    return stored_of(row, sealer)


def write_turn(conn: Connection, sealer: Sealer, write: Write) -> None:
    """Everything of one turn. Raises Undo when nothing may be written."""
    renewal, at = write.decision.renewal, iso(write.now)
    if write.inbound is not None and sql(conn, "SELECT 1 FROM inbound WHERE key = ?1", write.inbound.key).fetchone():
        raise Undo(Written.DUPLICATE)
    loss = renewal.loss.value if renewal.loss else None
    facts = (renewal.state.value, int(renewal.milestone), loss, not renewal.final, encode(renewal))
    if sql(conn, SAVE, write.renewal_id, write.version, *facts).rowcount != 1:
        raise Undo(Written.STALE)
    _settle_claims(conn, write)
    log = (encode(write.event), write.decision.row, encode([one.reason for one in write.decision.silences]))
    sql(conn, LOG, write.renewal_id, write.version + 1, at, *log)
    if write.inbound is not None:
        note_inbound(conn, sealer, write.inbound.key, write.inbound.reply, write.renewal_id, at)
    _queue(conn, write)
    _set_timers(conn, write)
    add_words(conn, sealer, write.words, write.renewal_id, at)


def _settle_claims(conn: Connection, write: Write) -> None:
    """Renewal first, then the claim: the order that never deadlocks."""
    if write.effect is not None and not settle(conn, write.effect, ""):
        raise Undo(Written.LOST)
    if write.timer is not None:
        mine = (write.timer.id, write.timer.fence)
        if sql(conn, "DELETE FROM timers WHERE id = ?1 AND attempts = ?2", *mine).rowcount != 1:
            raise Undo(Written.LOST)


def _queue(conn: Connection, write: Write) -> None:
    for row in effect_rows(write.decision, write.now):
        sql(
            conn,
            "INSERT INTO effects (renewal_id, lane, key, payload, run_at) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (key) DO NOTHING",
            *(write.renewal_id, row.lane, row.key, row.payload, iso(row.run_at)),
        )


def _set_timers(conn: Connection, write: Write) -> None:
    if write.decision.renewal.final:
        sql(conn, "DELETE FROM timers WHERE renewal_id = ?1", write.renewal_id)
        return
    for kind in write.decision.drop:
        sql(conn, "DELETE FROM timers WHERE renewal_id = ?1 AND kind = ?2", write.renewal_id, kind)
    for timer in write.decision.timers:
        sql(conn, TIMER, write.renewal_id, timer.kind, timer.tag, iso(timer.due_at))


def add_words(conn: Connection, sealer: Sealer, words: Sequence[Words], renewal_id: int | None, at: str) -> None:
    for row in sealed_words(words, sealer):
        sql(
            conn,
            "INSERT INTO words (renewal_id, at, id, author, channel, message, sealed) VALUES (?1,?2,?3,?4,?5,?6,?7)",
            *(renewal_id, at, *row),
        )


def note_inbound(
    conn: Connection, sealer: Sealer, key: str, reply: str | None, renewal_id: int | None, at: str
) -> bool:
    """False when the key is known already."""
    sealed = sealer.seal(reply) if reply else None
    statement = "INSERT INTO inbound (key, renewal_id, reply, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO NOTHING"
    return bool(sql(conn, statement, key, renewal_id, sealed, at).rowcount == 1)


def claim_effects(
    conn: Connection, lane: Lane, limit: int, now: datetime, lease: timedelta, worker: str
) -> list[ClaimedEffect]:
    rows = sql(conn, CLAIM_EFFECTS, lane.value, iso(now), iso(now + lease), worker, limit).fetchall()
    claims = []
    for number, renewal_id, payload, attempts, unsure in sorted(rows):
        who = sql(conn, "SELECT operator, tenant FROM renewals WHERE id = ?1", renewal_id).fetchone()
        claims.append(claimed_of((number, renewal_id, who[0], who[1], payload, attempts, unsure)))
    return claims


def settle(conn: Connection, claim: ClaimedEffect, note: str) -> bool:
    return bool(sql(conn, SETTLE, claim.id, claim.fence, note).rowcount == 1)


def postpone(conn: Connection, claim: ClaimedEffect, until: Postponed) -> bool:
    values = (until.status, iso(until.run_at), until.unsure, not until.waits, until.note)
    return bool(sql(conn, POSTPONE, claim.id, claim.fence, *values).rowcount == 1)


def claim_timers(conn: Connection, limit: int, now: datetime, lease: timedelta) -> list[ClaimedTimer]:
    rows = sql(conn, CLAIM_TIMERS, iso(now), iso(now + lease), limit).fetchall()
    return [
        ClaimedTimer(row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]), row[5]) for row in sorted(rows)
    ]


def open_window(conn: Connection, operator: str, window: Window, now: datetime) -> int:
    """The whole window in two statements: renewals by anti-join, then their first timers."""
    sql(conn, "CREATE TEMP TABLE IF NOT EXISTS dues (end_date TEXT PRIMARY KEY, at TEXT)")
    sql(conn, "DELETE FROM dues")
    if window.dues:
        conn.exec_driver_sql(
            "INSERT INTO dues VALUES (?, ?)", [(day.isoformat(), iso(due)) for day, due in window.dues.items()]
        )
    dates = (window.today.isoformat(), window.last.isoformat())
    opened = sql(conn, OPEN_WINDOW, operator, *dates, snapshot(window), iso(now), FLOW).rowcount
    sql(conn, FIRST_TIMERS, operator, iso(now), window.tier)
    return int(opened)


OPEN_WINDOW = """
INSERT INTO renewals (operator, lease_id, lease_no, tenant, end_date, flow, opened_at, opening, body)
SELECT l.operator, l.id, l.no, l.tenant, l.end_date, ?6, ?5,
       json_set(?4, '$.lease', json(l.facts)), json_set(?4, '$.lease', json(l.facts))
FROM leases l
WHERE l.operator = ?1 AND l.status = 'live' AND l.end_date BETWEEN ?2 AND ?3
  AND NOT EXISTS (SELECT 1 FROM renewals r WHERE r.lease_id = l.id AND (r.end_date = l.end_date OR r.live))"""

FIRST_TIMERS = """
INSERT INTO timers (renewal_id, kind, tag, due_at, run_at)
SELECT r.id, 'TierDue', ?3, COALESCE(d.at, ?2), COALESCE(d.at, ?2)
FROM renewals r LEFT JOIN dues d ON d.end_date = r.end_date
WHERE r.operator = ?1 AND r.opened_at = ?2 AND r.version = 0
ON CONFLICT DO NOTHING"""
