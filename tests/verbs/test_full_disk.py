"""The disk is full, at whichever page of a run: it stops before more mail leaves, and goes on when there is space."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from digest.errors import StoreError
from digest.model import EditionState, RecipientState
from digest.store import ledger, open_store
from digest.verbs import due
from digest.verbs.parts import Parts
from digest.verbs.send import Order, send_due
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
READERS = [f"r{number:03}@example.com" for number in range(150)]
AT_ONCE = Order(wait=timedelta(0))


@dataclass
class Disk:
    """A copy of the newsletter on a disk with room for so many more pages; None: for any number."""

    parts: Parts
    room: int | None
    before: int  # what the relay had accepted

    def states(self) -> dict[str, RecipientState]:
        with self.parts.store.read() as db:
            return {str(row.address): row.state for row in ledger.recipients(db, EDITION)}


Disks = Callable[[int], AbstractContextManager[Disk]]


@pytest.fixture
def disks(auto: Newsletter, tmp_path: Path) -> Disks:
    """Makes disks. The relay is wordy, and its words want room in the ledger."""
    auto.relay.script.rules += [Rule("dot", text="250 2.0.0 queued " + "x" * 400)]
    auto.relay.used += [0]
    auto.story("Sleep is good")
    auto.readers(*(address.partition("@")[0] for address in READERS))
    auto.assembled()
    auto.clock.set(MONDAY_7)
    auto.parts.store.close()

    @contextmanager
    def disk(room: int) -> Iterator[Disk]:
        folder = tmp_path / "disk"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(auto.parts.workspace, folder)
        with open_store(f"sqlite:///{folder}/digest.db") as store:
            made = Disk(replace(auto.parts, workspace=folder, store=store), room, len(auto.relay.accepted))
            with store.read() as db:
                pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()

            def limit(connection: Any, _record: object, _proxy: object) -> None:
                connection.execute(f"PRAGMA max_page_count={1_000_000 if made.room is None else pages + made.room}")

            event.listen(store.engine, "checkout", limit)
            yield made

    return disk


def _got(auto: Newsletter, disk: Disk) -> list[str]:
    return sorted(who for mail in auto.relay.accepted[disk.before :] for who in mail.rcpt_to)


@pytest.mark.slow
@pytest.mark.parametrize("room", range(16))
def test_wherever_the_disk_is_full_no_mail_leaves_uncommitted_and_with_space_all_get_one(
    disks: Disks, auto: Newsletter, room: int
) -> None:
    """With no room at all there is no plan, with little no claim; with sixteen pages most are sent, or all, and it is
    not written down."""
    with disks(room) as disk:
        with pytest.raises(StoreError, match="disk is full: make space") as told:
            send_due(disk.parts, AT_ONCE)
        first, states = _got(auto, disk), disk.states()
        state = due.find(disk.parts, EDITION).state
        disk.room = None
        runs = send_due(disk.parts, AT_ONCE)
        after = disk.states()

    assert told.value.exit_code == 1
    assert {states[who] for who in first} <= {RecipientState.CLAIMED, RecipientState.SENT}
    assert {who for who, was in states.items() if was is RecipientState.SENT} <= set(first)
    assert (state, len(states)) in {(EditionState.APPROVED, 0), (EditionState.SENDING, len(READERS))}
    assert [run.what for run in runs] == ["sent"]
    assert set(after.values()) == {RecipientState.SENT}
    assert _got(auto, disk) == READERS
