"""The crew: more processes that send the same edition, one per core. Door; each is a `digest send` of its own.

They need nothing from one another: the ledger gives every recipient to one of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

# Below this a second process costs more to start than it saves.
WORTH_A_PROCESS = 5_000
_LOOK_S = 0.2

Crew = Callable[[str, int], AbstractContextManager[int]]


def crew_of(config: str | None, processes: int | None, wait: str, stop: threading.Event) -> Crew:
    """A crew of `processes` in all (None: one per core where there is work for them), this one among them.

    Helpers are told to stop when `stop` is set, and are waited for at the end.
    """

    @contextmanager
    def crew(edition: str, pending: int) -> Iterator[int]:
        size = processes or min(os.cpu_count() or 1, 1 + pending // WORTH_A_PROCESS)
        helpers = [_helper(config, edition, wait, size) for _ in range(size - 1)]
        try:
            yield size
        finally:
            _see_off(helpers, stop)

    return crew


def one_of(size: int) -> Crew:
    """The crew as one of its helpers sees it."""
    return lambda edition, pending: nullcontext(size)


def _helper(config: str | None, edition: str, wait: str, size: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "digest", *(["--config", config] if config else [])]
    command += ["send", edition, "--share-of", str(size), "--wait", wait, "--json"]
    # What helpers did stands in the ledger; their errors go where ours go.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def _see_off(helpers: list[subprocess.Popen[bytes]], stop: threading.Event) -> None:
    told = False
    for helper in helpers:
        while helper.poll() is None:
            if stop.is_set() and not told:
                told = True
                for one in helpers:
                    with suppress(ProcessLookupError):
                        one.terminate()
            with suppress(subprocess.TimeoutExpired):
                helper.wait(_LOOK_S)
