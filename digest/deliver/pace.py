"""Pace: how many messages may leave now, when `messages_per_second` are allowed. Pure: the caller brings the clock."""

from __future__ import annotations


class Pace:
    """A token bucket that holds one second's worth, at least one message. `rate` None: no limit.

    `now` is any clock in seconds. One that is set back saves nothing up; one that is set forward saves up a second.
    `tokens` is what an earlier bucket had left; below 0 it is in debt.
    """

    def __init__(self, rate: float | None, now: float, tokens: float = 1.0) -> None:
        if rate is not None and rate <= 0:
            raise ValueError(f"messages per second: {rate}: more than 0")
        self._rate = rate
        self._holds = max(1.0, rate or 1.0)
        # By default no burst at the start: a restart must not be a way around the limit.
        self._tokens = min(self._holds, max(-self._holds, tokens))
        self._at = now

    @property
    def tokens(self) -> float:
        """What was left when last asked."""
        return self._tokens

    @property
    def rate(self) -> float | None:
        return self._rate

    def allowed(self, wanted: int, now: float) -> int:
        """How many of `wanted` may leave now."""
        if self._rate is None:
            return wanted
        self._tokens = min(self._holds, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        # A wait computed in floating point may end a hair early.
        return min(wanted, int(self._tokens + 1e-9))

    def spend(self, messages: int) -> None:
        self._tokens -= messages

    def wait_s(self) -> float:
        """Seconds from the last `allowed` until one more may leave."""
        return 0.0 if self._rate is None else max(0.0, (1 - self._tokens) / self._rate)
