"""The first schema: people, editions, the ledger.

Revision ID: 0001
Revises: nothing

Spelled out rather than made from tables.py: what a version is must not change when the tables do.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _people()
    _suppressions()
    _editions()
    _edition_parts()
    _ledger()


def _people() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("suppression_hash", sa.String(64), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("timezone", sa.String(64)),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("confirmed_at", _INSTANT),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'unsubscribed', 'bounced', 'complained', 'erased')",
            name="ck_subscriber_state",
        ),
        sa.CheckConstraint("state <> 'active' OR confirmed_at IS NOT NULL", name="ck_subscriber_active_is_confirmed"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("newsletter", "address_key", name="uq_subscriber_newsletter_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriber_newsletter_id", "subscriber", ["newsletter", "id"])
    op.create_table(
        "consent_event",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("subscriber", _NUMBER, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_consent_event"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name="fk_consent_event_subscriber_subscriber", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_consent_event_subscriber", "consent_event", ["subscriber"])


def _suppressions() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("newsletter", sa.String(64)),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
    )
    _partial_index("uq_suppression_hash_newsletter", "suppression", ["hash", "newsletter"], "newsletter IS NOT NULL")
    _partial_index("uq_suppression_hash_everywhere", "suppression", ["hash"], "newsletter IS NULL")


def _editions() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.String(96), nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("slot_key", sa.Date(), nullable=False),
        sa.Column("slot_instant", _INSTANT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(80)),
        sa.Column("approved_hash", sa.String(80)),
        sa.Column("approved_at", _INSTANT),
        sa.Column("approved_by", sa.Text()),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("retry_at", _INSTANT),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("sealed_at", _INSTANT),
        sa.Column("started_at", _INSTANT),
        sa.Column("finished_at", _INSTANT),
        sa.Column("candidates", sa.Integer()),
        sa.Column("planned", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.CheckConstraint(
            "state IN ('draft', 'sealed', 'approved', 'sending', 'paused', 'sent', 'cancelled', 'missed')",
            name="ck_edition_state",
        ),
        sa.UniqueConstraint("newsletter", "slot_key", name="uq_edition_newsletter_slot_key"),
    )
    op.create_table(
        "story_seen",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "story", name="pk_story_seen"),
    )


def _edition_parts() -> None:
    op.create_table(
        "sealed",
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("hash", sa.String(80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("edition", name="pk_sealed"),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name="fk_sealed_edition_edition"),
    )
    op.create_table(
        "edition_event",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(80)),
        sa.PrimaryKeyConstraint("id", name="pk_edition_event"),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name="fk_edition_event_edition_edition"),
    )
    op.create_index("ix_edition_event_edition", "edition_event", ["edition"])
    op.create_table(
        "edition_story",
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("edition", "story", name="pk_edition_story"),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name="fk_edition_story_edition_edition"),
    )
    op.create_table(
        "exclusion",
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("edition", "reason", name="pk_exclusion"),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name="fk_exclusion_edition_edition"),
    )


def _ledger() -> None:
    op.create_table(
        "sender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sender"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "recipient",
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("subscriber", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("resent", sa.Integer(), nullable=False),
        sa.Column("sender", sa.Integer()),
        sa.Column("lease_until", _INSTANT),
        sa.Column("next_at", _INSTANT),
        sa.Column("message_id", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("phase", sa.String(16)),
        sa.Column("code", sa.Integer()),
        sa.Column("enhanced", sa.String(16)),
        sa.Column("reply", sa.Text()),
        sa.Column("updated_at", _INSTANT),
        sa.PrimaryKeyConstraint("edition", "subscriber", name="pk_recipient"),
        sqlite_with_rowid=False,
    )
    for state, last in (
        ("pending", "subscriber"),
        ("deferred", "next_at"),
        ("claimed", "sender"),
        ("uncertain", "subscriber"),
    ):
        _partial_index(f"ix_recipient_{state}", "recipient", ["edition", "state", last], f"state = '{state}'")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=name.startswith("uq_"),
        sqlite_where=condition,
        postgresql_where=condition,
    )
