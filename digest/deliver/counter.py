"""The counter: a desk that lives in one thread, served to an engine whose event loop runs in another.

The desk keeps its thread (databases and progress bars like that), the engine keeps its loop free of waiting for
commits. Called by `engine`.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar

from digest.deliver.desk import Desk, Ending, Job, RecheckingDesk, TurningDesk
from digest.model import Outcome

T = TypeVar("T")
LoopFactory = Callable[[], asyncio.AbstractEventLoop]

_LOOK_S = 0.1  # how often the desk's thread looks at `stop`, which a signal handler may set without waking anybody

_LAST_TURNS = 5  # of the event loop, in which connections just dropped give their sockets back


class Counter:
    """The desk as awaitables, for the engine; `stopping` is set soon after the caller's `stop` was."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.is_rechecking = isinstance(desk, RecheckingDesk)
        self.is_turning = isinstance(desk, TurningDesk)
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Ending] | None = None
        self._is_given_up = False
        self.stopping = asyncio.Event()

    # ── in the engine's thread ───────────────────────────────────────────────────────────────────

    async def take(self, limit: int) -> list[Job]:
        """See Desk.take."""
        return await self._ask(lambda: self._desk.take(limit))

    async def recheck(self, jobs: list[Job]) -> list[Job]:
        """See RecheckingDesk.recheck; a desk that does not know of it keeps them all."""
        desk = self._desk
        return await self._ask(lambda: desk.recheck(jobs)) if isinstance(desk, RecheckingDesk) else jobs

    async def settle(self, done: list[tuple[Job, Outcome]]) -> bool:
        """See Desk.settle."""
        return await self._ask(lambda: self._desk.settle(done))

    async def turn(self, done: list[tuple[Job, Outcome]], limit: int) -> tuple[bool, list[Job]]:
        """See TurningDesk.turn; with a desk that does not know of it nobody is claimed."""
        desk = self._desk
        if isinstance(desk, TurningDesk):
            turning = desk
            return await self._ask(lambda: turning.turn(done, limit))
        return await self.settle(done), []

    def tell(self, what: Callable[[str], None], line: str) -> None:
        """Have `what` called with a line for people, in the desk's thread, in its turn."""

        def serve() -> None:
            with suppress(Exception):  # a notice that cannot be brought must not cost anybody a mail
                what(line)

        self._calls.put(serve)

    async def _ask(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def serve() -> None:
            try:
                result = work()
            except Exception as fault:
                loop.call_soon_threadsafe(_fail, answer, fault)
            else:
                loop.call_soon_threadsafe(_answer, answer, result)

        self._calls.put(serve)
        return await answer

    async def attend(self, engine: Coroutine[Any, Any, Ending]) -> Ending:
        """Run the engine to its end, within reach of `stop` and `give_up`."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(engine)
        if self._is_given_up:  # before there was a task to tell
            self._task.cancel()
        try:
            return await self._task
        finally:
            for _ in range(_LAST_TURNS):
                await asyncio.sleep(0)

    # ── in the desk's thread ─────────────────────────────────────────────────────────────────────

    def serve(self, stop: threading.Event) -> None:
        """Do what the engine asks for until `close`. Raises only what comes from outside, such as Ctrl-C."""
        while True:
            if stop.is_set():
                self._reach(self.stopping.set)
            try:
                call = self._calls.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if call is None:
                return
            call()

    def give_up(self) -> None:
        """Leave everything as it is: what is in conversation stays claimed, and will be uncertain."""
        self._is_given_up = True
        if self._task is not None:
            self._reach(self._task.cancel)

    def close(self) -> None:
        self._calls.put(None)

    def _reach(self, what: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            if self._loop is not None:
                self._loop.call_soon_threadsafe(what)


def run_engine(
    engine: Callable[[Counter], Coroutine[Any, Any, Ending]],
    desk: Desk,
    stop: threading.Event,
    loop_factory: LoopFactory | None = None,
) -> Ending:
    """Run `engine` in an event loop of its own thread, the desk served in this one. Raises what the engine raises."""
    counter = Counter(desk)
    ended: Future[Ending] = Future()

    def work() -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                ended.set_result(runner.run(counter.attend(engine(counter))))
        except BaseException as fault:
            ended.set_exception(fault)
        finally:
            counter.close()

    thread = threading.Thread(target=work, name="smtp")
    thread.start()
    try:
        counter.serve(stop)
    except BaseException:
        counter.give_up()
        raise
    finally:
        thread.join()
    try:
        return ended.result()
    except (CancelledError, asyncio.CancelledError):
        return Ending("stopped")


def _answer(answer: asyncio.Future[T], result: T) -> None:
    if not answer.done():  # the engine may have given up meanwhile
        answer.set_result(result)


def _fail(answer: asyncio.Future[Any], fault: Exception) -> None:
    if not answer.done():
        answer.set_exception(fault)
