"""Pacing: how fast one process may send, with what an earlier run on this machine has learnt about it. Hall.

A relay or provider that asked for less is not asked for more by the next run, and starting anew is no way around a
limit. What is kept is only advice: where it is missing or damaged, a run begins as the first one did.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from digest.deliver.domains import DomainLimit
from digest.deliver.engine import Speed
from digest.verbs.parts import Parts
from digest.verbs.recovery import journal_of


def speed_of(parts: Parts, processes: int) -> Speed:
    """This process's share of what the settings allow, over all and to each domain."""
    rate = parts.delivery.messages_per_second
    shares = {
        domain: DomainLimit(
            connections=limit.connections and max(1, limit.connections // processes),
            messages_per_second=limit.messages_per_second and limit.messages_per_second / processes,
        )
        for domain, limit in parts.delivery.per_domain.items()
    }
    speed = Speed(clock=_wall_clock(parts), messages_per_second=rate and rate / processes, per_domain=shares)
    with suppress(OSError, ValueError, RecursionError):
        speed.resume(json.loads(_file(parts).read_bytes()))
    return speed


def remember(parts: Parts, speed: Speed) -> None:
    """Keep what was learnt. Where it cannot be written, nothing is lost but advice."""
    file = _file(parts)
    new = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        new.write_text(json.dumps(speed.state()))
        new.replace(file)


def _file(parts: Parts) -> Path:
    return journal_of(parts, 0).with_name("speed.json")


def _wall_clock(parts: Parts) -> Callable[[], float]:
    """Seconds that a later run understands too; within this one they never go back."""
    began, monotonic = parts.clock().timestamp(), time.monotonic
    ahead = began - monotonic()
    return lambda: ahead + monotonic()
