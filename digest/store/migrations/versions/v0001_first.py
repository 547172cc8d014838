"""The first schema: newsletter, ledger and subscribers.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

from alembic import op

from digest.store.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
