"""Transactions: all or nothing, one writer, readers that see one state; the driver's faults as one line."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import bindparam, delete, func, insert, select, text, update

from digest.errors import StoreError
from digest.model import Claim, EditionState, Outcome, Phase, RecipientState, Settlement
from digest.store import Store, editions, ledger, open_store
from digest.store import tables as t
from digest.store.prepared import Prepared, PreparedRow
from subscribers.tables import subscriber
from tests.store.samples import LATER, LEASE, NOW, WEEKLY, add_people, claim, edition_of, sending, settle, states

COUNT = select(func.count()).select_from(subscriber)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Store]:
    """A SQLite store that waits only a moment for others."""
    with open_store(sqlite_url, busy_timeout_s=0.05) as store:
        yield store


def test_what_raises_is_undone(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as db:
        editions.insert_draft(db, edition_of(), NOW)
        raise KeyError

    with store.read() as db:
        assert editions.get(db, WEEKLY) is None


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError) as refused, store.read() as db:
        db.execute(delete(subscriber))

    assert refused.value.kind == "read-only"
    add_people(store, 1)  # the connection that was used for reading can write again


def test_a_reader_sees_one_state_throughout(store: Store) -> None:
    add_people(store, 1)

    with store.read() as db:
        before = db.scalar(COUNT)
        add_people(store, 1, start=2)
        after = db.scalar(COUNT)

    assert (before, after) == (1, 1)


def test_a_broken_rule_of_the_tables_is_a_store_error(store: Store) -> None:
    add_people(store, 1)

    with pytest.raises(StoreError, match=r"(?i)unique"):
        add_people(store, 1)


def test_a_mistake_in_a_query_does_not_end_the_store(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as db:
        db.execute(text("SELECT nothing FROM nowhere"))

    with store.read() as db:
        assert db.scalar(COUNT) == 0


def test_threads_share_a_store(store: Store) -> None:
    threads = [threading.Thread(target=add_people, args=(store, 5), kwargs={"start": 10 * n}) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as db:
        assert db.scalar(COUNT) == 40


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────


def test_a_commit_survives_power_loss(small: Store) -> None:
    with small.write() as db:
        settings = [db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")]
        keys = db.exec_driver_sql("PRAGMA foreign_keys").scalar()

    assert (settings, keys) == ([2, "wal"], 1)


def test_a_writer_waits_for_another_no_longer_than_told(small: Store) -> None:
    sender = sending(small, 1)
    assert small.path
    other = sqlite3.connect(small.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another process is writing") as refused:
        claim(small, sender)

    assert refused.value.kind == "busy"
    assert states(small) == [RecipientState.PENDING]  # readers are not disturbed
    other.execute("ROLLBACK")
    other.close()
    assert len(claim(small, sender)) == 1


def test_a_full_disk_stops_before_anything_leaves_and_goes_on_when_there_is_space(small: Store) -> None:
    sender = sending(small, 300)

    with pytest.raises(StoreError, match="make space") as refused, small.write() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        claims = ledger.claim(db, WEEKLY, sender=sender, limit=300, now=NOW, lease=LEASE)
        ledger.settle(db, [_long(c) for c in claims], NOW)

    assert refused.value.kind == "full"
    assert set(states(small)) == {RecipientState.PENDING}
    with small.write() as db:
        db.exec_driver_sql("PRAGMA max_page_count=1000000")
    claims = claim(small, sender, 300)
    assert settle(small, claims, RecipientState.SENT) == []
    with small.read() as db:
        assert ledger.totals(db, WEEKLY).sent == 300


def _long(claim_: Claim) -> Settlement:
    outcome = Outcome(phase=Phase.DOT, code=250, text="x" * 500)
    return Settlement(claim=claim_, state=RecipientState.SENT, reason=None, outcome=outcome)


def test_a_database_that_vanishes_is_told(small: Store, tmp_path: Path) -> None:
    small.close()
    (tmp_path / "digest.db").unlink()

    with pytest.raises(StoreError, match="cannot be opened"), small.write() as db:
        db.execute(delete(subscriber))


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def served(postgres_url: str) -> Iterator[Store]:
    """A PostgreSQL store that waits only a moment for others."""
    with open_store(postgres_url, busy_timeout_s=0.05) as store:
        yield store


def test_a_lock_is_waited_for_no_longer_than_told(served: Store) -> None:
    sender = sending(served, 1)
    with served.engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE recipient"))

        with pytest.raises(StoreError) as refused:
            claim(served, sender)

    assert refused.value.kind == "busy"


def test_rows_that_another_is_taking_are_passed_over(served: Store) -> None:
    sender = sending(served, 3)
    with served.write() as other:
        ledger.claim(other, WEEKLY, sender=sender, limit=2, now=NOW, lease=LEASE)

        claims = claim(served, sender, 3)

    assert [c.address for c in claims] == ["a3@example.com"]


def test_a_lost_connection_is_told_and_the_next_transaction_has_a_new_one(served: Store) -> None:
    with pytest.raises(StoreError) as refused, served.write() as db:
        add = insert(t.story_seen).values(newsletter="weekly", story="sleep", first_seen=NOW.date())
        db.execute(add)
        _cut(served, db.scalar(text("SELECT pg_backend_pid()")))
        db.execute(add)

    assert refused.value.kind == "connection"
    with served.read() as db:
        assert db.scalar(select(func.count()).select_from(t.story_seen)) == 0


def test_a_connection_that_was_cut_while_idle_is_replaced_unseen(served: Store) -> None:
    with served.read() as db:
        number = db.scalar(text("SELECT pg_backend_pid()"))
    _cut(served, number)

    with served.read() as db:
        assert db.scalar(COUNT) == 0


def test_a_server_that_only_reads_is_named(served: Store, postgres_url: str) -> None:
    with served.write() as db:
        db.execute(text(f"ALTER DATABASE {served.engine.url.database} SET default_transaction_read_only = on"))

    with open_store(postgres_url) as store, pytest.raises(StoreError, match="standby"), store.write() as db:
        editions.insert_draft(db, edition_of(), LATER)


def _cut(store: Store, backend: int | None) -> None:
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


def test_a_number_that_no_database_can_keep_is_told(store: Store) -> None:
    with pytest.raises(StoreError, match=r"large|range") as told, store.read() as db:
        db.execute(select(t.sender.c.id).where(t.sender.c.id == 2**70))
    assert told.value.kind == "other"

    prepared = Prepared(select(t.sender.c.id).where(t.sender.c.id == bindparam("number")), store.dialect)
    with pytest.raises(StoreError, match=r"large|range"), store.read() as db:
        prepared.rows(db, number=2**70)


def test_so_it_is_among_many_rows(sqlite_url: str) -> None:
    change = update(t.sender).where(t.sender.c.id == bindparam("number")).values(pid=bindparam("new"))
    row = PreparedRow(change, ["number", "new"])

    with open_store(sqlite_url) as store, pytest.raises(StoreError, match="too large"), store.write() as db:
        row.said(db, [(1, 1), (2**70, 1)])


@pytest.fixture
def hasty(store_url: str, store: Store) -> Iterator[Store]:
    """The same database, for one who waits only a moment for others."""
    with open_store(store_url, busy_timeout_s=0.05) as opened:
        yield opened


STOPPED = [EditionState.PAUSED, EditionState.CANCELLED]


@pytest.mark.parametrize("stopped", STOPPED)
def test_nobody_is_claimed_beside_who_pauses_or_cancels(store: Store, hasty: Store, stopped: EditionState) -> None:
    sender = sending(store, 5)

    with store.write() as db:
        editions.set_state(db, WEEKLY, [EditionState.SENDING], stopped, NOW, "enough")
        with pytest.raises(StoreError) as told:
            claim(hasty, sender)

    assert told.value.kind == "busy"
    assert claim(hasty, sender) == []


def test_who_pauses_waits_until_those_just_claimed_are_known(store: Store, hasty: Store) -> None:
    sender = sending(store, 5)

    with store.write() as db:
        ledger.claim(db, WEEKLY, sender=sender, limit=2, now=NOW, lease=LEASE)
        with pytest.raises(StoreError) as told, hasty.write() as other:
            editions.set_state(other, WEEKLY, [EditionState.SENDING], EditionState.PAUSED, NOW, "enough")

    assert told.value.kind == "busy"


def test_two_who_claim_do_not_wait_for_one_another_on_postgresql(postgres_url: str) -> None:
    with open_store(postgres_url, busy_timeout_s=0.05) as store:
        sender = sending(store, 5)

        with store.write() as db:
            mine = ledger.claim(db, WEEKLY, sender=sender, limit=2, now=NOW, lease=LEASE)
            others = claim(store, sender, 2)

    assert len({each.subscriber for each in (*mine, *others)}) == 4
