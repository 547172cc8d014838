"""The power fails in mid-run, at any frame of the database's log: nobody is lost, nobody gets two."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digest.model import RecipientState
from digest.store import Store, ledger, open_store
from digest.verbs.send import Order, send_due
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
READERS = [f"r{number:02}@example.com" for number in range(60)]
FRAME = 24 + 4096


@dataclass(frozen=True)
class Moment:
    """What lay on the disk after a commit, and who had got a message by then."""

    folder: Path
    log_bytes: int
    sent: frozenset[str]
    got: frozenset[str]


def _states(store: Store) -> dict[str, RecipientState]:
    with store.read() as db:
        return {str(row.address): row.state for row in ledger.recipients(db, EDITION)}


@pytest.fixture
def moments(auto: Newsletter, tmp_path: Path) -> list[Moment]:
    """A run, looked at after each of its commits."""
    auto.parts = replace(auto.parts, delivery=replace(auto.parts.delivery, connections=2))
    auto.relay.script.reply_delay_s = 0.003
    auto.story("Sleep is good")
    auto.readers(*(address.partition("@")[0] for address in READERS))
    auto.clock.set(MONDAY_7)
    found: list[Moment] = []

    def look(*_: object) -> None:
        folder = tmp_path / f"moment{len(found)}"
        shutil.copytree(auto.parts.workspace, folder)
        sent = {who for who, state in _states(auto.parts.store).items() if state is RecipientState.SENT}
        size = (folder / "digest.db-wal").stat().st_size
        found.append(Moment(folder, size, frozenset(sent), frozenset(auto.received())))

    send_due(auto.parts, Order(stop=threading.Event(), wait=timedelta(0), progress=look))
    return found


def _after_power_loss(before: Moment, after: Moment, kept: int) -> Path:
    """A folder as it is found when so much of the log was on the disk, and nothing else since `before`.

    What a journal holds is not forced to the disk: it is gone.
    """
    folder = before.folder.with_name("found")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before.folder, folder)
    (folder / "digest.db-wal").write_bytes((after.folder / "digest.db-wal").read_bytes()[:kept])
    (folder / "digest.db-shm").unlink()
    for journal in (folder / "digest.db.senders").glob("*.journal"):
        journal.unlink()
    return folder


def _cuts(before: Moment, after: Moment) -> list[int]:
    """Before each frame, in its header and in its middle, from the commit before to the one after."""
    frames = range(before.log_bytes, after.log_bytes, FRAME)
    return [*(at + within for at in frames for within in (0, 11, 2000)), after.log_bytes]


@pytest.mark.slow
def test_whoever_is_sent_stays_sent_at_whatever_frame_the_power_fails(moments: list[Moment]) -> None:
    """And whoever is not committed as sent is not called so."""
    assert len(moments) > 10

    for before, after in pairwise(moments):
        for kept in _cuts(before, after):
            with open_store(f"sqlite:///{_after_power_loss(before, after, kept)}/digest.db") as store:
                states = _states(store)
            committed = after.sent if kept == after.log_bytes else before.sent
            assert {who for who, state in states.items() if state is RecipientState.SENT} == committed, kept
            assert sorted(states) == READERS


@pytest.mark.slow
def test_sending_goes_on_after_the_power_has_failed_and_nobody_gets_two(
    moments: list[Moment], auto: Newsletter
) -> None:
    for before, after in list(pairwise(moments))[::5]:
        folder = _after_power_loss(before, after, before.log_bytes + 2000)
        already = len(auto.relay.accepted)
        with open_store(f"sqlite:///{folder}/digest.db") as store:
            runs = send_due(replace(auto.parts, workspace=folder, store=store), Order(wait=timedelta(0)))
            states = _states(store)
        more = [who for mail in auto.relay.accepted[already:] for who in mail.rcpt_to]
        in_doubt = {who for who, state in states.items() if state is RecipientState.UNCERTAIN}

        assert [run.what for run in runs] == ["sent"]
        assert set(states.values()) <= {RecipientState.SENT, RecipientState.UNCERTAIN}
        assert not set(more) & after.got  # nobody gets two
        assert len(more) == len(set(more))
        assert set(READERS) == before.sent | set(more) | in_doubt  # nobody is lost
        assert after.got <= before.sent | in_doubt
