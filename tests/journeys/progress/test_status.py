"""What `digest status` promises of an edition: a time to go while it is being sent, and none when it rests."""

from __future__ import annotations

import pytest

from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import Script, SmtpServer


@pytest.mark.slow
def test_a_paused_edition_has_no_speed_and_no_time_to_go(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    workspace.readers(300)
    edition = workspace.approved()
    script.reply_delay_s = 0.05

    with workspace.running("send", edition) as sending:
        until(lambda: " to go" in workspace.run("status", edition).out, "a time to go")
        workspace.run("pause", edition)
        assert sending.wait(LONGEST_S) == 4

    told = workspace.run("status", edition).out
    assert "paused" in told
    assert "speed" not in told
    assert "to go" not in told
