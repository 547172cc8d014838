"""The lanes: the fast engine's connections, opened when there is work, opened anew when they end. Used by `fast`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from digest.deliver.chunks import Chunks
from digest.deliver.conversation import Conversation
from digest.deliver.pipeline import Pipeline
from digest.deliver.route import Link, Peer, Route
from digest.deliver.transit import Crew, Mode
from digest.errors import RelayError

CALL_OFF_AGAIN_S = 0.05
"""Python 3.11's `asyncio.wait_for` swallows a cancellation that comes just as it is done: so ask again."""

STAND_IN_S = 300.0
"""So long a connection to a relay that stands in for a better one is kept, before the better one is asked again."""


class Clerk(Crew, Protocol):
    """Whom lanes work for: the crew of their pipelines, who also decides whether connections are needed."""

    def has_jobs(self) -> bool: ...

    def wake(self) -> None: ...


class Lanes:
    """At most `connections` tasks, each with one connection after the other as long as there is work."""

    def __init__(self, route: Route, clerk: Clerk, *, connections: int, window: int) -> None:
        self._route = route
        self._clerk = clerk
        self._connections = self._most = connections
        self._window = window
        self._loop = asyncio.get_running_loop()
        self._work = asyncio.Event()  # there are jobs, or all may go home
        self._lanes: set[asyncio.Task[None]] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._pipes: set[Conversation] = set()
        self._waiting = 0  # lanes whose connection has ended, and that make the next one when there is work
        self._peer: Peer | None = None  # the relay of the last connection
        self.is_dismissed = False

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def are_open(self) -> bool:
        """Is there a connection, or a lane whose last one served, and that makes another as soon as there is work?"""
        return bool(self._pipes) or self._waiting > 0

    @property
    def are_called_off(self) -> bool:
        """Dismissed, and some still try to connect: see CALL_OFF_AGAIN_S."""
        return self.is_dismissed and bool(self._connecting)

    def staff(self, wanted: int) -> None:
        """As many lanes as are wanted, and as the relay takes."""
        while len(self._lanes) < min(self._most, wanted):
            lane = asyncio.ensure_future(self._lane())
            self._lanes.add(lane)
            lane.add_done_callback(self._ended)

    def kick(self) -> None:
        """There may be work."""
        self._work.set()
        for pipe in list(self._pipes):
            pipe.kick()

    @property
    def has_laid_out(self) -> bool:
        """Do messages wait on connections, laid out ahead?"""
        return any(pipe.is_ahead for pipe in self._pipes)

    def recall(self) -> None:
        """Have these given back: somebody may have left meanwhile."""
        for pipe in list(self._pipes):
            pipe.recall()

    def dismiss(self) -> None:
        """Finish what is in conversation and go home."""
        self.is_dismissed = True
        self._work.set()
        for pipe in list(self._pipes):
            pipe.finish()
        for lane in self._connecting:
            lane.cancel()

    async def close(self) -> None:
        """Drop everything."""
        for pipe in list(self._pipes):
            pipe.abort()
        while self._lanes:
            for lane in self._lanes:
                lane.cancel()
            await asyncio.wait(self._lanes, timeout=CALL_OFF_AGAIN_S)

    def _ended(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        fault = None if lane.cancelled() else lane.exception()
        if isinstance(fault, RelayError) and self._lanes and not fault.lasting:
            fault = None  # the relay takes fewer connections than we may open: go on with those we have
            self._most = len(self._lanes)
        if isinstance(fault, Exception):
            self._clerk.fail(fault)
        self._clerk.wake()

    async def _lane(self) -> None:
        how = self._route.open
        while True:
            link = await self._connect(how)
            await self._serve(link)
            if not await self._has_work():
                return
            how = self._route.reopen

    async def _serve(self, link: Link) -> None:
        """Until the connection ends."""
        peer = link.peer
        # Chunks are worth their risk only where several may be in flight; alone, DATA takes no round trip more, and its
        # 354 keeps replies and commands in step.
        mode = link.mode if self._window > 1 else min(link.mode, Mode.DATA)
        if peer is not self._peer:  # another relay may take more connections than the one before
            self._peer, self._most = peer, self._connections
        way = Chunks if mode is Mode.BDAT else Pipeline
        pipe = way(
            link.transport,
            link.offers,
            peer.relay.timeouts,
            self._clerk,
            mode=mode,
            window=self._window,
            standing=peer.standing,
        )
        leave = self._loop.call_later(STAND_IN_S, pipe.finish) if self._route.better_than(link) else None
        self._pipes.add(pipe)
        self._clerk.wake()
        try:
            pipe.kick()
            if self.is_dismissed:
                pipe.finish()
            why = await pipe.ended
        finally:
            self._pipes.discard(pipe)
            self._route.closed(link)
            if leave is not None:
                leave.cancel()
        if pipe.answers:
            self._route.served(link)
        elif pipe.losses and not pipe.doubts and peer.standing.mode >= mode:
            # Nobody answered, and nothing was learnt from it. Of doubts others judge: see RunGuard.
            self._route.fruitless(link, why)
        self._clerk.wake()

    async def _has_work(self) -> bool:
        """Wait for jobs; False: go home."""
        while not self.is_dismissed:
            if self._clerk.has_jobs():
                return True
            self._work.clear()
            self._waiting += 1
            try:
                await self._work.wait()
            finally:
                self._waiting -= 1
        return False

    async def _connect(self, how: Callable[[], Awaitable[Link]]) -> Link:
        lane = asyncio.current_task()
        assert lane is not None
        self._connecting.add(lane)
        try:
            return await how()
        finally:
            self._connecting.discard(lane)
