"""The line: claimed jobs that wait for a connection. First come, first served, but nobody waits for a busy provider.

A job whose provider is at its limit steps aside until there is room for it, and those behind it go on. Pure: time is
handed in. Used by `fast`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from digest.deliver.desk import Job
from digest.deliver.speed import Speed, provider_of_address
from digest.model import Outcome, Phase


class Line:
    """Whoever gets a job by `next` must bring it back by `put_back`, or tell its outcome by `leave`."""

    def __init__(self, speed: Speed) -> None:
        self._speed = speed
        self._ready: deque[Job] = deque()
        self._aside: dict[str, deque[Job]] = {}
        self._look_again_at = math.inf  # when one of those aside may go, as far as time alone can tell

    def __len__(self) -> int:
        """How many wait, aside or not."""
        return len(self._ready) + sum(map(len, self._aside.values()))

    @property
    def ready(self) -> int:
        """How many wait that have not been told to step aside."""
        return len(self._ready)

    def add(self, jobs: Iterable[Job]) -> None:
        self._ready.extend(jobs)

    def add_first(self, jobs: Iterable[Job]) -> None:
        self._ready.extendleft(reversed([*jobs]))

    def next(self, now: float) -> Job | None:
        """The first that may set out now."""
        speed = self._speed
        if not (self._ready or self._aside) or not speed.is_open(now):
            return None
        if now >= self._look_again_at and (job := self._from_aside(now)) is not None:
            return job
        while self._ready:
            job = self._ready.popleft()
            provider = provider_of_address(job.rcpt_to)
            if provider not in self._aside and speed.enter(job, provider, now):
                return job
            self._aside.setdefault(provider, deque()).append(job)
            self._look_again_at = min(self._look_again_at, now + speed.wait_for(provider, now))
        return None

    def put_back(self, job: Job, now: float) -> None:
        """Surely unsent: it is the first again; or the last, when a relay may have hung up because of it."""
        provider = self._speed.leave(job, None, now)
        if job.suspected_at is not None:
            self._ready.append(job)
        elif provider in self._aside:
            self._look_again_at = now
            self._aside[provider].appendleft(job)
        else:
            self._ready.appendleft(job)

    def leave(self, job: Job, outcome: Outcome, now: float) -> None:
        """What became of a job."""
        is_unsent = outcome.phase is Phase.CONNECT
        if self._speed.leave(job, None if is_unsent else outcome, now) in self._aside:
            self._look_again_at = now

    def clear(self) -> list[Job]:
        """Everybody goes home."""
        gone = [*self._ready, *(job for jobs in self._aside.values() for job in jobs)]
        self._ready.clear()
        self._aside.clear()
        return gone

    def wait_s(self, now: float) -> float:
        """Seconds until `next` may have something, when nothing else happens; infinite where waiting cannot help."""
        if not len(self):
            return math.inf
        of_theirs = 0.0 if self._ready else max(0.0, self._look_again_at - now)
        return max(self._speed.wait_s(now), of_theirs)

    def _from_aside(self, now: float) -> Job | None:
        self._look_again_at = math.inf
        for provider, jobs in self._aside.items():
            if self._speed.enter(jobs[0], provider, now):
                self._look_again_at = now  # there may be more
                job = jobs.popleft()
                if not jobs:
                    del self._aside[provider]
                return job
            self._look_again_at = min(self._look_again_at, now + self._speed.wait_for(provider, now))
        return None
