"""Gathered stories, editors' changes to them, and which articles an edition told.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_INSTANT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "newsroom",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("round", sa.String(64)),
        sa.Column("unread", sa.Integer()),
        sa.Column("asked_at", _INSTANT),
        sa.Column("done_at", _INSTANT),
        sa.PrimaryKeyConstraint("newsletter", name="pk_newsroom"),
    )
    op.create_table(
        "story",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("told_of", sa.String(64), nullable=False),
        sa.Column("round", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "id", name="pk_story"),
    )
    op.create_index("ix_story_newsletter_round", "story", ["newsletter", "round"])
    op.create_table(
        "story_article",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("article", _NUMBER, nullable=False),
        sa.Column("story", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "article", name="pk_story_article"),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name="fk_story_article_article_article"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "edition_article",
        sa.Column("edition", sa.String(96), nullable=False),
        sa.Column("article", _NUMBER, nullable=False),
        sa.Column("story", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("edition", "article", name="pk_edition_article"),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name="fk_edition_article_edition_edition"),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name="fk_edition_article_article_article"),
    )
    op.create_table(
        "story_change",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("story", sa.String(80), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("undone_at", _INSTANT),
        sa.Column("undone_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_story_change"),
    )
    op.create_index("ix_story_change_newsletter_story", "story_change", ["newsletter", "story"])
