"""Several processes send one edition: everybody gets one mail, and the books are one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing

import psutil
import pytest

from tests.journeys.stage import LONGEST_S, Workspace, until
from tests.smtpd import Rule, Script, SmtpServer


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


def _helpers(sending: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(sending.pid).children()


def _both_at_work(relay: SmtpServer) -> bool:
    """The first process claims the first 200 readers; the next ones are a helper's."""
    return any(name.startswith(("reader02", "reader03")) for name in relay.recipients())


def _claiming(workspace: Workspace) -> int:
    """How many processes have claimed recipients."""
    with closing(sqlite3.connect(workspace.folder / "digest.db")) as db:
        count: int = db.execute("SELECT count(DISTINCT sender) FROM recipient WHERE state = 'claimed'").fetchone()[0]
    return count


def _answer_helpers_late(relay: SmtpServer) -> None:
    """So the first process has been done for long when its helper's conversations are over."""
    relay.script.reply_delay_s = 0.05
    for others in ("reader02", "reader03"):
        late = Rule(phase="dot", do="late", match=others, text="250 2.0.0 queued", accepted=True, every_s=1.5)
        relay.script.rules.append(late)
        relay.used.append(0)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ctrl_c_and_what_else_is_said_to_the_whole_group_leaves_nothing_uncertain(
    workspace: Workspace, relay: SmtpServer, script: Script, number: signal.Signals
) -> None:
    readers = workspace.readers(500)
    edition = workspace.approved()
    _answer_helpers_late(relay)

    with workspace.running("send", edition, "--processes", "2") as sending:
        until(lambda: _both_at_work(relay), "two processes at work")
        os.killpg(sending.pid, number)
        assert sending.wait(LONGEST_S) == 130

    status = workspace.status()
    assert (status["uncertain"], status["sent"]) == (0, len(relay.accepted))
    assert status["pending"] > 0
    relay.script.rules.clear()
    script.reply_delay_s = 0
    workspace.run("send", edition)
    assert sorted(relay.recipients()) == readers


@pytest.mark.slow
def test_a_service_manager_that_tells_every_process_leaves_nothing_uncertain(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    workspace.readers(500)
    edition = workspace.approved()
    _answer_helpers_late(relay)

    with workspace.running("send", edition, "--processes", "2") as sending:
        until(lambda: _both_at_work(relay), "two processes at work")
        helpers = _helpers(sending)
        for helper in helpers:
            helper.send_signal(signal.SIGTERM)
        sending.send_signal(signal.SIGTERM)
        assert sending.wait(LONGEST_S) == 130

    status = workspace.status()
    assert len(helpers) == 1
    assert (status["uncertain"], status["sent"]) == (0, len(relay.accepted))
    assert status["pending"] > 0


@pytest.mark.slow
def test_helpers_of_a_process_that_is_killed_finish_what_is_in_conversation_and_stop(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    readers = workspace.readers(500)
    edition = workspace.approved()
    script.reply_delay_s = 0.1

    with workspace.running("send", edition, "--processes", "2") as sending:
        until(lambda: _both_at_work(relay), "two processes at work")
        helpers = _helpers(sending)
        sending.kill()
        psutil.wait_procs(helpers, timeout=LONGEST_S)

    assert not any(helper.is_running() for helper in helpers)
    assert len(relay.accepted) < len(readers)
    script.reply_delay_s = 0
    workspace.run("send", edition, code=None)
    assert workspace.status()["uncertain"] <= 10  # those of the killed one, on its ten connections
    assert len(set(relay.recipients())) == len(relay.recipients())


@pytest.mark.slow
def test_a_second_signal_ends_the_whole_crew_at_once(workspace: Workspace, relay: SmtpServer, script: Script) -> None:
    workspace.readers(500)
    edition = workspace.approved()
    script.rules.append(Rule(phase="dot", do="hang"))  # nothing in conversation comes to an end
    relay.used.append(0)

    with workspace.running("send", edition, "--processes", "2") as sending:
        until(lambda: _claiming(workspace) == 2, "two processes at work")
        helpers = _helpers(sending)
        until(lambda: _ended_at_second_signal(sending), "the end")
        psutil.wait_procs(helpers, timeout=LONGEST_S)

    assert sending.returncode == 128 + signal.SIGTERM
    assert not any(helper.is_running() for helper in helpers)


def _ended_at_second_signal(sending: subprocess.Popen[str]) -> bool:
    """Signals that come close to one another are one word: so say it until it is understood."""
    sending.send_signal(signal.SIGTERM)
    return sending.poll() is not None


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
