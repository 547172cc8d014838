"""The circuit breaker: whether a relay that failed is worth another try yet. Pure.

Closed while all is well. From the first failure on, one connection at a time is tried; after `LIMIT` failures in a row
it opens, and nobody tries for a while; then, half-open, one may. Each opening lasts twice as long as the one before.
"""

from __future__ import annotations

from collections.abc import Callable

LIMIT = 3
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 300.0
SPREAD = 0.5


class Breaker:
    """`jitter` gives a number from 0 to 1: so that many processes do not all come back at the same instant."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0
        self._openings = 0
        self._opens_until = 0.0
        self.is_probing = False

    @property
    def is_open(self) -> bool:
        """Open or half-open: `LIMIT` failures in a row, and no success since."""
        return self._failures >= LIMIT

    def may_try(self, now: float) -> bool:
        """May somebody connect now? Whoever is told yes must say how it went."""
        if not self._failures:
            return True
        if self.is_probing or now < self._opens_until:
            return False
        self.is_probing = True
        return True

    def succeeded(self) -> None:
        self._failures, self._openings, self._opens_until, self.is_probing = 0, 0, 0.0, False

    def failed(self, now: float) -> None:
        self.is_probing = False
        self._failures += 1
        if self.is_open and now >= self._opens_until:
            wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self._openings)
            self._openings = min(self._openings + 1, 10)
            self._opens_until = now + wait * (1 + SPREAD * (self._jitter() - 0.5))

    def trip(self, now: float) -> None:
        """Open at once: it connects, and then it is of no use."""
        self._failures = max(self._failures, LIMIT - 1)
        self.failed(now)

    def called_off(self) -> None:
        """The try was given up for reasons of our own."""
        self.is_probing = False
