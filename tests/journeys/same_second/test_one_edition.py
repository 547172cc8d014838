"""cron, a scheduler and a person press the button in the same second: one edition, one mail each."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest

from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import SmtpServer

READERS = 60


@pytest.fixture
def due_now(workspace: Workspace) -> Workspace:
    """A newsletter that needs nobody, whose slot was a minute ago and whose edition nobody has assembled."""
    workspace.due_since(timedelta(minutes=1))
    # The newsletter is older than this slot, but not than the one before: that one is none of its business.
    workspace.readers(READERS, since=timedelta(days=3))
    return workspace


@pytest.mark.slow
def test_one_edition_and_one_mail_each_whoever_presses_the_button(due_now: Workspace, relay: SmtpServer) -> None:
    with ExitStack() as stack:
        scheduler = stack.enter_context(due_now.running("schedule"))
        senders = [stack.enter_context(due_now.running("send", name=f"cron{number}")) for number in range(3)]
        codes = [sender.wait(LONGEST_S) for sender in senders]
        until(lambda: len(relay.accepted) >= READERS, "a mail for everybody")
        scheduler.terminate()
        assert scheduler.wait(LONGEST_S) == 0

    editions = due_now.run("edition", "list", "--json").json
    assert [edition["state"] for edition in editions] == ["sent"]
    status = due_now.status()
    assert (status["planned"], status["sent"]) == (READERS, READERS)
    assert set(Counter(relay.recipients()).values()) == {1}
    assert codes == [0, 0, 0]


@pytest.mark.slow
def test_an_edition_sent_by_hand_twice_at_once_is_sent_once(workspace: Workspace, relay: SmtpServer) -> None:
    readers = workspace.readers(READERS)
    edition = workspace.approved()

    with ExitStack() as stack:
        senders = [stack.enter_context(workspace.running("send", edition, name=f"hand{n}")) for n in range(2)]
        codes = [sender.wait(LONGEST_S) for sender in senders]

    assert codes == [0, 0]
    assert sorted(relay.recipients()) == readers
    assert workspace.status()["state"] == "sent"
