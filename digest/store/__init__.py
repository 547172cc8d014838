"""Store: the database. Tables, queries, migrations, the ledger; SQLite and PostgreSQL with the same code."""

from __future__ import annotations

from digest.store.opening import open_store, upgrade
from digest.store.store import Store

__all__ = ["Store", "open_store", "upgrade"]
