"""The deadline of a connection: one timer that looks from time to time, for most deadlines never come.

Used by `pipeline`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls `missed` once `seconds()` have passed since `since`, which whoever waits moves along.

    What is waited for may change at any time, and `seconds()` with it. It never says less than `least_s`; looking again
    after that long is therefore early enough for whatever is waited for next.
    """

    def __init__(self, seconds: Callable[[], float], least_s: float, missed: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._least_s = least_s
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None
        self.since = 0.0  # by the loop's clock

    def start(self) -> None:
        """From now on."""
        self.since = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._least_s, self._look)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        now, due = self._loop.time(), self.since + self._seconds()
        if now < due:
            self._timer = self._loop.call_at(min(due, now + self._least_s), self._look)
        else:
            self._missed()
