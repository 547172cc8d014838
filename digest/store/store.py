"""Store: one open database, giving out transactions. Edge: the only way to a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from digest.store.engine import WRITING
from digest.store.faults import translated


class Store:
    """An open database. Safe to share between threads; each process opens its own.

    `dialect` is "sqlite" or "postgresql"; `url_shown` names the database without its password; `path` is the file
    (SQLite only) and `senders` the folder with the locks of sending processes (SQLite only). `instance_id` was drawn
    when this database was made.
    """

    def __init__(self, engine: Engine, url: URL, instance_id: str = "") -> None:
        self.engine = engine
        self.url_shown = shown(url)
        self.dialect = url.get_backend_name()
        self.path = Path(url.database or "") if self.dialect == "sqlite" else None
        self.senders = senders_folder(self.path) if self.path else None
        self.instance_id = instance_id

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout, and cannot write. Raises StoreError."""
        with self._transaction(writing=False) as db:
            if self.dialect == "postgresql":
                db.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield db

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back when the block raises. Raises StoreError.

        On SQLite it holds the one write lock from its beginning: do nothing slow inside.
        """
        with self._transaction(writing=True) as db:
            yield db

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**{WRITING: writing}) as connection, connection.begin():
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as fault:  # the driver's own: see `prepared`
            raise translated(fault, self.url_shown) from fault

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def shown(url: URL) -> str:
    """The database as a person may read it: a file's path, or a URL with its password masked."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def senders_folder(path: Path) -> Path:
    """Where the locks of sending processes and the marker of a SQLite database lie: beside it."""
    return path.with_name(f"{path.name}.senders")
