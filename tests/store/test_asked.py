"""A round of asking is one process's at a time, and an alarm one process's to tell."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from digest.store import Store, alarms, asked
from digest.store.asked import GIVEN_UP, Asked

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = FRIDAY + timedelta(minutes=4)
SLOT = date(2026, 11, 23)


def _seen(store: Store) -> Asked:
    with store.read() as db:
        return asked.asked(db, "weekly")


def _all_at_once(store: Store, act: str) -> int:
    """How many of eight that saw the same may begin."""
    seen, ready, won = _seen(store), threading.Barrier(8), []

    def one() -> None:
        ready.wait()
        with store.write() as db:
            won.append(getattr(asked, act)(db, "weekly", FRIDAY, instead_of=seen))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won.count(True)


def test_nobody_has_asked_yet(store: Store) -> None:
    assert _seen(store) == Asked()


def test_of_many_that_begin_a_round_one_does(store: Store) -> None:
    assert _all_at_once(store, "begin") == 1
    assert _seen(store) == Asked(FRIDAY)
    assert _seen(store).under_way(LATER)


def test_of_many_that_ask_again_one_does(store: Store) -> None:
    with store.write() as db:
        asked.begin(db, "weekly", FRIDAY)

    assert _all_at_once(store, "begin_again") == 1
    assert _seen(store).again == FRIDAY


def test_a_person_begins_whoever_is_at_it(store: Store) -> None:
    with store.write() as db:
        assert asked.begin(db, "weekly", FRIDAY)
        assert asked.begin(db, "weekly", LATER)

    assert _seen(store).began == LATER


def test_a_round_that_was_given_up_counts_when_it_is_done_after_all(store: Store) -> None:
    with store.write() as db:
        asked.begin(db, "weekly", FRIDAY)
        asked.begin(db, "weekly", LATER)

        assert asked.end(db, "weekly", FRIDAY, LATER)
        slow = asked.asked(db, "weekly")
        assert asked.end(db, "weekly", LATER, LATER + timedelta(minutes=1))
        quick = asked.asked(db, "weekly")
        assert not asked.end(db, "weekly", FRIDAY, LATER + timedelta(hours=1))

    assert (slow, quick) == (Asked(FRIDAY, LATER), Asked(LATER, LATER + timedelta(minutes=1)))
    assert _seen(store) == quick


def test_a_round_that_is_given_back_leaves_things_as_they_were(store: Store) -> None:
    with store.write() as db:
        asked.begin(db, "weekly", FRIDAY)
        asked.end(db, "weekly", FRIDAY, FRIDAY)
    before = _seen(store)
    with store.write() as db:
        asked.begin(db, "weekly", LATER, instead_of=before)

        assert asked.give_back(db, "weekly", LATER, before)

    assert _seen(store) == before


@pytest.mark.parametrize(
    ("so_far", "under_way", "whole"),
    [
        (Asked(), False, False),
        (Asked(FRIDAY), True, False),
        (Asked(LATER - GIVEN_UP), False, False),
        (Asked(FRIDAY, LATER), False, True),
        (Asked(FRIDAY - timedelta(minutes=1), FRIDAY), False, False),
        (Asked(LATER + timedelta(days=1)), False, False),  # the clock was wrong
        (Asked(LATER + timedelta(days=1), LATER + timedelta(days=1)), False, False),
    ],
)
def test_what_a_record_says(so_far: Asked, under_way: bool, whole: bool) -> None:
    assert (so_far.under_way(LATER), so_far.whole_since(FRIDAY, LATER)) == (under_way, whole)


def _may_tell(store: Store, text: str, now: datetime = FRIDAY, slot: date = SLOT) -> bool:
    with store.write() as db:
        return alarms.claim(db, "weekly", slot, text, now, wait_after=lambda tries: timedelta(minutes=5 * tries))


def test_the_same_words_are_told_once_for_each_slot(store: Store) -> None:
    assert _may_tell(store, "Ledger is down")
    with store.write() as db:
        alarms.told(db, "weekly", SLOT, "Ledger is down", FRIDAY)

    assert not _may_tell(store, "Ledger is down", FRIDAY + timedelta(days=1))
    assert _may_tell(store, "Herald is down")
    assert _may_tell(store, "Ledger is down", slot=SLOT + timedelta(days=7))


def test_what_reached_nobody_is_tried_again_ever_later(store: Store) -> None:
    tried = [minute for minute in range(40) if _may_tell(store, "down", FRIDAY + timedelta(minutes=minute))]

    assert tried == [0, 5, 15, 30]
