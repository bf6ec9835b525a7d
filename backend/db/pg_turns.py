"""A batch of turns as the columns that ``pg_sql.TURNS`` takes: one row a turn, and rows that belong to turn n."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.sealing import Sealer

from .port import Write
from .rows import effect_rows, encode, sealed_words

Row = tuple[Any, ...]


def turn_columns(writes: Sequence[Write], sealer: Sealer) -> list[list[Any]]:
    """In the order of the statement's parameters; turns are numbered from 1, as ``WITH ORDINALITY`` does."""
    numbered = list(enumerate(writes, 1))
    timed = [(number, write.decision) for number, write in numbered if not write.decision.renewal.final]
    groups: list[tuple[int, list[Row]]] = [
        (17, [_turn(write, sealer) for write in writes]),
        (5, [row for number, write in numbered for row in _queued(number, write)]),
        (4, [(number, one.kind, one.tag, one.due_at) for number, decision in timed for one in decision.timers]),
        (2, [(number, kind) for number, decision in timed for kind in decision.drop]),
        (6, [(number, *row) for number, write in numbered for row in sealed_words(write.words, sealer)]),
    ]
    return [column for width, rows in groups for column in columns(rows, width)]


def columns(rows: Sequence[Row], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]


def _queued(number: int, write: Write) -> list[Row]:
    rows = effect_rows(write.decision, write.now)
    return [(number, row.lane, row.key, row.payload, row.run_at) for row in rows]


def _turn(write: Write, sealer: Sealer) -> Row:
    decision, renewal = write.decision, write.decision.renewal
    effect, timer, inbound = write.effect, write.timer, write.inbound
    return (
        write.renewal_id,
        write.version,
        renewal.state.value,
        int(renewal.milestone),
        renewal.loss.value if renewal.loss else None,
        not renewal.final,
        encode(renewal),
        effect.id if effect else None,
        effect.fence if effect else None,
        timer.id if timer else None,
        timer.fence if timer else None,
        write.now,
        encode(write.event),
        decision.row,
        encode([one.reason for one in decision.silences]),
        inbound.key if inbound else None,
        sealer.seal(inbound.reply) if inbound and inbound.reply else None,
    )
