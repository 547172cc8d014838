"""Kill -9 at any moment: the journal knows every message that the server may have, and hardly one more."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deliver.lists import many, replay
from tests.smtpd import EXTENSIONS, Script, SmtpServer

SENDER = Path(__file__).with_name("sender.py")


@pytest.mark.slow
@pytest.mark.parametrize(("extensions", "window"), [(EXTENSIONS, 1), ((*EXTENSIONS, "CHUNKING"), 4), ((), 1)])
@pytest.mark.parametrize("seed", range(4))
def test_after_a_kill_only_what_was_on_the_wire_is_in_doubt(
    tmp_path: Path, extensions: tuple[str, ...], window: int, seed: int
) -> None:
    killed_after = random.Random(seed).randrange(300)
    connections, readers = 4, {number: job.rcpt_to for number, job in enumerate(many(2000), 1)}
    journal = tmp_path / "1.journal"
    command = [sys.executable, str(SENDER), "", str(journal), "2000", str(connections), str(window)]
    with SmtpServer(Script(extensions=extensions)) as server:
        command[2] = str(server.port)
        with subprocess.Popen(command) as sender:
            wait_for(lambda: len(server.accepted) > killed_after, sender)
            sender.send_signal(signal.SIGKILL)
        assert sender.returncode == -signal.SIGKILL

    told = replay(journal.read_bytes())
    in_doubt = {readers[subscriber] for subscriber, _ in told.begun}
    known = {readers[subscriber] for (subscriber, _), said in told.ended.items() if said.code == 250}
    accepted = server.recipients()
    assert told.is_whole
    assert len(accepted) == len(set(accepted))
    assert known <= set(accepted)  # what is said to be sent was sent
    assert set(accepted) <= known | in_doubt  # what the journal does not mention was never sent
    assert len(in_doubt) <= connections * window


def wait_for(reached: Callable[[], bool], sender: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert sender.poll() is None, "the sender ended before it was killed"
        assert time.monotonic() < deadline
