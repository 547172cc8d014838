"""Opening a database, or refusing to: missing, foreign, damaged, newer or older ones are told apart. Edge.

The rule behind all: a fresh, empty ledger beside an old one would send everything again, so nothing is ever created
where traces of an older database lie.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from digest.errors import StoreError
from digest.store import schema
from digest.store.engine import parsed, postgres_engine, sqlite_engine
from digest.store.faults import translated
from digest.store.known import Known, read_known, write_known
from digest.store.store import Store
from digest.store.tables import sender

_MAGIC = b"SQLite format 3\0"
_CHECK_S = 0.5  # A look for damage at every start; the thorough one is `digest db check`.


def open_store(url: str, *, create: bool = False, busy_timeout_s: float = 10, accept_restored: bool = False) -> Store:
    """Open the database at `url`; a relative SQLite path counts from the current folder.

    `create` makes a new one where there is none (and none has been). `busy_timeout_s` bounds the wait for another
    writer. `accept_restored` opens a database that went back in time; call editions.hold_all then.
    Raises StoreError (its `kind` says why) when the database must not or cannot be used, SettingsError for a bad URL.
    """
    return _opened(parsed(url), create, False, busy_timeout_s, accept_restored)


def create(url: str, *, busy_timeout_s: float = 10) -> None:
    """Make a database where there is none yet, and has been none. Raises StoreError, SettingsError."""
    made = parsed(url)
    if made.get_backend_name() != "sqlite" or _holds_something(Path(made.database or "")):
        with _bare(made, busy_timeout_s) as store, store.read() as db:
            if _checked_version(db, store.url_shown) is not None:
                raise StoreError(f"{store.url_shown}: is there already: nothing was made; see `digest db check`")
    _opened(made, True, False, busy_timeout_s, False).close()


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def open_any_version(url: str, *, busy_timeout_s: float = 10) -> Store:
    """Open a database of ours whatever its version, and whether or not it was restored: only to be copied.

    Raises StoreError, SettingsError.
    """
    store = _bare(parsed(url), busy_timeout_s)
    try:
        if store.path:
            _look_for_damage(store.path, busy_timeout_s)
        with store.read() as db:
            _refuse_foreign(db, store.url_shown)
    except BaseException:
        store.close()
        raise
    return store


def upgrade(url: str, *, busy_timeout_s: float = 10) -> tuple[str | None, str]:
    """Run the pending migrations of an existing database; all or nothing. Returns the versions (before, after).

    Raises StoreError, SettingsError. Take a backup first.
    """
    made = parsed(url)
    with _bare(made, busy_timeout_s) as store, store.write() as db:
        before = schema.version_of(db)
    with _opened(made, False, True, busy_timeout_s, False):
        return before, schema.VERSIONS[-1]


def _opened(url: URL, create: bool, upgrading: bool, busy_timeout_s: float, accept_restored: bool) -> Store:
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(url.database or ""), create)
    store = _bare(url, busy_timeout_s)
    try:
        if store.path:
            _look_for_damage(store.path, busy_timeout_s)
        _check_schema(store, create, upgrading)
        # The marker first: it is written after the commit it tells of, so the database read later is never behind it.
        known = read_known(store.senders) if store.senders else None
        with store.read() as db:
            store.instance_id = schema.instance_of(db)
            newest = db.scalar(select(func.max(sender.c.id))) or 0
        if store.senders:
            _check_marker(store.senders, known, Known(store.instance_id, newest), accept_restored)
    except BaseException:
        store.close()
        raise
    return store


def _bare(url: URL, busy_timeout_s: float) -> Store:
    """A store on a database that nobody has looked at yet."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        _refuse_missing(path)
        return Store(sqlite_engine(path, busy_timeout_s), url)
    return Store(postgres_engine(url, busy_timeout_s), url)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _prepare_file(path: Path, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path}: is a folder: the path of a database file is wanted; check [store] url")
    if not path.exists():
        _refuse_beside_traces(path)
        if not create:
            _refuse_missing(path)
        _create_file(path)
    elif not create and path.stat().st_size == 0:
        raise StoreError(f"{path}: is empty: its creation was cut off; run `digest db create`", kind="missing")


def _refuse_missing(path: Path) -> None:
    if not path.exists():
        raise StoreError(
            f"{path}: no database here: give its place in [store] url; `digest db create` makes a new one",
            kind="missing",
        )


def _refuse_beside_traces(path: Path) -> None:
    names = [f"{path.name}{end}" for end in ("-wal", "-journal", ".senders", ".bak")]
    found = [name for name in names if (path.parent / name).exists()]
    if found:
        raise StoreError(
            f"{path}: the database is gone, but {', '.join(found)} is still there: put the database or a backup back; "
            "to begin a new, empty one, move that away first",
            kind="missing",
        )


def _create_file(path: Path) -> None:
    """An empty file that only its owner can read: it will hold people's addresses. Another process may be faster."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as fault:
        raise StoreError(f"{path}: cannot be created ({fault.strerror}): check the folder", kind="read-only") from fault


def _look_for_damage(path: Path, busy_timeout_s: float) -> None:
    """Header first, then SQLite's own quick check for as long as `_CHECK_S`. Raises StoreError."""
    if not os.access(path, os.R_OK | os.W_OK):
        raise StoreError(f"{path}: not readable and writable for this user: check its owner", kind="read-only")
    with path.open("rb") as file:
        header = file.read(len(_MAGIC))
    if header and header != _MAGIC:
        raise StoreError(
            f"{path}: not a SQLite database, or its header is damaged: restore the last backup", kind="corrupt"
        )
    try:
        _quick_check(path, busy_timeout_s)
    except sqlite3.Error as fault:
        raise translated(fault, str(path)) from fault


def _quick_check(path: Path, busy_timeout_s: float) -> None:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=busy_timeout_s)
    deadline = time.monotonic() + _CHECK_S
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorname != "SQLITE_INTERRUPT":
            raise
        return
    finally:
        connection.close()
    if found != "ok":
        raise StoreError(
            f"{path}: is damaged ({found.splitlines()[-1]}): restore the last backup; do not delete it", kind="corrupt"
        )


# ── schema and marker ────────────────────────────────────────────────────────────────────────────


def _check_schema(store: Store, create: bool, upgrading: bool) -> None:
    with store.read() as db:
        empty, version = schema.is_empty(db), _checked_version(db, store.url_shown)
    if empty and not create:
        raise StoreError(f"{store.url_shown}: an empty database: `digest db create` fills it", kind="missing")
    if version == schema.VERSIONS[-1]:
        _keep_wal(store)
        return
    if version is not None and not upgrading:
        raise StoreError(
            f"{store.url_shown}: made by an older version (schema {version}, wanted {schema.VERSIONS[-1]}): "
            "run `digest backup FILE`, then `digest db upgrade`",
            kind="older",
        )
    _keep_wal(store)
    with store.write() as db:
        _checked_version(db, store.url_shown)
        schema.migrate(db, secrets.token_hex(16))


def _checked_version(db: Connection, name: str) -> str | None:
    """The schema's version; None for an empty database. Raises StoreError when it is foreign or newer than we know."""
    if schema.is_empty(db):
        return None
    _refuse_foreign(db, name)
    version = schema.version_of(db)
    if version not in schema.VERSIONS:
        raise StoreError(
            f"{name}: made by a newer version (schema {version}, known up to {schema.VERSIONS[-1]}): "
            "install the newer version again",
            kind="newer",
        )
    return version


def _refuse_foreign(db: Connection, name: str) -> None:
    if not schema.is_ours(db):
        raise StoreError(
            f"{name}: belongs to another program: give a database of its own in [store] url", kind="foreign"
        )


def _keep_wal(store: Store) -> None:
    """Readers and the one writer do not stop each other in this mode. It stays with the file."""
    if store.dialect != "sqlite":
        return
    try:
        with store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            if driver.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                driver.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as fault:
        raise translated(fault, store.url_shown) from fault
    except SQLAlchemyError as fault:
        raise translated(fault, store.url_shown) from fault


def _check_marker(folder: Path, known: Known | None, found: Known, accept_restored: bool) -> None:
    behind = known is not None and (known.instance != found.instance or known.sender > found.sender)
    if behind and not accept_restored:
        raise StoreError(
            f"{folder.with_suffix('')}: is not the database that was here last, or an older state of it (a backup?): "
            "mail that it calls unsent may be out; run `digest db accept` to use it, with every running edition held",
            kind="restored",
        )
    if known != found:
        try:
            write_known(folder, found)
        except OSError as fault:
            raise StoreError(f"{folder}: cannot be written ({fault.strerror}): check it", kind="read-only") from fault
