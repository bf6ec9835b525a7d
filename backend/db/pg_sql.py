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
SELECT r.id, r.operator, r.tenant, r.version, r.body::text, p.sealed,
       (SELECT true FROM effects x WHERE x.renewal_id = r.id AND x.lane = 'chat' AND x.status = 'open' LIMIT 1)
FROM renewals r LEFT JOIN people p ON p.id = r.tenant WHERE r.id = $1"""

# Rows are locked in id order, so that two batches never wait for each other; a claim that is no longer ours makes the
# division fail, and with it the whole batch: the caller then splits the bad turn out.
TURNS = """
WITH asked AS (
  SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bool[], $7::text[], $8::bigint[],
                       $9::int[], $10::bigint[], $11::int[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
                       $16::text[], $17::text[])
       WITH ORDINALITY AS u (id, version, state, milestone, loss, live, body, effect, effect_fence, timer, timer_fence,
                             at, event, spoke, silences, inbound, reply, n)
), held AS (
  SELECT r.id FROM renewals r WHERE r.id = ANY ($1::bigint[]) ORDER BY r.id FOR UPDATE
), saved AS (
  UPDATE renewals r
  SET version = r.version + 1, state = a.state, milestone = a.milestone, loss = a.loss, live = a.live,
      body = a.body::jsonb
  FROM asked a JOIN held h ON h.id = a.id WHERE r.id = a.id AND r.version = a.version
  RETURNING a.*
), effect AS (
  UPDATE effects e SET status = 'done', owner = NULL, note = '' FROM saved s
  WHERE e.id = s.effect AND e.attempts = s.effect_fence AND e.status = 'open' RETURNING 1
), timer AS (
  SELECT t.id FROM timers t JOIN saved s ON t.id = s.timer AND t.attempts = s.timer_fence FOR UPDATE OF t
), logged AS (
  INSERT INTO events (renewal_id, seq, at, event, spoke, silences)
  SELECT id, version + 1, at, event::jsonb, spoke, silences::jsonb FROM saved
), known AS (
  INSERT INTO inbound (key, renewal_id, reply, at) SELECT inbound, id, reply, at FROM saved WHERE inbound IS NOT NULL
), queued AS (
  INSERT INTO effects (renewal_id, lane, key, payload, run_at)
  SELECT s.id, u.lane, u.key, u.payload::jsonb, u.run_at
  FROM unnest($18::int[], $19::text[], $20::text[], $21::text[], $22::timestamptz[]) WITH ORDINALITY
       AS u (n, lane, key, payload, run_at, place) JOIN saved s ON s.n = u.n ORDER BY u.place
  ON CONFLICT (key) DO NOTHING
), wished AS (
  SELECT s.id, u.kind, u.tag, u.due_at
  FROM unnest($23::int[], $24::text[], $25::text[], $26::timestamptz[]) AS u (n, kind, tag, due_at)
  JOIN saved s ON s.n = u.n
), dropped AS (
  DELETE FROM timers t USING saved s
  WHERE t.renewal_id = s.id
    AND (NOT s.live OR t.id = s.timer
         OR EXISTS (SELECT 1 FROM unnest($27::int[], $28::text[]) AS d (n, kind) WHERE d.n = s.n AND d.kind = t.kind))
    AND NOT EXISTS (SELECT 1 FROM wished w WHERE w.id = t.renewal_id AND w.kind = t.kind AND w.tag = t.tag)
), set AS (
  INSERT INTO timers (renewal_id, kind, tag, due_at, run_at) SELECT id, kind, tag, due_at, due_at FROM wished
  ON CONFLICT (renewal_id, kind, tag)
  DO UPDATE SET due_at = excluded.due_at, run_at = excluded.run_at, attempts = timers.attempts + 1
), said AS (
  INSERT INTO words (renewal_id, at, id, author, channel, message, sealed)
  SELECT s.id, s.at, u.id, u.author, u.channel, u.message, u.sealed
  FROM unnest($29::int[], $30::text[], $31::text[], $32::text[], $33::text[], $34::text[]) WITH ORDINALITY
       AS u (n, id, author, channel, message, sealed, place) JOIN saved s ON s.n = u.n ORDER BY u.place
)
SELECT s.n,
       1 / CASE WHEN (SELECT count(effect) FROM saved) = (SELECT count(*) FROM effect)
                 AND (SELECT count(timer) FROM saved) = (SELECT count(*) FROM timer) THEN 1 ELSE 0 END
FROM saved s"""

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
  SELECT l.id, l.operator, l.no, l.tenant, l.end_date, jsonb_set($6::jsonb, '{lease}', l.facts) AS body
  FROM leases l
  WHERE l.operator = $1 AND l.status = 'live' AND l.end_date BETWEEN $2 AND $3
    AND (l.end_date, l.id) > ($4::text, $11::bigint)
    AND NOT EXISTS (SELECT 1 FROM renewals r WHERE r.lease_id = l.id AND (r.end_date = l.end_date OR r.live))
  ORDER BY l.end_date, l.id LIMIT $5
), opened AS (
  INSERT INTO renewals (operator, lease_id, lease_no, tenant, end_date, flow, opened_at, opening, body)
  SELECT operator, id, no, tenant, end_date, $7, $8, body, body FROM part
  ON CONFLICT DO NOTHING RETURNING id, end_date
), timed AS (
  INSERT INTO timers (renewal_id, kind, tag, due_at, run_at)
  SELECT id, 'TierDue', $9, due_at, due_at
  FROM (SELECT id, COALESCE(($10::jsonb ->> end_date)::timestamptz, $8) AS due_at FROM opened) o
)
SELECT (SELECT count(*) FROM opened), p.end_date, p.id FROM part p ORDER BY p.end_date DESC, p.id DESC LIMIT 1"""
