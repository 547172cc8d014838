"""The power fails at any frame of the log: what was committed stays, what was not is gone, nothing is torn."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from digest.model import RecipientState
from digest.store import open_store
from tests.store.samples import claim, sending, settle

_HEADER, _FRAME = 32, 24 + 4096


@pytest.mark.slow
def test_whatever_is_left_of_the_log_the_ledger_is_one_that_was_committed(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "digest.db"
    sizes: list[int] = []  # of the log after each commit; a frame that is not there was not written
    with open_store(sqlite_url) as store:
        sender = sending(store, 6)
        for _ in range(3):
            claims = claim(store, sender, limit=2)
            settle(store, claims, RecipientState.SENT)
            sizes.append((tmp_path / "digest.db-wal").stat().st_size)
        log = (tmp_path / "digest.db-wal").read_bytes()
        (tmp_path / "after").mkdir()
        shutil.copy(file, tmp_path / "after" / "digest.db")

    for kept in sorted({*range(_HEADER, len(log), _FRAME), *range(_HEADER + 999, len(log), _FRAME), *sizes}):
        found = _sent_after_power_loss(tmp_path / "after", log[:kept])
        committed = 2 * sum(size <= kept for size in sizes)
        assert found is None or found >= committed, f"{kept} octets of the log"
        assert kept < sizes[0] or found is not None


def _sent_after_power_loss(folder: Path, log: bytes) -> int | None:
    """How many rows are sent, with so much of the log; None when the edition is not even planned."""
    shutil.copy(folder / "digest.db", folder / "cut.db")
    (folder / "cut.db-wal").write_bytes(log)
    database = sqlite3.connect(folder / "cut.db")
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchone() is None
        states = [state for (state,) in database.execute("SELECT state FROM recipient")]
        assert len(states) in {0, 6}
        return states.count("sent") if states else None
    finally:
        database.close()
        (folder / "cut.db-wal").unlink(missing_ok=True)
        (folder / "cut.db-shm").unlink(missing_ok=True)
