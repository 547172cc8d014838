"""Prepared statements: made into text once, then handed to the driver as they are. Edge; used by `claims`, `settling`.

SQLAlchemy looks a statement up each time it is executed, and looks at each value and each row. For the handful of
statements that every group of messages needs, that took as long as what they do. On SQLite the driver is asked itself;
its faults are the store's to translate. On PostgreSQL SQLAlchemy stays between, for it knows when a connection is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from digest.store.faults import too_large
from subscribers.tables import UtcDateTime

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": psycopg.dialect()}  # type: ignore[no-untyped-call]


class Prepared:
    """`statement` for one kind of database. Its values are given as that database's driver takes them: instants by
    `handed_instant`, numbers of rows by `handed_ids`."""

    __slots__ = ("_fixed", "_order", "_text")

    def __init__(self, statement: ClauseElement, dialect: str) -> None:
        made: Any = statement.compile(dialect=DIALECTS[dialect])
        self._text = str(made)
        self._fixed: dict[str, object] = {name: value for name, value in made.params.items() if value is not None}
        self._order: tuple[str, ...] | None = tuple(made.positiontup) if made.positional else None

    def rows(self, db: Connection, **values: object) -> Sequence[Sequence[Any]]:
        """What it finds."""
        rows: Sequence[Sequence[Any]] = self._said(db, values).fetchall()
        return rows

    def said(self, db: Connection, **values: object) -> None:
        self._said(db, values)

    def _said(self, db: Connection, values: dict[str, object]) -> Any:
        told: Any = self._fixed | values
        if self._order is None:
            return db.exec_driver_sql(self._text, told)
        try:
            return _driver(db).execute(self._text, tuple(map(told.__getitem__, self._order)))
        except OverflowError as fault:
            raise too_large(fault) from fault


class PreparedRow:
    """`statement` for many rows of values in the order of `names`, one by one: SQLite only."""

    def __init__(self, statement: ClauseElement, names: Sequence[str]) -> None:
        made: Any = statement.compile(dialect=DIALECTS["sqlite"])
        self._text = str(made)
        self._in_order = itemgetter(*map(names.index, made.positiontup))

    def said(self, db: Connection, rows: Sequence[Sequence[object]]) -> int:
        """How many rows of the database it changed."""
        try:
            changed: int = _driver(db).executemany(self._text, list(map(self._in_order, rows))).rowcount
        except OverflowError as fault:
            raise too_large(fault) from fault
        return changed


def _driver(db: Connection) -> Any:
    """The SQLite driver's own connection, in the transaction that `db` has begun."""
    return db.connection.dbapi_connection


def handed_instant(db: Connection, instant: datetime) -> object:
    """An aware instant as the driver takes it. SQLite keeps text in UTC, without saying so, always with microseconds so
    that they compare."""
    return in_text(instant) if db.dialect.name == "sqlite" else instant


def in_text(instant: datetime) -> str:
    """As SQLite keeps it."""
    stored = UtcDateTime().process_bind_param(instant, DIALECTS["sqlite"])
    assert stored is not None
    return stored.isoformat(" ", "microseconds")
