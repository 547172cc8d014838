"""A thorough look at a database: every page, every key, every edition's books. Edge."""

from __future__ import annotations

from sqlalchemy import select, text

from digest.errors import StoreError
from digest.store import tables as t
from digest.store.books import totals
from digest.store.schema import version_of
from digest.store.store import Store


def check(store: Store) -> list[str]:
    """What is found sound, one line each. Raises StoreError for damage, or for books that do not add up."""
    with store.read() as db:
        told = [f"schema {version_of(db)}"]
        if store.dialect == "sqlite":
            faults = [row[0] for row in db.execute(text("PRAGMA integrity_check(10)")) if row[0] != "ok"]
            faults += [f"{row[0]}: a row points at nothing" for row in db.execute(text("PRAGMA foreign_key_check"))]
            if faults:
                raise StoreError(f"{store.url_shown}: damaged: {'; '.join(faults[:3])}; restore the last backup")
            told.append("pages and keys")
        for edition in db.scalars(select(t.edition.c.id).order_by(t.edition.c.slot_key)):
            books = totals(db, edition)
            if not books.adds_up:
                raise StoreError(f"{edition}: its books do not add up: {books}; keep the database and report this")
            told.append(f"{edition}: {books.planned:,} recipients add up")
    return told
