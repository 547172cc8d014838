"""The machine is shut down while an edition is being sent: what is in conversation is finished, the rest waits."""

from __future__ import annotations

import signal

import pytest

from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import Script, SmtpServer

READERS = 120


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_leaves_nothing_uncertain_and_goes_on_where_it_was(
    workspace: Workspace, relay: SmtpServer, script: Script, number: signal.Signals
) -> None:
    script.reply_delay_s = 0.005  # far enough away not to be done before the signal comes
    readers = workspace.readers(READERS)
    edition = workspace.approved()

    with workspace.running("send", edition) as process:
        until(lambda: len(relay.accepted) >= 10, "ten accepted messages")
        process.send_signal(number)
        code = process.wait(LONGEST_S)

    status = workspace.status()
    assert code == 130
    assert status["uncertain"] == 0
    assert status["sent"] == len(relay.accepted) < READERS
    assert status["pending"] == READERS - status["sent"]

    workspace.run("send")
    assert sorted(relay.recipients()) == readers
    assert workspace.status()["state"] == "sent"
