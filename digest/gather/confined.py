"""Confined: a child process that reads what others sent, and may be killed over it. Edge: processes.

One child serves many jobs, since starting it costs more than reading ten feeds; one that dies over its job is replaced.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Self

from digest.gather.candidate import SourceError

LENGTH = struct.Struct(">Q")
"""What stands before each message between us and the child."""

_JOBS = 200  # then a fresh one: memory that libraries keep must not add up
_LARGEST_ANSWER = 100_000_000
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


class Confined:
    """Asks a child to read bodies, one job after the other. Enter it before use; leaving it ends the child.

    A job gets `cpu_s` seconds of processor time and `cpu_s_per_mb` for each megabyte, and `wall_s` seconds in all; then
    the child is killed.
    """

    program: ClassVar[str]
    """The module that the child runs, see serving.py."""

    def __init__(self, *, cpu_s: float = 1.0, cpu_s_per_mb: float = 0.8, wall_s: float = 60) -> None:
        self._cpu_s = cpu_s
        self._cpu_s_per_mb = cpu_s_per_mb
        self._wall_s = wall_s
        self._child: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    @property
    def pid(self) -> int | None:
        """The child's process number; None while there is none."""
        return None if self._child is None else self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, job: Mapping[str, object], bodies: Sequence[bytes]) -> dict[str, Any]:
        """What the child reads in the bodies. Raises SourceError when it cannot, or not within the limits."""
        cpu_s = self._cpu_s + self._cpu_s_per_mb * sum(map(len, bodies)) / 1_000_000
        head = {**job, "sizes": [len(body) for body in bodies], "cpu_s": cpu_s}
        answer = self._asked(json.dumps(head).encode(), bodies, cpu_s)
        if "reason" in answer:
            if answer.get("worn"):
                self._end()
            raise SourceError(answer["reason"])
        return answer

    def _asked(self, head: bytes, bodies: Sequence[bytes], cpu_s: float) -> dict[str, Any]:
        child = self._ready()
        watchdog = threading.Timer(self._wall_s, child.kill)
        watchdog.start()
        try:
            return _exchanged(child, head, bodies)
        except (OSError, EOFError):
            raise SourceError(_cause_of_death(child, cpu_s, self._wall_s)) from None
        finally:
            watchdog.cancel()
            if child.poll() is not None:
                self._end()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._jobs >= _JOBS:
            self._end()
        self._jobs += 1
        if self._child is None:
            # -P: a workspace may hold a file that is named like one of our modules. No secrets in its environment.
            self._child = subprocess.Popen(  # noqa: S603 - our own words
                [sys.executable, "-P", "-m", self.program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        child, self._child, self._jobs = self._child, None, 0
        if child is None:
            return
        child.kill()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.close()
        with suppress(BrokenPipeError):  # it died with a job half read
            child.stdin.close()
        child.wait()


def _exchanged(child: subprocess.Popen[bytes], head: bytes, bodies: Sequence[bytes]) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(LENGTH.pack(len(head)) + head)
    for body in bodies:
        child.stdin.write(body)
    child.stdin.flush()
    size = child.stdout.read(LENGTH.size)
    if len(size) < LENGTH.size:
        raise EOFError
    length = LENGTH.unpack(size)[0]
    if length > _LARGEST_ANSWER:
        child.kill()
        raise EOFError
    text = child.stdout.read(length)
    if len(text) < length:
        raise EOFError
    answer: dict[str, Any] = json.loads(text)
    return answer


def _cause_of_death(child: subprocess.Popen[bytes], cpu_s: float, wall_s: float) -> str:
    try:
        code = child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        code = child.wait()
    if code == -signal.SIGPROF:
        return f"takes more than {cpu_s:.1f} s of processor time to be read"
    if code == -signal.SIGKILL:
        return f"could not be read within {wall_s:g} s"
    return f"its reader died of it (code {code})"
