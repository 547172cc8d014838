"""Tables of subscribers, their consent and the suppressions. The only place that names their columns.

`metadata` is joined with the newsletter's own tables by whoever opens the database. All instants are stored in UTC and
come back aware on every database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql, sqlite


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, stored as UTC. SQLite has no zones, so there the zone is dropped and put back.

    Naive values are refused with ValueError: guessing a zone would move mails by hours.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware → UTC (bare for SQLite)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant without a time zone: {value!r}: an aware datetime is wanted")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """What the database keeps → aware UTC."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


STATES = ("pending", "active", "unsubscribed", "bounced", "complained", "erased")

# SQLite numbers rows by itself only for the exact type INTEGER.
_BIG_ID = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    # As it goes on the wire. Erased people keep a row without any of it: address "" and key "erased:<id>".
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("suppression_hash", String(64), nullable=False),
    Column("domain", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("language", String(35)),
    Column("timezone", String(64)),
    Column("topics", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
    CheckConstraint("state <> 'active' OR confirmed_at IS NOT NULL", name="active_is_confirmed"),
    UniqueConstraint("newsletter", "address_key"),
    # Numbers are never used again: an old unsubscribe link must not reach a newer person.
    sqlite_autoincrement=True,
)
# Pages go by number. Without it SQLite takes the unique key and sorts the whole newsletter for every page.
Index("ix_subscriber_newsletter_id", subscriber.c.newsletter, subscriber.c.id)

consent_event = Table(
    "consent_event",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    Column("subscriber", _BIG_ID, ForeignKey(subscriber.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("how", Text, nullable=False),
    Column("proof", Text),
)
Index("ix_consent_event_subscriber", consent_event.c.subscriber)

suppression = Table(
    "suppression",
    metadata,
    Column("id", _BIG_ID, primary_key=True),
    # NULL: on all lists. One row per hash and list, by two indexes, since NULLs are distinct to a plain UNIQUE.
    Column("newsletter", String(64)),
    Column("hash", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index(
    "uq_suppression_hash_newsletter",
    suppression.c.hash,
    suppression.c.newsletter,
    unique=True,
    sqlite_where=suppression.c.newsletter.is_not(None),
    postgresql_where=suppression.c.newsletter.is_not(None),
)
Index(
    "uq_suppression_hash_everywhere",
    suppression.c.hash,
    unique=True,
    sqlite_where=suppression.c.newsletter.is_(None),
    postgresql_where=suppression.c.newsletter.is_(None),
)


def insert_new(db: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that passes over rows whose unique key is taken, also by somebody else at the same instant."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_or_replace(db: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that puts new values into rows whose primary key is taken."""
    key = list(table.primary_key.columns)
    others = [column.name for column in table.columns if not column.primary_key]
    if db.dialect.name == "postgresql":
        row = postgresql.insert(table)
        return row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in others})
    new = sqlite.insert(table)
    return new.on_conflict_do_update(index_elements=key, set_={name: new.excluded[name] for name in others})
