"""Several processes send one edition: everybody gets one mail, and the books are one."""

from __future__ import annotations

import signal

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
