"""Throttle: what may be under way to one group of recipients: how many at once, how fast, and less when asked. Pure.

Additive increase, multiplicative decrease, as TCP does it: a request for less halves what may be in flight; every
`RISE_EVERY_S` without one, one more is tried. At one message at a time, the next request makes us rest.
"""

from __future__ import annotations

import math

from digest.deliver.pace import Pace

RISE_EVERY_S = 10.0
FIRST_REST_S = 1.0
LONGEST_REST_S = 60.0

State = tuple[float, float, int, float, float]
"""What outlives a run: tokens left, as of when, allowed in flight (0: no cut), seconds of rest, resting until."""


class Throttle:
    """`most`: in flight at once, None for no limit; `pace`: how many a second. `now` is one clock in seconds."""

    __slots__ = ("_allowed", "_changed_at", "_cuts", "_most", "_pace", "_rest_s", "_rests_until", "in_flight")

    def __init__(self, most: int | None, pace: Pace) -> None:
        self._most = most
        self._pace = pace
        self.in_flight = 0
        self._allowed: int | None = None  # after a cut; None: never asked for less, or long recovered
        self._cuts = 0
        self._changed_at = 0.0
        self._rest_s = 0.0
        self._rests_until = 0.0

    @property
    def is_slowed(self) -> bool:
        return self._allowed is not None

    @property
    def rate(self) -> float | None:
        return self._pace.rate

    def is_open(self, now: float, capacity: int) -> bool:
        """May one more message set out? `capacity`: what all connections can have in flight together."""
        limit = self._most
        if self._allowed is not None:
            self._rise(now, capacity)
            if now < self._rests_until:
                return False
            limit = self._limit()
        return (limit is None or self.in_flight < limit) and self._pace.allowed(1, now) > 0

    def enter(self) -> int:
        """One message sets out; its ticket tells how many cuts there had been by then."""
        self.in_flight += 1
        self._pace.spend(1)
        return self._cuts

    def leave(self, *, unsent: bool) -> None:
        """One message is over; `unsent`: it comes again, and counts then."""
        self.in_flight -= 1
        if unsent:
            self._pace.spend(-1)

    def cut(self, ticket: int, now: float, capacity: int) -> None:
        """We were asked for less, about a message that set out with `ticket`.

        What set out before the last cut says nothing new: those replies tell of the old speed.
        """
        self._changed_at = now
        if ticket < self._cuts:
            return
        self._cuts += 1
        busy = self._allowed or min(self.in_flight, capacity, self._most or capacity)
        if busy <= 1:
            self._rest_s = min(max(FIRST_REST_S, self._rest_s * 2), LONGEST_REST_S)
            self._rests_until = self._changed_at = now + self._rest_s
        self._allowed = max(1, busy // 2)

    def wait_s(self, now: float) -> float:
        """Seconds after which asking again is worth it, when nobody leaves before; infinite where only that helps."""
        if now < self._rests_until:
            return self._rests_until - now
        limit = self._limit()
        if limit is not None and self.in_flight >= limit:
            return math.inf if self._allowed is None else max(0.0, self._changed_at + RISE_EVERY_S - now)
        return 0.0 if self._pace.allowed(1, now) else self._pace.wait_s()

    def state(self, now: float) -> State:
        return (self._pace.tokens, now, self._allowed or 0, self._rest_s, self._rests_until)

    def resume(self, state: State, now: float) -> None:
        """Go on where an earlier run was. A clock that was set back meanwhile stretches no rest beyond the longest."""
        tokens, at, allowed, rest_s, rests_until = state
        self._pace = Pace(self._pace.rate, min(at, now), min(1.0, tokens))
        self._allowed = allowed if allowed > 0 else None
        self._rest_s = min(max(0.0, rest_s), LONGEST_REST_S)
        self._rests_until = min(rests_until, now + LONGEST_REST_S)
        self._changed_at = max(min(at, now), self._rests_until)

    def _limit(self) -> int | None:
        if self._allowed is None or self._most is None:
            return self._allowed or self._most
        return min(self._allowed, self._most)

    def _rise(self, now: float, capacity: int) -> None:
        # A clock that is set back must not hold us down.
        self._rests_until = min(self._rests_until, now + LONGEST_REST_S)
        self._changed_at = min(self._changed_at, now + LONGEST_REST_S)
        steps = int((now - self._changed_at) / RISE_EVERY_S)
        if steps <= 0 or self._allowed is None:
            return
        self._changed_at += steps * RISE_EVERY_S
        self._rest_s = self._rest_s / 2**steps if steps < 10 else 0.0
        self._allowed += steps
        if self._allowed >= min(capacity, self._most or capacity):
            self._allowed, self._rest_s, self._rests_until = None, 0.0, 0.0
