"""What an operator sees of an edition while it is being sent: on a terminal, and where a program listens."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from tests.journeys.stage import COMMAND, Workspace, environment, until
from tests.smtpd import Rule, Script, SmtpServer


@dataclass
class Terminal:
    """What somebody sees who runs a command in a terminal."""

    process: subprocess.Popen[bytes]
    side: int
    shown: str = ""

    def look(self) -> str:
        """All that was shown so far, after waiting a moment for more."""
        if select.select([self.side], [], [], 0.05)[0]:
            with suppress(OSError):  # nobody is on the other side any more
                self.shown += os.read(self.side, 65536).decode()
        return self.shown

    def end(self) -> int:
        until(lambda: self.look() and self.process.poll() is not None, "the end")
        self.look()
        return self.process.wait()

    @property
    def frames(self) -> list[str]:
        """Each line as it stood before the next took its place."""
        return [frame.removesuffix("\x1b[K") for frame in re.split(r"\r\n|\r|\n", self.shown)]


@contextmanager
def _terminal(workspace: Workspace, *words: str, columns: int) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [COMMAND, *words],
        cwd=workspace.folder,
        env=environment(workspace.env),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _progress(terminal: Terminal, edition: str) -> list[str]:
    return [frame for frame in terminal.frames if frame.startswith(f"{edition}: sent ") and " of " in frame]


@pytest.mark.slow
def test_the_line_on_a_terminal_is_of_the_whole_edition_and_never_wraps(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    workspace.readers(600)
    edition = workspace.approved()
    script.reply_delay_s = 0.02

    with _terminal(workspace, "send", edition, "--processes", "2", columns=60) as terminal:
        code = terminal.end()

    lines = _progress(terminal, edition)
    counts = [int(line.split(" of ")[0].rpartition(" ")[2].replace(",", "")) for line in lines]
    assert code == 0
    assert all(" of 600" in line and len(line) < 60 for line in lines)
    assert counts == sorted(counts)
    assert any("/s" in line and " to go" in line for line in lines)
    assert ": sent, 600 messages in " in terminal.shown


@pytest.mark.slow
def test_whoever_waits_for_the_deferred_says_so_and_ctrl_c_ends_the_waiting(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    workspace.readers(5)
    edition = workspace.approved()
    script.rules.append(Rule(phase="rcpt", match="reader0003", text="451 4.7.1 later"))
    relay.used.append(0)

    with _terminal(workspace, "send", edition, columns=100) as terminal:
        until(lambda: "for 1 deferred" in terminal.look(), "that it waits")
        terminal.process.send_signal(signal.SIGINT)
        code = terminal.end()

    waiting = [line for line in _progress(terminal, edition) if "waits" in line]
    assert code == 130
    assert len(waiting) == 1
    assert re.fullmatch(rf"{edition}: sent 4 of 5, waits until \d\d:\d\d for 1 deferred", waiting[0])


@pytest.mark.slow
def test_where_no_terminal_is_the_last_line_tells_a_program_how_it_ended(
    workspace: Workspace, relay: SmtpServer, script: Script
) -> None:
    workspace.readers(600)
    edition = workspace.approved()
    script.reply_delay_s = 0.02

    said = workspace.run("send", edition, "--processes", "3")

    last = json.loads(said.err.splitlines()[-1])
    assert (last["edition"], last["of"], last["sent"], last["pending"]) == (edition, 600, 600, 0)
    assert last["messages_per_second"] > 0
    assert "600 messages in " in said.out


@pytest.mark.slow
def test_who_asks_for_json_gets_nothing_else(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(3)
    edition = workspace.approved()

    said = workspace.run("send", edition, "--json")

    assert said.err == ""
    assert [run["sent"] for run in said.json] == [3]


@pytest.mark.slow
def test_a_relay_that_stands_in_is_told_as_a_warning_and_named_at_the_end(
    workspace: Workspace, relay: SmtpServer
) -> None:
    workspace.readers(3)
    edition = workspace.approved()
    stand_in = {"host": "127.0.0.1", "port": relay.port}
    workspace.env |= {"DIGEST_SMTP__PORT": "1", "DIGEST_SMTP__FALLBACK": json.dumps([stand_in])}

    said = workspace.run("send", edition)

    warnings = [line for line in said.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: mail relay 127.0.0.1:1: ")
    assert said.err.count("mail relay 127.0.0.1:1") == 1
    assert f"mail relay 127.0.0.1:{relay.port} stood in for 127.0.0.1:1" in said.out
