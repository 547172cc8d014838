"""Senders: a number and a lock for each process that sends."""

from __future__ import annotations

import json
import threading

import pytest

from digest.errors import StoreError
from digest.store import Store, open_store, senders
from tests.store.samples import LATER, NOW


def test_a_sender_holds_its_lock_until_it_leaves(store: Store) -> None:
    one, two = senders.register(store, NOW), senders.register(store, NOW)

    assert one.id != two.id
    assert (one.held(), two.held(), senders.dead(store)) == (True, True, set())
    one.finish(LATER)
    two.finish(LATER)
    assert senders.dead(store) == set()


def test_a_number_is_never_given_again(store: Store) -> None:
    first = senders.register(store, NOW)
    first.finish(LATER)

    second = senders.register(store, NOW)

    assert second.id > first.id
    second.finish(LATER)


def test_another_process_sees_that_it_lives(store: Store, store_url: str) -> None:
    sender = senders.register(store, NOW)

    with open_store(store_url) as other:
        assert senders.dead(other) == set()

    sender.finish(LATER)


def test_a_sender_whose_lock_is_free_is_dead_until_written_off(store: Store) -> None:
    sender = senders.register(store, NOW)
    sender._lock.release()

    assert senders.dead(store) == {sender.id}


def test_leaving_leaves_no_lock_files(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        senders.register(store, NOW).finish(LATER)

        assert store.senders
        assert [path.name for path in store.senders.iterdir()] == ["known.json"]


def test_the_marker_knows_the_highest_number(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        one, two = senders.register(store, NOW), senders.register(store, NOW)
        assert store.senders

        assert json.loads((store.senders / "known.json").read_text())["sender"] == two.id
        one.finish(LATER)
        two.finish(LATER)


def test_a_lock_file_that_was_deleted_is_a_lock_lost(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        sender = senders.register(store, NOW)
        assert store.senders
        (store.senders / f"{sender.id}.lock").unlink()

        assert not sender.held()
        assert senders.dead(store) == {sender.id}
        sender.finish(LATER)


def test_without_its_lock_nobody_is_registered(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        assert store.senders
        (store.senders / "1.lock").mkdir()

        with pytest.raises(StoreError, match="cannot be locked"):
            senders.register(store, NOW)

        assert senders.dead(store) == set()


def test_a_session_that_was_cut_is_a_lock_lost(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        sender = senders.register(store, NOW)
        with store.write() as db:
            db.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            )

        assert not sender.held()
        assert senders.dead(store) == {sender.id}
        sender.finish(LATER)


def test_a_registration_that_fails_gives_the_session_lock_back(postgres_url: str) -> None:
    with open_store(postgres_url) as store, open_store(postgres_url) as blocking:
        with blocking.write() as db:
            number = 1
            db.exec_driver_sql("SELECT pg_advisory_lock(%s, %s)", (senders._LOCK_CLASS, number))

            with pytest.raises(StoreError, match="another program"):
                senders.register(store, NOW)

            db.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        assert senders.dead(store) == set()


def test_others_may_open_the_database_while_senders_come_and_go(sqlite_url: str) -> None:
    def come_and_go() -> None:
        with open_store(sqlite_url) as store:
            for _ in range(60):
                senders.register(store, NOW).finish(LATER)

    coming = threading.Thread(target=come_and_go)
    coming.start()

    while coming.is_alive():
        open_store(sqlite_url).close()  # never called a restored backup

    coming.join()
