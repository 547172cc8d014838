"""The crew: more processes that send the same edition, one per core. Door; each is a `digest send` of its own.

They need nothing from one another: the ledger gives every recipient to one of them. Each is in a session of its own, so
that Ctrl-C and whatever else is said to the group of the first reaches that one alone; it stops the others by closing
the pipe that is their standard input. Should it be killed, the system closes that pipe, and they stop as well.
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


class Helpers:
    """The processes that this one has called to help, for as long as they run."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def crew_of(self, config: str | None, processes: int | None, wait: str, stop: threading.Event) -> Crew:
        """A crew of `processes` in all (None: one per core where there is work for them), this one among them.

        Helpers are told to stop as soon as `stop` is set, and are waited for at the end.
        """

        @contextmanager
        def crew(edition: str, pending: int) -> Iterator[int]:
            size = processes or min(os.cpu_count() or 1, 1 + pending // WORTH_A_PROCESS)
            try:
                self._running.extend(_helper(config, edition, wait, size) for _ in range(size - 1))
                threading.Thread(target=self._pass_on, args=[stop], name="crew", daemon=True).start()
                yield size
            finally:
                self._see_off()

        return crew

    def kill(self) -> None:
        """At once, as the caller leaves at once: what they have in conversation will be uncertain."""
        for helper in self._running:
            with suppress(OSError):
                helper.kill()

    def _pass_on(self, stop: threading.Event) -> None:
        """Helpers are told when we are, not when our own conversations are over: the last may take minutes."""
        helpers = [*self._running]
        while any(helper.poll() is None for helper in helpers):
            if stop.wait(_LOOK_S):
                for helper in helpers:
                    _tell_to_stop(helper)
                return

    def _see_off(self) -> None:
        for helper in self._running:
            helper.wait()
            _tell_to_stop(helper)  # closes our end of the pipe
        self._running.clear()


def one_of(size: int) -> Crew:
    """The crew as one of its helpers sees it."""
    return lambda edition, pending: nullcontext(size)


def _helper(config: str | None, edition: str, wait: str, size: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "digest", *(["--config", config] if config else [])]
    command += ["send", edition, "--share-of", str(size), "--wait", wait, "--json"]
    # What helpers did stands in the ledger; their errors go where ours go.
    return subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )


def _tell_to_stop(helper: subprocess.Popen[bytes]) -> None:
    if helper.stdin is not None:
        with suppress(OSError):
            helper.stdin.close()
