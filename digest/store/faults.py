"""Driver faults → one line that says what to do. Edge: the only place that knows SQLite's and PostgreSQL's codes."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from digest.errors import StoreError

_BUSY = "another process is writing: try again in a moment"
_FULL = "the disk is full: make space and run again; nothing half-written remains"
_READ_ONLY = "it cannot be written to: check owner, permissions and that the disk is not mounted read-only"
_CORRUPT = "it is damaged: run `digest db check`, restore the last backup; do not delete it"
_LOST = "no connection: check [store] url and that the server runs, then run again"

_SQLITE = {
    "SQLITE_BUSY": ("busy", _BUSY),
    "SQLITE_LOCKED": ("busy", _BUSY),
    "SQLITE_FULL": ("full", _FULL),
    "SQLITE_READONLY": ("read-only", _READ_ONLY),
    "SQLITE_CANTOPEN": ("read-only", "it cannot be opened: check the path, its owner and permissions"),
    "SQLITE_PERM": ("read-only", _READ_ONLY),
    "SQLITE_CORRUPT": ("corrupt", _CORRUPT),
    "SQLITE_NOTADB": ("corrupt", "it is not a database, or its header is damaged: restore the last backup"),
    "SQLITE_IOERR": ("full", "the disk failed to read or write: check the disk and its free space, then run again"),
}
_POSTGRES = {
    "25006": ("read-only", "the server is read-only (a standby?): use the primary's address"),
    "53100": ("full", _FULL),
    "53300": ("busy", "the server has no free connection: raise max_connections or run fewer processes"),
    "55P03": ("busy", _BUSY),
    "40001": ("busy", _BUSY),
    "40P01": ("busy", _BUSY),
    "57014": ("busy", "the server cut the query off: try again in a moment"),
    "42501": ("read-only", "the user lacks rights: let it own the database's tables"),
    "42P01": ("foreign", "a table is missing: run `digest db check`"),
}


def translated(fault: SQLAlchemyError | sqlite3.Error, shown: str) -> StoreError:
    """The StoreError for a fault of the driver. `shown` names the database (no password in it)."""
    if isinstance(fault, PoolTimeout):
        return StoreError(f"{shown}: all connections are in use: try again in a moment", kind="busy")
    driver = fault.orig if isinstance(fault, DBAPIError) else fault
    kind, advice = _verdict(driver, lost=isinstance(fault, DBAPIError) and fault.connection_invalidated)
    return StoreError(f"{shown}: {advice}", kind=kind)


def too_large(fault: OverflowError) -> sqlite3.Error:
    """SQLite's driver says in words of Python's own, and not in its own, that a number has more than 64 bits."""
    return sqlite3.DataError(str(fault))


def _verdict(driver: BaseException | None, *, lost: bool) -> tuple[str, str]:
    if isinstance(driver, sqlite3.Error):
        # Extended names add a word: SQLITE_BUSY_SNAPSHOT, SQLITE_READONLY_DBMOVED.
        name = getattr(driver, "sqlite_errorname", None) or ""
        plain = "_".join(name.split("_")[:2])
        return _SQLITE.get(plain, ("other", _first_line(driver)))
    state = getattr(driver, "sqlstate", None) or ""
    if state in _POSTGRES:
        return _POSTGRES[state]
    # 08…: connection exceptions; 57P0x: the server shuts down, crashed or starts; no state at all: never reached it.
    if lost or state.startswith(("08", "57P0")) or (driver is not None and not state and _is_operational(driver)):
        return "connection", f"{_LOST} ({_first_line(driver)})"
    return "other", _first_line(driver)


def _is_operational(driver: BaseException) -> bool:
    return type(driver).__name__ in {"OperationalError", "ConnectionTimeout", "ConnectionFailure"}


def _first_line(fault: BaseException | None) -> str:
    lines = str(fault).strip().splitlines()
    return lines[0] if lines else type(fault).__name__
