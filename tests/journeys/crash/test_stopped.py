"""A process that is told to stop twice, and one that sleeps longer than its lease."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import EditionState
from digest.verbs import due
from digest.verbs.send import Order, send_edition
from tests.journeys.crash.laboratory import CONNECTIONS, Laboratory, Trial
from tests.journeys.stage import until
from tests.smtpd import Rule, Script, SmtpServer


@pytest.mark.slow
def test_a_second_sigterm_is_as_a_kill(laboratory: Laboratory) -> None:
    silent = Rule("dot", do="hang", match="reader0010", accepted=True, times=1)
    with SmtpServer(Script(rules=[silent])) as server, laboratory.trial(server, policy="hold") as trial:
        trial.timeouts["dot"] = 60
        trial.start()
        until(lambda: "reader0010@mail10.example.com" in server.recipients(), "a message without a reply")
        trial.tell("end")
        assert trial.forks.ended(within_s=0.5) is None  # it waits for that reply
        trial.tell("end")
        code = trial.forks.ended(within_s=5)
        trial.finish()
        books = trial.books()

    assert code == 128 + 15
    assert books.broken(readers=laboratory.readers, policy="hold", in_doubt=CONNECTIONS) == []
    assert books.rows["reader0010@mail10.example.com"].state == "uncertain"


@pytest.mark.slow
@pytest.mark.parametrize("offer", [("PIPELINING",), ("PIPELINING", "CHUNKING"), ()])
def test_a_process_that_slept_past_its_lease_neither_writes_nor_sends(
    laboratory: Laboratory, offer: tuple[str, ...]
) -> None:
    script = Script(extensions=offer, reply_delay_s=0.02)
    with SmtpServer(script) as server, laboratory.trial(server, policy="hold") as trial:
        trial.lease_s = 4
        trial.start()
        until(lambda: len(server.accepted) >= 5, "five accepted messages")
        until(lambda: _is_asleep(trial), "asleep, and not in the middle of a commit")
        asleep = time.monotonic()
        recovered = _recovered_by_another(trial)
        until(lambda: time.monotonic() > asleep + trial.lease_s / 2, "a claim grown stale")
        before = len(server.accepted)
        trial.tell("go on")
        trial.forks.ended()
        books = trial.books()

    assert recovered is EditionState.SENT
    assert len(server.accepted) == before  # nothing is handed over any more
    assert books.broken(readers=laboratory.readers, policy="hold", in_doubt=laboratory.readers) == []


def _is_asleep(trial: Trial) -> bool:
    """Stopped; but who sleeps in a transaction of SQLite's keeps all others out, and is woken again here."""
    trial.forks.stop()
    database = sqlite3.connect(trial.workspace.folder / "digest.db", timeout=0.2, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
    except sqlite3.OperationalError:
        trial.tell("go on")
        return False
    finally:
        database.close()
    return True


def _recovered_by_another(trial: Trial) -> EditionState:
    """Another process comes an hour later, and closes the edition; what the sleeper had claimed is uncertain."""
    with trial.workspace.parts() as parts:
        later = replace(parts, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
        send_edition(later, trial.edition, Order(wait=timedelta(0)))
        return due.find(parts, trial.edition).state
