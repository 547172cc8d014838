"""Sources with their health, and the articles they brought.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "source",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("moved_times", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("modified", sa.Text()),
        sa.Column("body_hash", sa.String(64)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("tried_at", _INSTANT),
        sa.Column("ok_at", _INSTANT),
        sa.Column("new_at", _INSTANT),
        sa.Column("newest", sa.Date()),
        sa.Column("retry_at", _INSTANT),
        sa.Column("retired_at", _INSTANT),
        sa.PrimaryKeyConstraint("newsletter", "url", name="pk_source"),
    )
    op.create_table(
        "article",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("outlet", sa.Text()),
        sa.Column("topic", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("doi", sa.Text()),
        sa.Column("published", _INSTANT),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT),
        sa.Column("copy_of", _NUMBER),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.ForeignKeyConstraint(["copy_of"], ["article.id"], name="fk_article_copy_of_article"),
    )
    op.create_index("ix_article_newsletter_day", "article", ["newsletter", "day"])
    op.create_table(
        "article_key",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("article", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "key", name="pk_article_key"),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name="fk_article_key_article_article"),
        sqlite_with_rowid=False,
    )
