"""The plain engine: lanes, each a connection that carries one message at a time, and a clerk between them and the desk.

Claims outstanding (taken and not yet settled) never exceed the connections, so that a killed process leaves at most
that many recipients in doubt. Called by `engine`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from digest.deliver.counter import Counter
from digest.deliver.desk import Ending, Job
from digest.deliver.dialogue import Dialogue
from digest.deliver.envelope import unbuildable
from digest.deliver.pace import Pace
from digest.deliver.route import Link, Route
from digest.errors import InputError, RelayError
from digest.model import Outcome, Phase

CALL_OFF_AGAIN_S = 0.05
"""Python 3.11's `asyncio.wait_for` swallows a cancellation that comes just as it is done: so ask again."""


async def deliver_in_steps(counter: Counter, route: Route, connections: int, pace: Pace) -> Ending:
    """Deliver until the desk has nothing more, halts, or the caller stops. Raises as `engine.deliver` says."""
    clerk = _Clerk(counter, route, connections, pace)
    watch = asyncio.ensure_future(clerk.watch_stop())
    try:
        return await clerk.work()
    finally:
        watch.cancel()
        await clerk.close()


class _Clerk:
    """The only one who talks to the desk: takes jobs for lanes that are ready, settles what they report."""

    def __init__(self, counter: Counter, route: Route, connections: int, pace: Pace) -> None:
        self._counter = counter
        self._connections = connections
        self._pace = pace
        self.route = route
        self.stopping = counter.stopping
        self._clock = asyncio.get_running_loop().time
        self._wake = asyncio.Event()
        self._lanes: dict[asyncio.Task[None], _Lane] = {}
        self._grown = False
        self._ready: deque[asyncio.Future[Job | None]] = deque()  # lanes that wait for a job
        self._at_hand: deque[Job] = deque()  # taken, with no lane: none of it has been said to the relay
        self._done: list[tuple[Job, Outcome]] = []
        self._outstanding = 0
        self._ending: Ending | None = None
        self._fault: Exception | None = None

    async def work(self) -> Ending:
        # One connection alone at first: a wrong password is tried once, not ten times, and nobody is claimed for it.
        self._add_lane()
        while True:
            await self._settle()
            if self._ended and not self._outstanding and not self._lanes:
                break
            await self._hand_out()
            await self._sleep()
        if self._fault is not None:
            raise self._fault
        return self._ending or Ending("stopped")

    async def watch_stop(self) -> None:
        await self.stopping.wait()
        self._end("stopped")
        self._wake.set()

    async def close(self) -> None:
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

    # ── what lanes tell ──────────────────────────────────────────────────────────────────────────

    async def next_job(self) -> Job | None:
        """A job for a lane that is ready; None to go home."""
        if self._ended:
            return None
        waiting: asyncio.Future[Job | None] = asyncio.get_running_loop().create_future()
        self._ready.append(waiting)
        self._wake.set()
        return await waiting

    def report(self, job: Job, outcome: Outcome) -> None:
        self._done.append((job, outcome))
        self._wake.set()

    def give_back(self, job: Job) -> None:
        """A job of which the relay has heard nothing: another lane may carry it."""
        self._at_hand.append(job)
        self._wake.set()

    # ── settling and taking ──────────────────────────────────────────────────────────────────────

    async def _settle(self) -> None:
        if self._ended and (self._fault is not None or not self._lanes or self._ending != Ending("drained")):
            self._settle_unbegun()
        batch, self._done = self._done, []
        if not batch:
            return
        try:
            if not await self._counter.settle(batch):
                self._end("halted")
        except Exception as fault:
            await self._settle_once_more(batch, fault)
        self._outstanding -= len(batch)

    async def _settle_once_more(self, batch: list[tuple[Job, Outcome]], fault: Exception) -> None:
        """The books cannot be written: nothing more is sent. What was sent should be known as sent, so try again."""
        self._fault = self._fault or fault
        with suppress(Exception):  # the first fault is the one that is told
            await self._counter.settle(batch)

    def _settle_unbegun(self) -> None:
        why = "the run ended before it began" if self._fault is None else str(self._fault)
        while self._at_hand:
            self._done.append((self._at_hand.popleft(), Outcome(phase=Phase.CONNECT, text=why[:500])))

    async def _hand_out(self) -> None:
        if self._ended:
            self._dismiss()
            return
        self._serve_ready()
        room = min(len(self._ready), self._connections - self._outstanding)
        limit = self._pace.allowed(room, self._clock())
        if limit > 0:
            await self._take(limit)
            self._serve_ready()

    async def _take(self, limit: int) -> None:
        self._wake.set()
        try:
            jobs = await self._counter.take(limit)
        except Exception as fault:
            self._fault = self._fault or fault
            return
        self._pace.spend(len(jobs))
        self._outstanding += len(jobs)
        self._at_hand += jobs
        if not jobs:
            self._end("drained")
        elif not self._grown:
            self._grown = True
            while len(self._lanes) < self._connections:
                self._add_lane()

    def _serve_ready(self) -> None:
        while self._ready and self._at_hand and not self._stopped_short:
            waiting = self._ready.popleft()
            if not waiting.done():
                waiting.set_result(self._at_hand.popleft())

    @property
    def _stopped_short(self) -> bool:
        """Even what is at hand must not go out any more."""
        return self._fault is not None or (self._ending is not None and self._ending != Ending("drained"))

    def _dismiss(self) -> None:
        """Send lanes home; those that still try to reach the relay are called off, unless a last job waits for it."""
        self._serve_ready()
        for waiting in self._ready:
            if not waiting.done():
                waiting.set_result(None)
        self._ready.clear()
        for task, lane in self._lanes.items():
            if lane.connecting and (not lane.has_job or self._stopped_short):
                task.cancel()

    async def _sleep(self) -> None:
        """Until a lane has something to tell, the pace allows more, or the caller stops."""
        wait: float | None = None
        if self._ended and any(lane.connecting for lane in self._lanes.values()):
            wait = CALL_OFF_AGAIN_S
        elif self._ready and not self._ended:
            wait = self._pace.wait_s() or None
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()
        self._wake.clear()

    # ── lanes come and go ────────────────────────────────────────────────────────────────────────

    def _add_lane(self) -> None:
        lane = _Lane(self)
        task = asyncio.ensure_future(lane.run())
        self._lanes[task] = lane
        task.add_done_callback(self._lane_ended)

    def _lane_ended(self, task: asyncio.Task[None]) -> None:
        del self._lanes[task]
        fault = None if task.cancelled() else task.exception()
        if isinstance(fault, RelayError) and self._lanes and not fault.lasting:
            fault = None  # the relay takes fewer connections than we may open: go on with those we have
        if isinstance(fault, Exception):
            self._fault = self._fault or fault
        self._wake.set()


class _Lane:
    """One connection after the other, one message after the other."""

    def __init__(self, clerk: _Clerk) -> None:
        self._clerk = clerk
        self._dialogue: Dialogue | None = None
        self._link: Link | None = None
        self.connecting = False
        self.has_job = False

    async def run(self) -> None:
        try:
            self._dialogue = await self._connect(self._clerk.route.open)
            while (job := await self._clerk.next_job()) is not None:
                self.has_job = True
                await self._carry(job)
                self.has_job = False
            await self._dialogue.bye()
        finally:
            self._hang_up()

    async def _carry(self, job: Job) -> None:
        """Bring one job to an outcome: on this connection or, when that ended before it heard of it, on the next."""
        while True:
            try:
                try:
                    body = job.body()
                except InputError as fault:
                    self._clerk.report(job, unbuildable(fault))
                    return
                dialogue = self._dialogue = await self._fit()
            except BaseException:  # no relay, a message that cannot be built, or called off
                self._clerk.give_back(job)
                raise
            try:
                outcome = await dialogue.send(job, body)
            except Exception:  # a fault of ours, at an unknown point: never call that unsent
                self._clerk.report(job, Outcome(phase=Phase.DOT, text="internal fault in mid-conversation"))
                raise
            if outcome is not None:
                self._clerk.report(job, outcome)
                return

    async def _fit(self) -> Dialogue:
        """This connection where it still serves, else a new one."""
        if self._dialogue is not None and await self._dialogue.is_fit():
            return self._dialogue
        return await self._connect(self._clerk.route.reopen)

    async def _connect(self, how: Callable[[], Awaitable[Link]]) -> Dialogue:
        self._hang_up()
        self.connecting = True
        try:
            link = self._link = await how()
        finally:
            self.connecting = False
        return Dialogue(link.transport, link.offers, link.peer.relay.timeouts)

    def _hang_up(self) -> None:
        if self._dialogue is not None:
            self._dialogue.abort()
        if self._link is not None:
            self._clerk.route.closed(self._link)
            self._link = None
