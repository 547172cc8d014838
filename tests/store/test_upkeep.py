"""Looking after the database: copies that are whole, checks that see what is wrong."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.errors import StoreError
from digest.model import RecipientState
from digest.store import Store, backup, check, ledger, open_store
from tests.store.samples import WEEKLY, claim, sending, settle


def test_a_backup_is_a_whole_database_taken_while_it_is_in_use(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "monday.db"
    copy.parent.mkdir()
    with open_store(sqlite_url) as store:
        sender = sending(store, 3)
        settle(store, claim(store, sender, 1), RecipientState.SENT)
        with store.write() as db:
            db.execute(text("UPDATE edition SET number = 99"))  # not committed yet

            backup(store, copy)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert list(copy.parent.iterdir()) == [copy]
    with open_store(f"sqlite:///{copy}") as restored, restored.read() as db:
        books = ledger.totals(db, WEEKLY)
        assert db.scalar(text("SELECT number FROM edition")) == 1
    assert (books.sent, books.pending, books.adds_up) == (1, 2, True)


def test_a_backup_never_replaces_a_file(sqlite_url: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    taken.write_text("precious")

    with open_store(sqlite_url) as store, pytest.raises(StoreError, match="exists already"):
        backup(store, taken)

    assert taken.read_text() == "precious"


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as store, pytest.raises(StoreError, match="cannot be written"):
        backup(store, tmp_path / "nowhere" / "copy.db")


def test_postgres_has_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    with open_store(postgres_url) as store, pytest.raises(StoreError, match="pg_dump"):
        backup(store, tmp_path / "copy.db")


def test_a_database_in_order_has_no_problems(store: Store) -> None:
    sending(store, 3)

    assert check(store) == []


def test_a_ledger_that_lost_a_row_is_seen(store: Store) -> None:
    sending(store, 3)
    with store.write() as db:
        db.execute(text("DELETE FROM recipient WHERE subscriber = (SELECT min(subscriber) FROM recipient)"))

    problems = check(store)

    assert len(problems) == 1
    assert problems[0].startswith(f"{WEEKLY}: the ledger does not add up")


def test_lost_references_are_seen(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        with store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver
            driver.execute("PRAGMA query_only=OFF")
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("INSERT INTO sealed VALUES ('nowhere', 'x', 'y')")

        assert check(store) == ["sealed: row 1 refers to a missing edition"]
