"""Store: the database. Tables, queries, migrations, the ledger; SQLite and PostgreSQL with the same code."""

from __future__ import annotations

from digest.store.opening import create, open_any_version, open_store, upgrade
from digest.store.store import Store
from digest.store.upkeep import backup, check

__all__ = ["Store", "backup", "check", "create", "open_any_version", "open_store", "upgrade"]
