"""Sources: their health is remembered; one that moved is followed, one that is gone is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from digest.gather.source import Source
from digest.store import Store, sources
from digest.store.sources import Health

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEDGER = Source(name="Northern Ledger", url="https://northern-ledger.example/feed")
MOVED = "https://northern-ledger.example/new-feed"


def health(store: Store) -> Health:
    with store.read() as db:
        return sources.health(db, "weekly")[LEDGER.url]


def test_an_answer_is_remembered(store: Store) -> None:
    with store.write() as db:
        sources.answered(
            db, "weekly", LEDGER, NOW, new=3, newest=date(2026, 11, 19), etag='"1"', modified=None, body_hash="ab"
        )
        sources.answered(db, "weekly", LEDGER, NOW + timedelta(hours=1))

    assert health(store) == Health(
        url=LEDGER.url, name="Northern Ledger", etag='"1"', body_hash="ab", tried_at=NOW + timedelta(hours=1),
        ok_at=NOW + timedelta(hours=1), new_at=NOW, newest=date(2026, 11, 19),
    )  # fmt: skip


def test_failures_are_counted_until_it_answers(store: Store) -> None:
    with store.write() as db:
        sources.failed(db, "weekly", LEDGER, NOW, reason="404 Not Found")
        sources.failed(db, "weekly", LEDGER, NOW, reason="503", retry_at=NOW + timedelta(hours=2))

    assert (health(store).failures, health(store).reason) == (2, "503")
    assert health(store).retry_at == NOW + timedelta(hours=2)

    with store.write() as db:
        sources.answered(db, "weekly", LEDGER, NOW)

    assert (health(store).failures, health(store).reason, health(store).retry_at) == (0, None, None)


def test_a_move_is_believed_the_third_time(store: Store) -> None:
    seen = []
    for _ in range(3):
        with store.write() as db:
            sources.answered(db, "weekly", LEDGER, NOW, moved_to=MOVED)
        seen.append(health(store).address)

    assert seen == [None, None, MOVED]


def test_a_move_that_is_taken_back_or_changes_is_not_believed(store: Store) -> None:
    with store.write() as db:
        for target in (MOVED, MOVED, None, MOVED, MOVED, "https://elsewhere.example/", MOVED):
            sources.answered(db, "weekly", LEDGER, NOW, moved_to=target)

    assert (health(store).address, health(store).moved_times) == (None, 1)


def test_a_new_address_that_fails_is_given_up(store: Store) -> None:
    with store.write() as db:
        for _ in range(3):
            sources.answered(db, "weekly", LEDGER, NOW, moved_to=MOVED)
        for _ in range(2):
            sources.failed(db, "weekly", LEDGER, NOW, reason="404 Not Found")
    assert health(store).address == MOVED

    with store.write() as db:
        sources.failed(db, "weekly", LEDGER, NOW, reason="404 Not Found")

    assert health(store).address is None


def test_a_source_that_is_gone_can_be_revived(store: Store) -> None:
    with store.write() as db:
        sources.retire(db, "weekly", LEDGER, NOW, reason="410 Gone")
    assert (health(store).retired_at, health(store).reason) == (NOW, "410 Gone")

    with store.write() as db:
        assert sources.revive(db, "weekly", LEDGER.url)
        assert not sources.revive(db, "weekly", "https://unknown.example/")

    assert (health(store).retired_at, health(store).failures) == (None, 0)


def test_another_name_is_the_same_source(store: Store) -> None:
    with store.write() as db:
        sources.answered(db, "weekly", LEDGER, NOW)
        sources.answered(db, "weekly", replace(LEDGER, name="The Ledger"), NOW)

    assert health(store).name == "The Ledger"
