"""The fast engine: claims and outcomes in groups, conversations in pipelines, a journal of what is on the wire.

What the plain engine does one by one is done here many at a time: up to `claims` recipients are claimed ahead, and
outcomes are settled while the next group is on its way. The hand-over journal keeps the promise that small claims
keep there: after a kill, only what was on the wire is in doubt. Called by `engine`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from digest.deliver.counter import Counter
from digest.deliver.desk import Ending, Job
from digest.deliver.journal import Journal, Key
from digest.deliver.pace import Pace
from digest.deliver.pipeline import Pipeline
from digest.deliver.relay import Relay
from digest.deliver.smtp import Opener
from digest.deliver.transit import Mode
from digest.errors import RelayError
from digest.failpoints import reach
from digest.model import Outcome, Phase

SETTLE_AT = 64
SETTLE_AFTER_S = 0.02
CALL_OFF_AGAIN_S = 0.05
"""Python 3.11's `asyncio.wait_for` swallows a cancellation that comes just as it is done: so ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once. `window`: messages in flight per connection with CHUNKING; a lost connection leaves at most
    that many in doubt. `claims` are claimed ahead at most. A job claimed `stale_after_s` ago is given back unsent: its
    lease may have run out while this process slept."""

    connections: int
    window: int = 1
    claims: int = 200
    stale_after_s: float = 600


async def deliver_fast(counter: Counter, relay: Relay, limits: Limits, pace: Pace, journal: Journal) -> Ending:
    """Deliver until the desk has nothing more, halts, or the caller stops. Raises as `engine.deliver` says."""
    run = _Run(counter, relay, limits, pace, journal)
    watch = asyncio.ensure_future(run.watch_stop())
    try:
        return await run.work()
    finally:
        watch.cancel()
        await run.close()


class _Run:
    """The clerk of the run and the crew of its pipelines."""

    def __init__(self, counter: Counter, relay: Relay, limits: Limits, pace: Pace, journal: Journal) -> None:
        self._counter = counter
        self._relay = relay
        self._limits = limits
        self._pace = pace
        self._journal = journal
        self._opener = Opener(relay)
        self._clock = asyncio.get_running_loop().time
        self._wake = asyncio.Event()
        self._work = asyncio.Event()  # jobs are at hand, or lanes may go home
        self._mode = Mode.BDAT
        self._trusted = Mode.STEPS  # every server keeps its word about that one
        self._lanes: set[asyncio.Task[None]] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._pipes: set[Pipeline] = set()
        self._at_hand: deque[Job] = deque()
        self._taken_at: dict[Key, float] = {}
        self._done: list[tuple[Job, Outcome]] = []
        self._done_since = 0.0
        self._outstanding = 0
        self._most_lanes = limits.connections
        self._dismissed = False
        self._ending: Ending | None = None
        self._fault: Exception | None = None

    # ── the crew of pipelines: called from protocol callbacks, never waits ───────────────────────

    def next_job(self) -> Job | None:
        while self._at_hand and not self._stopped_short:
            job = self._at_hand.popleft()
            if self.is_fresh(job):
                return job
            self._put_down(job, Outcome(phase=Phase.CONNECT, text="claimed too long ago; given back unsent"))
        if self._outstanding < self._limits.claims:
            self._wake.set()
        return None

    def is_fresh(self, job: Job) -> bool:
        return self._clock() - self._taken_at[_key(job)] < self._limits.stale_after_s

    def begin(self, job: Job) -> None:
        reach("before_begin")
        self._journal.began(job.claim)
        reach("after_begin")

    def report(self, job: Job, outcome: Outcome) -> None:
        reach("after_reply_before_journal")
        try:
            self._journal.ended(job.claim, outcome)
        except Exception as fault:  # the outcome is known and will be settled; but no more messages
            self.fail(fault)
        reach("after_journal_before_settle")
        self._put_down(job, outcome)

    def give_back(self, job: Job, *, begun: bool) -> None:
        if begun:
            try:
                self._journal.returned(job.claim)
            except Exception as fault:
                self.fail(fault)
        self._at_hand.appendleft(job)
        self._work.set()
        self._wake.set()

    def fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._wake.set()

    def trust(self, mode: Mode) -> None:
        self._trusted = max(self._trusted, mode)

    def distrust(self, mode: Mode) -> None:
        """One step down for the rest of the run."""
        self._mode = min(self._mode, Mode(mode - 1))
        self._wake.set()

    def _put_down(self, job: Job, outcome: Outcome) -> None:
        if not self._done:
            self._done_since = self._clock()
        self._done.append((job, outcome))
        if len(self._done) in {1, SETTLE_AT} or len(self._done) == self._outstanding:
            self._wake.set()

    # ── the clerk ────────────────────────────────────────────────────────────────────────────────

    async def work(self) -> Ending:
        # One connection alone, before anybody is claimed: a wrong password is tried once, and costs nobody an attempt.
        self._add_lane()
        while not (self._ended and not self._outstanding and not self._lanes):
            await self._settle()
            await self._take()
            self._direct()
            await self._sleep()
        if self._fault is not None:
            raise self._fault
        return self._ending or Ending("stopped")

    async def watch_stop(self) -> None:
        await self._counter.stopping.wait()
        self._end("stopped")
        self._wake.set()

    async def close(self) -> None:
        for pipe in list(self._pipes):
            pipe.abort()
        while self._lanes:
            for lane in self._lanes:
                lane.cancel()
            await asyncio.wait(self._lanes, timeout=CALL_OFF_AGAIN_S)

    def _end(self, why: Literal["drained", "stopped", "halted"]) -> None:
        """The first word counts, but for "drained": what is at hand or in conversation may still be stopped."""
        if self._ending is None or self._ending.why == "drained":
            self._ending = Ending(why)

    @property
    def _ended(self) -> bool:
        return self._ending is not None or self._fault is not None

    @property
    def _stopped_short(self) -> bool:
        """Even what is at hand must not go out any more."""
        return self._fault is not None or (self._ending is not None and self._ending != Ending("drained"))

    async def _settle(self) -> None:
        if self._stopped_short or (self._ended and not self._lanes):
            self._settle_unbegun()
        full = len(self._done) >= min(SETTLE_AT, self._outstanding)
        if not self._done or not (full or self._ended or self._clock() - self._done_since >= SETTLE_AFTER_S):
            return
        batch, self._done = self._done, []
        try:
            if not await self._counter.settle(batch):
                self._end("halted")
        except Exception as fault:
            self._fault = self._fault or fault
            with suppress(Exception):  # what was sent should be known as sent; the first fault is the one that is told
                await self._counter.settle(batch)
        self._outstanding -= len(batch)
        for job, _ in batch:
            self._taken_at.pop(_key(job), None)
        self._done_since = self._clock()

    def _settle_unbegun(self) -> None:
        why = "the run ended before it began" if self._fault is None else str(self._fault)
        while self._at_hand:
            self._done.append((self._at_hand.popleft(), Outcome(phase=Phase.CONNECT, text=why[:500])))

    async def _take(self) -> None:
        room = self._limits.claims - self._outstanding
        if self._ended or not self._pipes or len(self._at_hand) > self._limits.claims // 2 or room <= 0:
            return
        limit = self._pace.allowed(min(room, self._limits.claims // 2 or 1), self._clock())
        if limit <= 0:
            return
        try:
            jobs = await self._counter.take(limit)
        except Exception as fault:
            self.fail(fault)
            return
        self._pace.spend(len(jobs))
        self._outstanding += len(jobs)
        now = self._clock()
        self._at_hand.extend(jobs)
        self._taken_at.update((_key(job), now) for job in jobs)
        if not jobs:
            self._end("drained")
        while len(self._lanes) < min(self._most_lanes, self._outstanding):
            self._add_lane()
        self._wake.set()

    def _direct(self) -> None:
        """Tell lanes that there is work, or that there is none any more."""
        if self._at_hand and not self._stopped_short:
            self._work.set()
            for pipe in list(self._pipes):
                pipe.kick()
        # Nobody goes home while a message may still come back from a lost connection.
        if self._stopped_short or (self._ended and self._outstanding == len(self._done)):
            self._dismiss()

    def _dismiss(self) -> None:
        self._dismissed = True
        self._work.set()
        for pipe in list(self._pipes):
            pipe.finish()
        for lane in self._connecting:
            lane.cancel()

    async def _sleep(self) -> None:
        """Until something is to be settled or taken, or the caller stops."""
        if self._ended and not self._outstanding and not self._lanes:
            return
        waits = [SETTLE_AFTER_S] if self._done else []
        if self._dismissed and self._connecting:
            waits.append(CALL_OFF_AGAIN_S)
        if not self._ended and self._pipes and (wait := self._pace.wait_s()) > 0:
            waits.append(wait)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(waits, default=None)):
                await self._wake.wait()
        self._wake.clear()

    # ── lanes ────────────────────────────────────────────────────────────────────────────────────

    def _add_lane(self) -> None:
        lane = asyncio.ensure_future(self._lane())
        self._lanes.add(lane)
        lane.add_done_callback(self._lane_ended)

    def _lane_ended(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        fault = None if lane.cancelled() else lane.exception()
        if isinstance(fault, RelayError) and self._lanes and not fault.lasting:
            fault = None  # the relay takes fewer connections than we may open: go on with those we have
            self._most_lanes = len(self._lanes)
        if isinstance(fault, Exception):
            self._fault = self._fault or fault
        self._wake.set()

    async def _lane(self) -> None:
        """One connection after the other, as long as there is work."""
        pipe = await self._connect(self._open)
        while True:
            self._pipes.add(pipe)
            self._wake.set()
            pipe.kick()
            if self._dismissed:
                pipe.finish()
            await pipe.ended
            self._pipes.discard(pipe)
            self._wake.set()
            if not await self._has_work():
                return
            pipe = await self._connect(self._reopen)

    async def _has_work(self) -> bool:
        """Wait for jobs at hand; False: go home."""
        while not self._dismissed:
            if self._at_hand and not self._stopped_short:
                return True
            self._work.clear()
            await self._work.wait()
        return False

    async def _connect(self, how: Callable[[], Awaitable[Pipeline]]) -> Pipeline:
        lane = asyncio.current_task()
        assert lane is not None
        self._connecting.add(lane)
        try:
            return await how()
        finally:
            self._connecting.discard(lane)

    async def _reopen(self) -> Pipeline:
        """At once; when the relay is away, again after each of its waits. Raises RelayError."""
        for wait in self._relay.reconnect_waits:
            try:
                return await self._open()
            except RelayError as away:
                if away.lasting:
                    raise
            await asyncio.sleep(wait)
        return await self._open()

    async def _open(self) -> Pipeline:
        transport, offers = await self._opener.open()
        able = Mode.BDAT if offers.pipelining and offers.chunking else Mode.DATA if offers.pipelining else Mode.STEPS
        mode = min(able, self._mode)
        trusted = mode <= self._trusted
        window = self._limits.window
        return Pipeline(transport, offers, self._relay.timeouts, self, mode=mode, window=window, trusted=trusted)


def _key(job: Job) -> Key:
    return job.claim.subscriber, job.claim.fence
