"""The deadline of a connection: one timer, moved along lazily, for most deadlines never come. Used by `pipeline`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls `missed` when the time that was last set has come."""

    def __init__(self, missed: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None
        self.at = 0.0  # by the loop's clock

    def set(self, seconds: float) -> None:
        """So long from now."""
        self.at = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self.at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self.at, self._ring)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer = None
        if self._loop.time() < self.at:  # it was moved since
            self._timer = self._loop.call_at(self.at, self._ring)
        else:
            self._missed()
