"""The engine: jobs from a desk become outcomes at a relay. This is the whole interface of sending over SMTP."""

from __future__ import annotations

import asyncio
import threading

from digest.deliver.counter import Counter, LoopFactory, run_engine
from digest.deliver.desk import Desk, Ending, Job
from digest.deliver.fast import Limits, deliver_fast
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.relay import Relay
from digest.deliver.steps import deliver_in_steps

__all__ = ["Desk", "Ending", "Job", "deliver"]


def deliver(
    desk: Desk,
    relay: Relay,
    *,
    connections: int,
    stop: threading.Event,
    messages_per_second: float | None = None,
    journal: Journal | None = None,
    window: int = 1,
    claims: int = 200,
) -> Ending:
    """Hand over what the desk gives, over at most `connections` connections, until it has nothing more.

    Without a journal the plain engine works: never are more than `connections` jobs taken and not yet settled, and
    that many are in doubt when the process is killed. With a journal the fast engine works: up to `claims` jobs are
    taken ahead, and the journal tells which of them were on the wire: at most `connections` × `window`, where a
    window above 1 has an effect only with relays that offer CHUNKING. Once `stop` is set (a signal handler may do
    that) nothing more is taken and what is in conversation is finished. The desk is called in this thread only.
    Raises RelayError when the relay refuses us as a whole, with every job that had not begun settled as such
    (phase CONNECT), and whatever the desk or a job's `message` raises, once all that was in conversation is settled.
    """
    if connections < 1:
        raise ValueError(f"connections: {connections}: at least 1")

    async def engine(counter: Counter) -> Ending:
        pace = Pace(messages_per_second, asyncio.get_running_loop().time())
        if journal is None:
            return await deliver_in_steps(counter, relay, connections, pace)
        limits = Limits(connections=connections, window=window, claims=claims)
        return await deliver_fast(counter, relay, limits, pace, journal)

    return run_engine(engine, desk, stop, _loop_factory() if journal is not None else None)


def _loop_factory() -> LoopFactory | None:
    """uvloop's event loop where it is installed: a quarter less CPU per message."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
