"""Database URL → SQLAlchemy engine, set up so that every transaction means what it says. Edge: the drivers."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from digest.errors import SettingsError, StoreError
from digest.store.faults import too_large

WRITING = "digest_writing"
"""Execution option: this transaction will write, so take SQLite's write lock when it begins."""

_OLDEST_SQLITE = (3, 35, 0)


def parsed(url: str) -> URL:
    """The URL with its driver made explicit. Raises SettingsError when it is none of ours."""
    try:
        made = make_url(url)
    except ArgumentError as fault:
        raise SettingsError(f"[store] url: {_wanted('not a database URL')}") from fault
    if made.drivername in {"postgresql", "postgres"}:
        made = made.set(drivername="postgresql+psycopg")
    if made.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise SettingsError(f"[store] url: {made.drivername}: {_wanted('not a database we know')}")
    if made.get_backend_name() == "sqlite" and made.database in {None, "", ":memory:"}:
        raise SettingsError(f"[store] url: {_wanted('a ledger must outlive the process, so it needs a file')}")
    return made


def _wanted(what: str) -> str:
    return f'{what}: write for example "sqlite:///digest.db" or "postgresql+psycopg://user@host/digest"'


def sqlite_engine(path: Path, busy_timeout_s: float) -> Engine:
    """An engine on an existing file; it never creates one."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
        raise StoreError(f"SQLite {sqlite3.sqlite_version}: version {wanted} or later is wanted; use a newer Python")
    address = f"{path.absolute().as_uri()}?mode=rw"

    def connect() -> sqlite3.Connection:
        # isolation_level=None: the driver must not open transactions of its own; ours begin below.
        connection = sqlite3.connect(
            address, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys=ON")
        # FULL: with NORMAL a commit may be undone by a power loss, and a mail that is out would be sent again.
        connection.execute("PRAGMA synchronous=FULL")
        # Small, so that a large audience needs no more memory than a small one; the system keeps the file's pages too.
        connection.execute("PRAGMA cache_size=-4000")
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=5, max_overflow=20, hide_parameters=True
    )
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _told_as_its_own, retval=True)
    return engine


def _told_as_its_own(context: ExceptionContext) -> BaseException | None:
    fault = context.original_exception
    return too_large(fault) if isinstance(fault, OverflowError) else None


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another wrote in between, whatever the busy
    # timeout says. So writers take the lock when they begin, and readers cannot write at all.
    writing = bool(connection.get_execution_options().get(WRITING))
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def postgres_engine(url: URL, busy_timeout_s: float) -> Engine:
    """An engine that notices dead connections before use and waits for locks no longer than it was told."""
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=20,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, **_keepalive(url)},
    )

    def limit_waiting(dbapi_connection: Any, _record: object) -> None:
        with dbapi_connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(busy_timeout_s * 1000)}")
        dbapi_connection.commit()

    event.listen(engine, "connect", limit_waiting)
    return engine


def _keepalive(url: URL) -> dict[str, int]:
    """A dead server is noticed within a minute, unless the URL says otherwise."""
    defaults = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    return {name: value for name, value in defaults.items() if name not in url.query}
