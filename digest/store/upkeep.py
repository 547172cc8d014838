"""Looking after the database: a safe copy while it is in use, a thorough check. Edge."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import select

from digest.errors import StoreError
from digest.store import tables as t
from digest.store.books import totals
from digest.store.faults import translated
from digest.store.store import Store


def backup(store: Store, target: Path) -> None:
    """Copy the database to a new file, while others read and write; whole or not at all. SQLite only.

    Raises StoreError, also when the target exists.
    """
    if store.path is None:
        raise StoreError(f"{store.url_shown}: PostgreSQL has its own tool for this: use `pg_dump`")
    if target.exists():
        raise StoreError(f"{target}: exists already: a new file's name is wanted")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        _copy(store.path, unfinished)
        os.link(unfinished, target)  # unlike a rename, never over another file
    except sqlite3.Error as fault:
        raise translated(fault, str(target)) from fault
    except OSError as fault:
        raise StoreError(f"{target}: cannot be written ({fault.strerror}): check the folder and its space") from fault
    finally:
        unfinished.unlink(missing_ok=True)


def check(store: Store) -> list[str]:
    """Everything that is wrong with the database, one line each: damage, lost references, books that do not add up.

    Reads all of it. Raises StoreError when it cannot even be read.
    """
    problems: list[str] = []
    with store.read() as db:
        if store.path:
            problems += [line for line in db.exec_driver_sql("PRAGMA integrity_check").scalars() if line != "ok"]
            lost = db.exec_driver_sql("PRAGMA foreign_key_check").all()
            problems += [f"{row[0]}: row {row[1]} refers to a missing {row[2]}" for row in lost]
        for edition in db.scalars(select(t.edition.c.id).order_by(t.edition.c.slot_key)).all():
            books = totals(db, edition)
            problems += [] if books.adds_up else [f"{edition}: the ledger does not add up: {books}"]
    return problems


def _copy(source: Path, target: Path) -> None:
    original = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    finally:
        copy.close()
        original.close()
    file = os.open(target, os.O_RDONLY)
    os.fsync(file)
    os.close(file)
