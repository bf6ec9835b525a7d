"""The tables, once for both databases: instants as UTC, dates as ISO text, documents as JSON, money as fen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """Aware UTC: ``timestamptz`` on PostgreSQL, fixed-width ISO text (which sorts) on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None or dialect.name == "postgresql" else datetime.fromisoformat(value)


class Json(TypeDecorator[str]):
    """A document as its JSON text: ``jsonb`` on PostgreSQL, text on SQLite; encoding is msgspec's business."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name != "postgresql" else json.loads(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


_ID = BigInteger().with_variant(Integer(), "sqlite")

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("phone_blind", Text, nullable=False),
    Index("ix_people_phone", "operator", "phone_blind"),
    Index("ix_people_phone_blind", "phone_blind"),
)
bindings = Table(
    "bindings",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("bound_at", Instant, nullable=False),
    Column("follows", Boolean, nullable=False, server_default=text("true")),
    Column("follow_at", Instant),
    Index("ix_bindings_tenant", "tenant"),
)
leases = Table(
    "leases",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("no", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("community", Text, nullable=False),
    Column("building", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("rent", BigInteger, nullable=False),
    Column("start_date", Text, nullable=False),
    Column("end_date", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="live"),
    Column("facts", Json, nullable=False),
    UniqueConstraint("operator", "no"),
    Index("ix_leases_window", "operator", "status", "end_date", "id"),
    Index("ix_leases_comps", "operator", "community", "layout", "start_date"),
)
renewals = Table(
    "renewals",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("lease_id", BigInteger, nullable=False),
    Column("lease_no", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("end_date", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="opened"),
    Column("milestone", Integer, nullable=False, server_default="0"),
    Column("loss", Text),
    Column("live", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("flow", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opening", Json, nullable=False),
    Column("body", Json, nullable=False),
    UniqueConstraint("lease_id", "end_date"),
    Index("uq_renewals_open", "lease_id", unique=True, sqlite_where=text("live"), postgresql_where=text("live")),
    Index("ix_renewals_tenant", "tenant"),
    Index("ix_renewals_state", "operator", "state", "id"),
)
events = Table(
    "events",
    metadata,
    Column("renewal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", Json, nullable=False),
    Column("spoke", Text, nullable=False),
    Column("silences", Json, nullable=False),
)
effects = Table(
    "effects",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("renewal_id", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("payload", Json, nullable=False),
    Column("status", Text, nullable=False, server_default="open"),
    Column("run_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", Text),
    Column("tried", Boolean, nullable=False, server_default=text("false")),
    Column("unsure", Boolean, nullable=False, server_default=text("false")),
    Column("note", Text, nullable=False, server_default=""),
    Index(
        "ix_effects_due", "lane", "run_at", sqlite_where=text("status='open'"), postgresql_where=text("status='open'")
    ),
    Index(
        "ix_effects_renewal",
        "renewal_id",
        "lane",
        "id",
        sqlite_where=text("status='open'"),
        postgresql_where=text("status='open'"),
    ),
)
timers = Table(
    "timers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("renewal_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("tag", Text, nullable=False, server_default=""),
    Column("due_at", Instant, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("renewal_id", "kind", "tag"),
    Index("ix_timers_run_at", "run_at"),
    # An id that came back would make an old claim look like a new one.
    sqlite_autoincrement=True,
)
inbound = Table(
    "inbound",
    metadata,
    Column("key", Text, primary_key=True),
    Column("renewal_id", BigInteger),
    Column("reply", Text),
    Column("at", Instant, nullable=False),
)
words = Table(
    "words",
    metadata,
    Column("n", _ID, primary_key=True),
    Column("id", Text, nullable=False),
    Column("renewal_id", BigInteger),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("sealed", Text, nullable=False),
    Index("ix_words_renewal", "renewal_id", "n"),
)
tasks = Table(
    "tasks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("renewal_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due", Instant),
    Column("done_at", Instant),
    Column("actor", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    Index("ix_tasks_renewal", "renewal_id"),
    Index(
        "ix_tasks_open",
        "operator",
        "id",
        sqlite_where=text("done_at is null"),
        postgresql_where=text("done_at is null"),
    ),
)
bills = Table(
    "bills",
    metadata,
    Column("operator", Text, primary_key=True),
    Column("no", Text, primary_key=True),
    Column("lease_no", Text, nullable=False),
    Column("period", Text),
    Column("due", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid", Boolean, nullable=False, server_default=text("false")),
    Column("disputed", Boolean, nullable=False, server_default=text("false")),
    Column("payment", Text),
    Column("paid_at", Instant),
    UniqueConstraint("operator", "lease_no", "period"),
    Index("ix_bills_paid_at", "operator", "paid_at"),
)
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("operator", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("counts", Json, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)
differences = Table(
    "differences",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("renewal_id", BigInteger),
    Column("ours", Text, nullable=False),
    Column("theirs", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("actor", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    UniqueConstraint("operator", "source", "kind", "ref"),
)
refs = Table(
    "refs",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("renewal_id", BigInteger, nullable=False),
)
imports = Table(
    "imports",
    metadata,
    Column("operator", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
