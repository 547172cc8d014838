"""Real processes on one ledger: at the same time, and killed at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.model import RecipientState
from digest.store import Store, ledger, open_store, senders
from tests.store.samples import NOW, WEEKLY, sending
from tests.store.worker import GROUP

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(url: str) -> Iterator[subprocess.Popen[str]]:
    """A sending process that has registered and waits for its start signal."""
    command = [sys.executable, "-m", "tests.store.worker", url, WEEKLY]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def test_processes_that_claim_at_the_same_time_never_get_the_same_row(store: Store, store_url: str) -> None:
    sending(store, 300)

    with worker(store_url) as one, worker(store_url) as two, worker(store_url) as three:
        for process in (one, two, three):
            start(process)
        sent = [line for process in (one, two, three) for line in process.communicate()[0].split()]

    assert [one.returncode, two.returncode, three.returncode] == [0, 0, 0]
    assert len(sent) == len(set(sent)) == 300
    with store.read() as db:
        books = ledger.totals(db, WEEKLY)
    assert (books.sent, books.adds_up) == (300, True)


def test_a_process_that_lives_is_not_dead_and_a_killed_one_is(store: Store, store_url: str) -> None:
    sending(store, 1)
    with store.write() as db:  # write off the sender without a lock that `sending` made
        ledger.recover(db, WEEKLY, senders.dead(store), NOW, resend_once=False)

    with worker(store_url) as process:
        living = senders.dead(store)
        process.send_signal(signal.SIGSTOP)
        stopped = senders.dead(store)
        process.kill()
        process.wait()

        assert (living, stopped) == (set(), set())
        assert len(wait_for_the_dead(store)) == 1


def test_killed_again_and_again_it_loses_nobody_and_writes_to_nobody_twice(store: Store, store_url: str) -> None:
    sending(store, 120)
    sent: Counter[str] = Counter()

    kills = [0, 3, 5, 22]
    for lines in kills:
        with worker(store_url) as process:
            start(process)
            assert process.stdout
            sent.update(process.stdout.readline().strip() for _ in range(lines))
            process.kill()
            sent.update(process.stdout.read().split())
        wait_for_the_dead(store)
    with worker(store_url) as process:
        start(process)
        sent.update(process.communicate()[0].split())

    with open_store(store_url) as opened, opened.read() as db:
        books, rows = ledger.totals(db, WEEKLY), list(ledger.recipients(db, WEEKLY))
    assert books.adds_up
    assert (books.planned, books.sent + books.uncertain) == (120, 120)
    assert books.uncertain <= GROUP * len(kills)
    assert set(sent.values()) == {1}
    assert {str(row.subscriber) for row in rows if row.state is RecipientState.SENT} <= set(sent)
    assert {str(row.subscriber) for row in rows} >= set(sent)


def wait_for_the_dead(store: Store) -> set[int]:
    """A server needs a moment to notice that a client is gone."""
    for _ in range(5000):
        if gone := senders.dead(store):
            return gone
    raise AssertionError("nobody is dead")
