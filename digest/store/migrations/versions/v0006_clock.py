"""When sources that an edition waits for were asked again, and what operators were told about it.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("newsroom", sa.Column("again_at", _INSTANT))
    op.create_table(
        "alarm",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("slot_key", sa.Date(), nullable=False),
        sa.Column("words", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tried_at", _INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told_at", _INSTANT),
        sa.PrimaryKeyConstraint("newsletter", "slot_key", "words", name="pk_alarm"),
    )
