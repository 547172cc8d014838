"""Serving: what runs inside a confined child: jobs in, answers out, all doors closed. Edge: this process' own limits.

Jobs come on standard input and answers go to standard output, each with its length before it. The child can open no
file and no socket, has little memory, and each job little processor time: hostile bytes cost it its life, us nothing.
"""

from __future__ import annotations

import encodings
import importlib
import json
import pkgutil
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from digest.gather.candidate import SourceError
from digest.gather.confined import LENGTH

Read = Callable[[Mapping[str, Any], Sequence[bytes]], dict[str, Any]]
"""A job and its bodies → the answer. Raises SourceError."""


def serve(read: Read, load: Callable[[Read], None], memory_bytes: int) -> None:
    """Serve jobs until standard input ends. `load` makes sure that whatever may be wanted later is there: afterwards
    no file can be opened."""

    def answered(job: Mapping[str, Any], bodies: Sequence[bytes]) -> dict[str, Any]:
        return _answered(read, job, bodies, memory_bytes)

    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    load(answered)
    _confine(memory_bytes)
    while (head := jobs.read(LENGTH.size)) and len(head) == LENGTH.size:
        job = json.loads(jobs.read(LENGTH.unpack(head)[0]))
        bodies = [jobs.read(size) for size in job["sizes"]]
        # The timer counts processor time and ends the process by itself, also inside of C code.
        signal.setitimer(signal.ITIMER_PROF, job["cpu_s"])
        answer = json.dumps(answered(job, bodies)).encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(answers, answer)


def _answered(read: Read, job: Mapping[str, Any], bodies: Sequence[bytes], memory_bytes: int) -> dict[str, Any]:
    try:
        return read(job, bodies)
    except SourceError as fault:
        return {"reason": str(fault)}
    except MemoryError:
        return {"reason": f"needs more than {memory_bytes // 1_000_000} MB of memory to be read", "worn": True}
    except RecursionError:
        return {"reason": "nested too deeply"}
    except Exception as fault:  # a library's mistake over somebody's bytes is that source's fault, and only its
        return {"reason": f"cannot be read: {type(fault).__name__}"}


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)) + answer)
    answers.flush()


def _confine(memory_bytes: int) -> None:
    # The default action of the timer's signal ends the process, whatever it is in the middle of.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    limits = (
        ("RLIMIT_DATA", memory_bytes),
        ("RLIMIT_AS", 2_000_000_000),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_NOFILE", 3),
    )
    for name, value in limits:
        if hasattr(resource, name):
            with suppress(ValueError, OSError):  # not every system has each; the others still hold
                resource.setrlimit(getattr(resource, name), (value, value))


def load_encodings() -> None:
    """Every encoding that a text may be in."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):
            importlib.import_module(f"encodings.{module.name}")
