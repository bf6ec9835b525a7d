"""Rows to values and back: one codec for both databases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from backend.sealing import Sealer
from dialogs.effects import LANES, AnyEffect
from dialogs.events import AnyEvent
from dialogs.lease import Lease
from dialogs.renewal import Decision, Renewal

from .port import ClaimedEffect, Found, Person, Stored, Window, Words

_RENEWAL = msgspec.json.Decoder(Renewal)
_EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_EFFECT: msgspec.json.Decoder[AnyEffect] = msgspec.json.Decoder(AnyEffect)
_LEASE = msgspec.json.Decoder(Lease)
_PERSON = msgspec.json.Decoder(Person)
_ENCODER = msgspec.json.Encoder()

OPENS_MAX = 8
"""Renewals of one tenant that a look-up brings; more leases on one phone are asked about, not listed."""


def encode(value: object) -> str:
    return _ENCODER.encode(value).decode()


def renewal_of(text: str) -> Renewal:
    return _RENEWAL.decode(text)


def event_of(text: str) -> AnyEvent:
    return _EVENT.decode(text)


def effect_of(text: str) -> AnyEffect:
    return _EFFECT.decode(text)


def lease_of(text: str) -> Lease:
    return _LEASE.decode(text)


def person_of(sealed: str, sealer: Sealer) -> Person:
    return _PERSON.decode(sealer.open(sealed))


def name_of(sealed: str | None, sealer: Sealer) -> str:
    return person_of(sealed, sealer).name if sealed else ""


def found_of(rows: Iterable[Any], sealer: Sealer) -> Found:
    """Rows of ``find``: tenant, seen key, reply, then a renewal's columns (null: none), live ones first."""
    tenant, seen, reply = None, False, None
    live: list[Stored] = []
    ended: list[Stored] = []
    for row in rows:
        tenant, seen = row[0], row[1] is not None
        reply = sealer.open(row[2]) if row[2] else None
        if row[3] is not None:
            name = name_of(row[9], sealer)
            one = Stored(row[3], row[4], row[5], row[6], renewal_of(row[7]), name, bool(row[10]))
            (live if row[8] else ended).append(one)
    return Found(tenant, tuple(live or ended[:1]), seen, reply)


def stored_of(row: Any, sealer: Sealer) -> Stored:
    """id, operator, tenant, version, body, sealed person, words waiting."""
    return Stored(row[0], row[1], row[2], row[3], renewal_of(row[4]), name_of(row[5], sealer), bool(row[6]))


def claimed_of(row: Any) -> ClaimedEffect:
    """id, renewal, operator, tenant, payload, attempts, unsure."""
    return ClaimedEffect(row[0], row[1], row[2], row[3], effect_of(row[4]), row[5], row[5], bool(row[6]))


class EffectRow(msgspec.Struct, frozen=True):
    lane: str
    key: str
    payload: str
    run_at: datetime


def effect_rows(decision: Decision, now: datetime) -> list[EffectRow]:
    """Due now, or at the hour the effect names."""
    return [
        EffectRow(LANES[type(one)].value, one.key, encode(one), max(now, one.not_before or now))
        for one in decision.effects
    ]


class Postponed(msgspec.Struct, frozen=True):
    """How a claim is given back: see ``Store.postpone``."""

    run_at: datetime
    note: str
    unsure: bool
    dead: bool
    waits: bool

    @property
    def status(self) -> str:
        return "dead" if self.dead else "open"


def sealed_words(words: Iterable[Words], sealer: Sealer) -> list[tuple[str, str, str, str, str]]:
    """id, author, channel, message key, sealed text."""
    return [(one.id, one.author, one.channel, one.message, sealer.seal(one.text)) for one in words]


def snapshot(window: Window) -> str:
    """What every renewal of one opening has in common; the lease's facts are merged in by SQL."""
    return encode({"opened_on": window.today, "policy_version": window.policy_version})
