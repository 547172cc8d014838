"""Several processes send one edition: everybody gets one mail, and the books are one."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import Script, SmtpServer


@pytest.mark.slow
def test_three_processes_send_one_mail_to_everybody(workspace: Workspace, relay: SmtpServer) -> None:
    readers = workspace.readers(120)
    edition = workspace.approved()

    workspace.run("send", edition, "--processes", "3")

    assert sorted(relay.recipients()) == readers
    assert relay.connections > 1
    assert (workspace.status()["state"], workspace.status()["sent"]) == ("sent", 120)


@pytest.mark.slow
def test_a_crew_that_is_told_to_stop_stops_as_one(workspace: Workspace, relay: SmtpServer, script: Script) -> None:
    readers = workspace.readers(200)
    edition = workspace.approved()
    script.reply_delay_s = 0.05

    with workspace.running("send", edition, "--processes", "2") as sending:
        until(lambda: relay.accepted, "a first mail")
        sending.send_signal(signal.SIGTERM)
        assert sending.wait(LONGEST_S) == 130

    status = workspace.status()
    assert (status["uncertain"], status["sent"]) == (0, len(relay.accepted))
    script.reply_delay_s = 0
    workspace.run("send", edition)
    assert sorted(relay.recipients()) == readers


@pytest.mark.slow
def test_what_a_killed_helper_leaves_is_sent_by_the_same_command(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    readers = workspace.readers(600)
    edition = workspace.approved()
    script.reply_delay_s = 0.03

    with workspace.running("send", edition, "--processes", "2") as sending:
        (helper,) = until(lambda: _helpers_at_work(workspace, sending.pid), "a helper that has claimed")
        os.kill(helper, signal.SIGKILL)
        script.reply_delay_s = 0
        code = sending.wait(LONGEST_S)

    status = workspace.status()
    assert (status["pending"], status["sent"] + status["uncertain"]) == (0, 600)
    assert code == (4 if status["uncertain"] else 0)
    assert set(relay.recipients()) <= set(readers)
    assert len(relay.recipients()) == len(set(relay.recipients())) >= status["sent"]


def _helpers_at_work(workspace: Workspace, parent: int) -> list[int]:
    """The processes that have claimed somebody, but for the one that called them."""
    with closing(sqlite3.connect(workspace.folder / "digest.db")) as db:
        query = "SELECT pid FROM sender WHERE pid <> ? AND id IN (SELECT sender FROM recipient WHERE state = 'claimed')"
        return [pid for (pid,) in db.execute(query, [parent])]
