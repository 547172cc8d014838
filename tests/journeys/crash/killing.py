"""Killing `digest send` at a chosen instant, with an SMTP server in a process of its own that outlives it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.stage import REPOSITORY, Workspace, until


@dataclass
class Soak:
    """An approved edition, and where the SMTP server writes down what it accepted."""

    workspace: Workspace
    edition: str
    journal: Path

    def accepted(self) -> int:
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0


@contextmanager
def relay_process(journal: Path, script: dict[str, Any] | None = None) -> Iterator[int]:
    """Our SMTP server as a process; yields its port."""
    server = subprocess.Popen(
        [sys.executable, "tests/smtpd.py", "--journal", journal, "--script", json.dumps(script or {})],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def killed(soak: Soak, chance: random.Random, most: int = 30) -> bool:
    """Send, and kill -9 as soon as some more messages (at most `most`) than before are in the journal.

    False when the edition was finished before.
    """
    goal = soak.accepted() + chance.randint(1, most)
    with soak.workspace.running("send", soak.edition) as process:
        until(lambda: soak.accepted() >= goal or process.poll() is not None, f"{goal} accepted messages")
        if process.poll() is not None:
            return False
        process.kill()
        process.wait()
        return True
