"""INSERT … ON CONFLICT DO NOTHING, which SQLAlchemy spells per database. Edge."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(db: Connection, table: Table) -> Insert:
    """An INSERT that leaves rows alone whose key is taken. On PostgreSQL it waits for the other writer's commit."""
    make: Any = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement: Insert = make(table).on_conflict_do_nothing()
    return statement
