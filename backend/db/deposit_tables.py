"""The table of deposits: entries are only ever added, a balance is their sum."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from .tables import Instant, metadata

deposits = Table(
    "deposits",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("operator", Text, nullable=False),
    Column("lease_no", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("other_lease", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Index("ix_deposits_lease", "operator", "lease_no"),
)
