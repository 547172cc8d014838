"""The engine: jobs from a desk become outcomes at a relay. This is the whole interface of sending over SMTP."""

from __future__ import annotations

import asyncio
import threading

from digest.deliver.counter import Counter, run_engine
from digest.deliver.desk import Desk, Ending, Job
from digest.deliver.pace import Pace
from digest.deliver.relay import Relay
from digest.deliver.steps import deliver_in_steps

__all__ = ["Desk", "Ending", "Job", "deliver"]


def deliver(
    desk: Desk, relay: Relay, *, connections: int, stop: threading.Event, messages_per_second: float | None = None
) -> Ending:
    """Hand over what the desk gives, over at most `connections` connections, until it has nothing more.

    Never are more than `connections` jobs taken and not yet settled. Once `stop` is set (a signal handler may do
    that) nothing more is taken and what is in conversation is finished. The desk is called in this thread only.
    Raises RelayError when the relay refuses us as a whole, with every job that had not begun settled as such
    (phase CONNECT), and whatever the desk or a job's `message` raises, once all that was in conversation is settled.
    """
    if connections < 1:
        raise ValueError(f"connections: {connections}: at least 1")

    async def engine(counter: Counter) -> Ending:
        pace = Pace(messages_per_second, asyncio.get_running_loop().time())
        return await deliver_in_steps(counter, relay, connections, pace)

    return run_engine(engine, desk, stop)
