"""The engine: jobs from a desk become outcomes at a relay. This is the whole interface of sending over SMTP."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from digest.deliver.counter import Counter, LoopFactory, run_engine
from digest.deliver.desk import Desk, Ending, Job
from digest.deliver.fast import Limits, deliver_fast
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.relay import Relay
from digest.deliver.route import Route
from digest.deliver.speed import Speed
from digest.deliver.steps import deliver_in_steps

__all__ = ["Desk", "Ending", "Job", "Speed", "deliver"]


def deliver(
    desk: Desk,
    relays: Relay | Sequence[Relay],
    *,
    connections: int,
    stop: threading.Event,
    messages_per_second: float | None = None,
    journal: Journal | None = None,
    window: int = 1,
    claims: int = 200,
    stale_after: timedelta = timedelta(minutes=10),
    builders: int = 0,
    speed: Speed | None = None,
    jitter: Callable[[], float] = lambda: 0.5,
    tell: Callable[[str], None] = lambda line: None,
) -> Ending:
    """Hand over what the desk gives, over at most `connections` connections, until it has nothing more.

    Without a journal the plain engine works: never are more than `connections` jobs taken and not yet settled, and
    that many are in doubt when the process is killed. With a journal the fast engine works: up to `claims` jobs are
    taken ahead, and the journal tells which of them were on the wire: at most `connections` × `window`, where a
    window above 1 has an effect only with relays that offer CHUNKING. What was taken longer than `stale_after` ago is
    given back unsent (phase CONNECT): this process may have slept, and others may have its rows now.
    Once `stop` is set (a signal handler may do that) nothing more is taken and what is in conversation is finished.
    The desk is called in this thread only.

    `relays` in the order of preference: the first that serves gets the mail, the next ones stand in for it while it is
    away, or for good when it refuses us lastingly; `tell` then gets one line for people, in this thread. `jitter` gives
    numbers from 0 to 1 that spread the tries at a relay that is away.

    For the fast engine only: `builders` threads build messages ahead, which is worth it for RSA signatures. `speed`
    limits what is under way, by domain too, and learns; handed to the next run, it remembers. It takes the place of
    `messages_per_second`.

    Raises RelayError when no relay takes us, with every job that had not begun settled as such (phase CONNECT), and
    whatever the desk or a job's `message` raises, once all that was in conversation is settled.
    """
    if connections < 1:
        raise ValueError(f"connections: {connections}: at least 1")
    if speed is not None and (journal is None or messages_per_second is not None):
        raise ValueError("speed: goes with a journal, and instead of messages_per_second")
    chain = [relays] if isinstance(relays, Relay) else list(relays)
    if not chain:
        raise ValueError("relays: none: at least one is wanted")

    async def engine(counter: Counter) -> Ending:
        clock = asyncio.get_running_loop().time
        route = Route(chain, clock=clock, jitter=jitter, tell=partial(counter.tell, tell))
        if journal is None:
            return await deliver_in_steps(counter, route, connections, Pace(messages_per_second, clock()))
        limits = Limits(
            connections=connections,
            window=window,
            claims=claims,
            stale_after_s=stale_after.total_seconds(),
            builders=builders,
        )
        told = speed or Speed(clock=clock, messages_per_second=messages_per_second)
        return await deliver_fast(counter, route, limits, told, journal)

    with _rare_collections():
        return run_engine(engine, desk, stop, _loop_factory() if journal is not None else None)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Python's collector looks for rings of dead objects after every 700 new ones. A message has some forty and leaves
    no ring behind: looking at all that was there before the run took 7 % of it."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _loop_factory() -> LoopFactory | None:
    """uvloop's event loop where it is installed: a quarter less CPU per message."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
