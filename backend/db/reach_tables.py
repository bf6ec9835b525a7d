"""The tables of reach: what was tried, what is known of openids and numbers, and the doors a tenant comes in by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from .tables import Instant, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("key", Text, nullable=False),
    Column("rung", Text, nullable=False),
    Column("renewal_id", BigInteger, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="begun"),
    Column("channel", Text, nullable=False),
    Column("via", Text, nullable=False, server_default=""),
    Column("ref", Text, nullable=False, server_default=""),
    Column("segments", Integer, nullable=False, server_default="0"),
    Column("price", Integer, nullable=False, server_default="0"),
    Column("failure", Text, nullable=False, server_default=""),
    Column("code", Text, nullable=False, server_default=""),
    Column("begun_at", Instant, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("key", "rung"),
    Index("ix_attempts_ref", "channel", "ref"),
    Index("ix_attempts_renewal", "renewal_id"),
    Index("ix_attempts_tenant", "tenant", "begun_at"),
)
consents = Table(
    "consents",
    metadata,
    Column("address", Text, primary_key=True),
    Column("template", Text, primary_key=True),
    Column("remaining", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
suppressions = Table(
    "suppressions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
numbers = Table(
    "numbers",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("hard_at", Instant),
    Column("dead_at", Instant),
    Column("word", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
scenes = Table(
    "scenes",
    metadata,
    Column("scene", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_by", Text),
)
short_codes = Table(
    "short_codes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("renewal_id", BigInteger, nullable=False, unique=True),
    Column("sealed", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
)
passcodes = Table(
    "passcodes",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("renewal_id", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("used_at", Instant),
    Index("ix_passcodes_renewal", "renewal_id", "made_at"),
)
focuses = Table(
    "focuses",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("renewal_id", BigInteger),
    Column("asked", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
)
dead_links = Table(
    "dead_links",
    metadata,
    Column("renewal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("before", Instant, nullable=False),
)
