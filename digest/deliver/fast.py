"""The fast engine: claims and outcomes in groups, conversations in pipelines, a journal of what is on the wire.

What the plain engine does one by one is done here many at a time: up to `claims` recipients are claimed ahead, and
outcomes are settled while the next group is on its way. The hand-over journal keeps the promise that small claims
keep there: after a kill, only what was on the wire is in doubt. Called by `engine`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from digest.deliver.counter import Counter
from digest.deliver.desk import Ending, Job, Pieces
from digest.deliver.journal import Journal
from digest.deliver.lanes import CALL_OFF_AGAIN_S, Lanes
from digest.deliver.line import Line
from digest.deliver.pile import SETTLE_AFTER_S, Pile
from digest.deliver.route import Route
from digest.deliver.speed import Speed
from digest.deliver.workshop import Workshop
from digest.failpoints import reach
from digest.model import Outcome, Phase

CLAIM_AHEAD_S = 60
"""With a limit on messages per second, no more is claimed than leaves within this time."""
RECHECK_AFTER_S = 0.5
"""Who has waited so long is asked about again, and looked for as often: so within a second at the most."""
_SHORTEST_WAIT_S = 0.001
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # it goes on while the machine sleeps, as leases do
_STALE = Outcome(phase=Phase.CONNECT, text="claimed too long ago; given back unsent")
_TAKEN_BACK = Outcome(phase=Phase.CONNECT, text="taken back before its turn came")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once. `window`: messages in flight per connection with CHUNKING; a lost connection leaves at most
    that many in doubt. `claims` are claimed ahead at most. A job claimed `stale_after_s` ago is given back unsent: its
    lease may have run out while this process slept. `builders`: threads that build messages ahead; 0: none are."""

    connections: int
    window: int = 1
    claims: int = 200
    stale_after_s: float = 600
    builders: int = 0

    @property
    def capacity(self) -> int:
        """What all connections can have in flight together."""
        return self.connections * self.window

    @property
    def built_ahead(self) -> int:
        return max(16 * self.builders, 2 * self.capacity)


def age_clock() -> float:
    """Seconds, never going back and never standing still."""
    return time.clock_gettime(_CLOCK)


async def deliver_fast(
    counter: Counter,
    route: Route,
    limits: Limits,
    speed: Speed,
    journal: Journal,
    *,
    clock: Callable[[], float] = age_clock,  # not the loop's, which stands still between two rounds
) -> Ending:
    """Deliver until the desk has nothing more, halts, or the caller stops. Raises as `engine.deliver` says."""
    run = _Run(counter, route, limits, speed, journal, clock=clock)
    watch = asyncio.ensure_future(run.watch_stop())
    try:
        return await run.work()
    finally:
        watch.cancel()
        await run.close()


class _Run:
    """The clerk of the run and the crew of its pipelines."""

    def __init__(
        self,
        counter: Counter,
        route: Route,
        limits: Limits,
        speed: Speed,
        journal: Journal,
        *,
        clock: Callable[[], float],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._counter = counter
        self._limits = limits
        self._stale_after_s = limits.stale_after_s
        rate = speed.messages_per_second
        self._claims = limits.claims if rate is None else min(limits.claims, max(1, int(rate * CLAIM_AHEAD_S)))
        self._few = self._claims // 3  # when no more than so many are ready, the next are claimed
        self._speed = speed
        self._journal = journal
        self._clock = clock
        self._wake = asyncio.Event()
        self._line = Line(speed)
        self._lanes = Lanes(route, self, connections=limits.connections, window=limits.window)
        self._workshop: Workshop | None = None
        if limits.builders:
            told = partial(loop.call_soon_threadsafe, self._lanes.kick)
            self._workshop = Workshop(limits.builders, limits.built_ahead, told)
        self._pile = Pile()
        self._recheck_at = 0.0
        self._is_asking = False  # whether those who wait may still be written to
        self._outstanding = 0
        self._answered = 0  # how many outcomes relays have told
        self._set_out = 0  # how many lanes have taken
        self._are_busy = False  # the lanes, when they were last told that there is work
        self._given_back = 0  # of them, unsent, and not yet settled
        self._ending: Ending | None = None
        self._fault: Exception | None = None
        speed.begin(limits.capacity)

    # ── the crew of pipelines: called from protocol callbacks, never waits ───────────────────────

    def next_job(self) -> Job | None:
        ready = self._line.ready
        while self._may_set_out and not self._is_asking:
            job = self._line.next(self._speed.clock()) if self._workshop is None else self._next_built(self._workshop)
            if job is None:
                break
            if self.is_fresh(job):
                if self._line.ready <= self._few < ready:
                    self._wake.set()
                self._set_out += 1
                return job
            if self._workshop is not None:
                self._workshop.forget(job)
            self._give_up(job, _STALE)
        if self._room() > 0:
            self._wake.set()
        return None

    def _next_built(self, shop: Workshop) -> Job | None:
        now = self._speed.clock()
        shop.fill(lambda: self._line.next(now))
        return shop.next()

    def has_jobs(self) -> bool:
        """Is there something that may set out now?"""
        if not self._may_set_out:
            return False
        shop = self._workshop
        if shop is not None and (shop.is_ready or not shop.has_room):
            return shop.is_ready
        return self._line.wait_s(self._speed.clock()) <= 0

    def body(self, job: Job) -> Pieces:
        return job.body() if self._workshop is None else self._workshop.body(job)

    def is_fresh(self, job: Job) -> bool:
        return self._clock() - job.taken_at < self._stale_after_s

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
        self._answered += outcome.code is not None
        self._put_down(job, outcome)

    def give_back(self, job: Job, *, begun: bool) -> None:
        if begun:
            try:
                self._journal.returned(job.claim)
            except Exception as fault:
                self.fail(fault)
        self._line.put_back(job, self._speed.clock())
        self._wake.set()

    def suspects(self, job: Job) -> bool:
        if job.suspected_at is None:
            job.suspected_at = self._answered
        return self._answered > job.suspected_at

    def fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    def _put_down(self, job: Job, outcome: Outcome) -> None:
        self._line.leave(job, outcome, self._speed.clock())
        if self._pile.add(job, outcome, self._clock()) or len(self._pile) == self._outstanding:
            self._wake.set()

    def _give_up(self, job: Job, why: Outcome) -> None:
        """Back to the desk, unsent. It can be claimed again then: so the desk has to be asked once more."""
        self._put_down(job, why)
        self._given_back += 1
        if self._ending is not None and self._ending.why == "drained":
            self._ending = None

    # ── the clerk ────────────────────────────────────────────────────────────────────────────────

    async def work(self) -> Ending:
        # One connection alone, before anybody is claimed: a wrong password is tried once, and costs nobody an attempt.
        self._lanes.staff(1)
        while not self._is_over:
            await self._settle()
            await self._take()
            await self._recheck()
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
        await self._lanes.close()
        if self._workshop is not None:
            self._workshop.close()

    def _end(self, why: Literal["drained", "stopped", "halted"]) -> None:
        """The first word counts, but for "drained": what is at hand or in conversation may still be stopped."""
        if self._ending is None or self._ending.why == "drained":
            self._ending = Ending(why)

    def _drained(self) -> None:
        """The desk has nobody: unless some are on their way back to it."""
        if not self._given_back:
            self._end("drained")

    @property
    def _ended(self) -> bool:
        return self._ending is not None or self._fault is not None

    @property
    def _is_over(self) -> bool:
        return self._ended and not self._outstanding and not self._lanes

    @property
    def _stopped_short(self) -> bool:
        """Even what is at hand must not go out any more."""
        return self._fault is not None or (self._ending is not None and self._ending.why != "drained")

    @property
    def _may_set_out(self) -> bool:
        is_going_on = self._ending is None and self._fault is None
        return (is_going_on or not self._stopped_short) and not self._pile.is_high

    async def _settle(self) -> None:
        if self._stopped_short or (self._ended and not self._lanes):
            self._settle_unbegun()
        limit = self._room() if self._counter.is_turning else 0
        if not self._pile or not (limit > 0 or self._is_settling_due()):
            return
        batch, now = self._pile.take(), self._clock()
        try:
            if limit > 0:
                may_go_on, jobs = await self._counter.turn(batch, limit)
                self._welcome(jobs, now)
            else:
                may_go_on = await self._counter.settle(batch)
            if self._given_back:
                self._given_back -= sum(outcome is _STALE or outcome is _TAKEN_BACK for _, outcome in batch)
            if not may_go_on:
                self._end("halted")
            elif limit > 0 and not jobs:
                self._drained()
        except Exception as fault:
            self._fault = self._fault or fault
            with suppress(Exception):  # what was sent should be known as sent; the first fault is the one that is told
                await self._counter.settle(batch)
        self._outstanding -= len(batch)
        self._pile.settled(batch, self._clock())

    def _is_settling_due(self) -> bool:
        return self._ended or len(self._pile) >= self._outstanding or self._pile.is_due(self._clock())

    def _settle_unbegun(self) -> None:
        why = "the run ended before it began" if self._fault is None else str(self._fault)
        unbegun = [*self._line.clear(), *(self._workshop.clear() if self._workshop else ())]
        for job in unbegun:
            self._put_down(job, Outcome(phase=Phase.CONNECT, text=why[:500]))

    async def _take(self) -> None:
        """Claim the next group, when there is room for it and somebody to send it."""
        limit = self._room()
        if limit <= 0:
            return
        now = self._clock()
        try:
            jobs = await self._counter.take(limit)
        except Exception as fault:
            self.fail(fault)
            return
        self._welcome(jobs, now)
        if not jobs:
            self._drained()

    def _welcome(self, jobs: list[Job], now: float) -> None:
        """Jobs get in line that were claimed after `now`: their leases end no earlier than those of `now` would."""
        self._outstanding += len(jobs)
        for job in jobs:
            job.taken_at = now
        self._line.add(jobs)
        self._lanes.staff(self._outstanding)
        self._wake.set()

    async def _recheck(self) -> None:
        """Ask again about those who have waited for their turn: who left meanwhile must not be written to any more."""
        now = self._clock()
        if not self._counter.is_rechecking or self._stopped_short or now < self._recheck_at or not self._some_wait:
            return
        self._recheck_at = now + RECHECK_AFTER_S
        self._lanes.recall()
        ahead = self._workshop.waiting() if self._workshop else []
        jobs = self._line.clear()  # nobody sets out while the question is open
        old = [job for job in (*ahead, *jobs) if now - job.taken_at >= RECHECK_AFTER_S]
        self._is_asking = True
        try:
            kept = set(await self._counter.recheck(old)) if old else set()
        except Exception as fault:
            self._line.add(jobs)
            self.fail(fault)
            return
        finally:
            self._is_asking = False
        gone = set(old) - kept
        self._line.add_first(job for job in jobs if job not in gone)
        if self._workshop is not None:
            self._workshop.dismiss(gone)
        for job in old:
            if job in gone:
                self._give_up(job, _TAKEN_BACK)
        self._wake.set()

    @property
    def _some_wait(self) -> bool:
        """For their turn."""
        return bool(self._line) or bool(self._workshop) or self._lanes.has_laid_out

    def _room(self) -> int:
        """How many to claim now."""
        if self._ended or not self._lanes.are_open or self._line.ready > self._few:
            return 0
        outstanding = self._outstanding - (len(self._pile) if self._counter.is_turning else 0)
        return min(self._claims - outstanding, self._claims - self._few)

    def _direct(self) -> None:
        """Tell lanes that there is work, or that there is none any more."""
        self._are_busy = False
        while self.has_jobs() and not self._are_busy:
            before = self._set_out
            self._lanes.kick()
            self._are_busy = self._set_out == before  # nobody took any: they ask by themselves as soon as they can
        # Nobody goes home while a message may still come back from a lost connection.
        if self._stopped_short or (self._ended and self._outstanding == len(self._pile)):
            self._lanes.dismiss()

    async def _sleep(self) -> None:
        """Until something is to be settled, taken or said, or the caller stops."""
        if self._is_over:
            return
        waits = [SETTLE_AFTER_S] if self._pile else []
        if self._lanes.are_called_off:
            waits.append(CALL_OFF_AGAIN_S)
        if not self._stopped_short:
            # Who may go now waits for a lane that has room; or his turn has come since lanes were told.
            wait = self._line.wait_s(self._speed.clock())
            if wait > 0 or (not self._are_busy and self.has_jobs()):
                waits.append(max(_SHORTEST_WAIT_S, wait))
            if self._counter.is_rechecking and self._some_wait:
                waits.append(max(_SHORTEST_WAIT_S, self._recheck_at - self._clock()))
        seconds = min(waits, default=None)
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                await self._wake.wait()
        self._wake.clear()
