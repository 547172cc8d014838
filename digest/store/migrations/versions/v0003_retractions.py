"""Retracted papers, as a user's list names them.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "retraction",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("nature", sa.String(32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("doi", sa.Text()),
        sa.Column("pmid", sa.String(16)),
        sa.Column("day", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("notice_doi", sa.Text()),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "record", name="pk_retraction"),
    )
    op.create_index("ix_retraction_newsletter_doi", "retraction", ["newsletter", "doi"])
    op.create_index("ix_retraction_newsletter_pmid", "retraction", ["newsletter", "pmid"])
