"""The turn path's constant SQL on PostgreSQL: read, then one guarded statement; what may not be, divides by zero."""

from __future__ import annotations

# The look into the outbox is no EXISTS: that the planner would answer by hashing the whole outbox.
FIND = """
SELECT b.tenant, i.key, i.reply, r.id, r.operator, r.tenant, r.version, r.body::text, r.live, p.sealed,
       (SELECT true FROM effects x WHERE x.renewal_id = r.id AND x.lane = 'chat' AND x.status = 'open'
        AND (x.tried OR x.run_at <= $4) LIMIT 1)
FROM (SELECT 1) one
LEFT JOIN inbound i ON i.key = $3
LEFT JOIN bindings b ON b.channel = $1 AND b.address = $2
LEFT JOIN renewals r ON r.tenant = b.tenant
LEFT JOIN people p ON p.id = b.tenant
ORDER BY r.live DESC, r.id DESC LIMIT $5"""

LOAD = """
SELECT r.id, r.operator, r.tenant, r.version, r.body::text, p.sealed
FROM renewals r LEFT JOIN people p ON p.id = r.tenant WHERE r.id = $1"""

TURN = """
WITH saved AS (
  UPDATE renewals SET version = version + 1, state = $3, milestone = $4, loss = $5, live = $6, body = $7::jsonb
  WHERE id = $1 AND version = $2 RETURNING id
), effect AS (
  UPDATE effects SET status = 'done', owner = NULL, note = ''
  WHERE id = $8 AND attempts = $9 AND status = 'open' AND EXISTS (SELECT 1 FROM saved) RETURNING 1
), timer AS (
  SELECT id FROM timers WHERE id = $10 AND attempts = $11 AND EXISTS (SELECT 1 FROM saved) FOR UPDATE
), logged AS (
  INSERT INTO events (renewal_id, seq, at, event, spoke, silences)
  SELECT id, $2 + 1, $12, $13::jsonb, $14, $15::jsonb FROM saved
), known AS (
  INSERT INTO inbound (key, renewal_id, reply, at) SELECT $16, id, $17, $12 FROM saved WHERE $16::text IS NOT NULL
), queued AS (
  INSERT INTO effects (renewal_id, lane, key, payload, run_at)
  SELECT saved.id, u.lane, u.key, u.payload::jsonb, u.run_at
  FROM saved, unnest($18::text[], $19::text[], $20::text[], $21::timestamptz[]) WITH ORDINALITY
       AS u (lane, key, payload, run_at, n) ORDER BY u.n
  ON CONFLICT (key) DO NOTHING
), dropped AS (
  DELETE FROM timers t USING saved
  WHERE t.renewal_id = saved.id AND (NOT $6 OR t.kind = ANY ($22::text[]) OR t.id = $10)
    AND NOT EXISTS (SELECT 1 FROM unnest($23::text[], $24::text[]) AS u (kind, tag)
                    WHERE u.kind = t.kind AND u.tag = t.tag)
), set AS (
  INSERT INTO timers (renewal_id, kind, tag, due_at, run_at)
  SELECT saved.id, u.kind, u.tag, u.due_at, u.due_at
  FROM saved, unnest($23::text[], $24::text[], $25::timestamptz[]) AS u (kind, tag, due_at)
  ON CONFLICT (renewal_id, kind, tag)
  DO UPDATE SET due_at = excluded.due_at, run_at = excluded.run_at, attempts = timers.attempts + 1
), said AS (
  INSERT INTO words (renewal_id, at, id, author, channel, message, sealed)
  SELECT saved.id, $12, u.id, u.author, u.channel, u.message, u.sealed
  FROM saved, unnest($26::text[], $27::text[], $28::text[], $29::text[], $30::text[]) WITH ORDINALITY
       AS u (id, author, channel, message, sealed, n) ORDER BY u.n
)
SELECT (SELECT count(*) FROM saved),
       CASE WHEN $8::bigint IS NOT NULL AND EXISTS (SELECT 1 FROM saved) THEN 1 / (SELECT count(*) FROM effect) END,
       CASE WHEN $10::bigint IS NOT NULL AND EXISTS (SELECT 1 FROM saved) THEN 1 / (SELECT count(*) FROM timer) END"""

CLAIM_EFFECTS = """
WITH due AS (
  SELECT e.id FROM effects e
  WHERE e.lane = $1 AND e.status = 'open' AND e.run_at <= $2
    AND NOT EXISTS (SELECT 1 FROM effects x WHERE x.renewal_id = e.renewal_id AND x.lane = e.lane
                    AND x.status = 'open' AND x.id < e.id AND (x.tried OR x.run_at <= $2))
  ORDER BY e.run_at LIMIT $5 FOR UPDATE SKIP LOCKED
), mine AS (
  UPDATE effects e SET attempts = attempts + 1, run_at = $3, tried = true, unsure = (unsure OR owner IS NOT NULL),
    owner = $4
  FROM due WHERE e.id = due.id AND e.status = 'open' AND e.run_at <= $2
  RETURNING e.id, e.renewal_id, e.payload, e.attempts, e.unsure
)
SELECT m.id, m.renewal_id, r.operator, r.tenant, m.payload::text, m.attempts, m.unsure
FROM mine m JOIN renewals r ON r.id = m.renewal_id ORDER BY m.id"""

SETTLE = """
WITH done AS (
  UPDATE effects SET status = 'done', owner = NULL, note = $3
  WHERE id = $1 AND attempts = $2 AND status = 'open' RETURNING renewal_id
), said AS (
  INSERT INTO words (renewal_id, at, id, author, channel, message, sealed)
  SELECT done.renewal_id, $4, u.id, u.author, u.channel, u.message, u.sealed
  FROM done, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
       AS u (id, author, channel, message, sealed)
)
SELECT count(*) FROM done"""

POSTPONE = """
UPDATE effects SET status = $3, run_at = $4, owner = NULL, unsure = $5, tried = $6, note = $7
WHERE id = $1 AND attempts = $2 AND status = 'open'"""

CLAIM_TIMERS = """
WITH due AS (SELECT id FROM timers WHERE run_at <= $1 ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE timers t SET attempts = attempts + 1, run_at = $2 FROM due WHERE t.id = due.id AND t.run_at <= $1
RETURNING t.id, t.renewal_id, t.kind, t.tag, t.due_at, t.attempts"""

OPEN_CHUNK = """
WITH part AS (
  SELECT l.id, l.operator, l.no, l.tenant, l.end_date, $6::jsonb || jsonb_build_object('lease', l.facts) AS body
  FROM leases l
  WHERE l.operator = $1 AND l.status = 'live' AND l.end_date BETWEEN $2 AND $3 AND l.id > $4
    AND NOT EXISTS (SELECT 1 FROM renewals r WHERE r.lease_id = l.id AND (r.end_date = l.end_date OR r.live))
  ORDER BY l.id LIMIT $5
), opened AS (
  INSERT INTO renewals (operator, lease_id, lease_no, tenant, end_date, flow, opened_at, opening, body)
  SELECT operator, id, no, tenant, end_date, $7, $8, body, body FROM part
  ON CONFLICT DO NOTHING RETURNING id, end_date
), timed AS (
  INSERT INTO timers (renewal_id, kind, tag, due_at, run_at)
  SELECT o.id, 'TierDue', $9, COALESCE(u.due_at, $8), COALESCE(u.due_at, $8)
  FROM opened o LEFT JOIN unnest($10::text[], $11::timestamptz[]) AS u (end_date, due_at) ON u.end_date = o.end_date
)
SELECT (SELECT count(*) FROM opened), (SELECT max(id) FROM part)"""
