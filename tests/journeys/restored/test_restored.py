"""Yesterday's backup is put back: mail that it calls unsent is out. So nothing is sent before a person has said so."""

from __future__ import annotations

import shutil

import pytest

from tests.journeys.stage import Workspace
from tests.smtpd import SmtpServer


@pytest.mark.slow
def test_a_restored_backup_asks_before_it_sends(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(20)
    edition = workspace.approved()
    workspace.run("backup", "yesterday.db")
    workspace.run("send", edition)

    for end in ("", "-wal", "-shm"):
        (workspace.folder / f"digest.db{end}").unlink(missing_ok=True)
    shutil.copy(workspace.folder / "yesterday.db", workspace.folder / "digest.db")
    refused = workspace.run("send", edition, code=1)
    accepted = workspace.run("db", "accept")
    held = workspace.run("send", edition, code=4)

    assert "digest db accept" in refused.err
    assert "1 edition held" in accepted.out
    assert "approv" in held.out
    assert len(relay.accepted) == 20  # the first time, and never again
