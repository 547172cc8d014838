"""Measuring a sender: its process on one core, the sink on another; what it costs, and whether all arrived."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.delivery.sink import Sink, SinkOptions
from benchmarks.delivery.ways import Bench, Way

ROOT = Path(__file__).resolve().parents[2]
_ARRIVAL_S = 5


class RunError(Exception):
    """A run that failed or lost mail; its figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run, or the medians of several: CPU per message, messages per second, peak memory."""

    cpu_us: float
    rate: float
    peak_kb: float = 0


def cores() -> tuple[set[int], set[int]]:
    """For the sender, for the sink. The same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


@contextmanager
def pinned(cpus: set[int] | None) -> Iterator[None]:
    """Whatever is started inside runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def medians(runs: Sequence[Figures]) -> Figures:
    return Figures(*(statistics.median(getattr(run, name) for run in runs) for name in Figures.__slots__))


def run_way(bench: Bench, way: Way, *, delay_us: int, share: float) -> Figures:
    """One run of one way. Raises RunError when not every message arrived."""
    messages = way.count(delay_us, share)
    sender_cpus, sink_cpus = cores()
    with Sink(SinkOptions(delay_us=delay_us, chunking=way.chunking, clock_from=way.lanes), cpus=sink_cpus) as sink:
        command = way.command(bench, sink.port, messages)
        with pinned(sender_cpus):
            told, cpu_s, peak_kb = finished(start(command), way.name)
        if way.tells:
            cpu_s = told["cpu_s"]
        return Figures(cpu_s / messages * 1e6, arrived(sink, messages, way.name, way.lanes), peak_kb)


def arrived(sink: Sink, messages: int, what: str, lanes: int = 1) -> float:
    """Messages per second, by the sink's clock. Raises RunError when their number is wrong.

    The sink's clock begins with message number `lanes`, when all connections are at work: that one and those before it
    are not counted.
    """
    try:
        seen = sink.await_messages(messages, _ARRIVAL_S)
    except TimeoutError as late:
        raise RunError(f"{what}: {late}") from None
    if seen.messages != messages or seen.refused or seen.dropped:
        raise RunError(f"{what}: {seen.messages} arrived, {seen.refused} refused: {messages} are wanted")
    return (messages - lanes) / max((seen.last_message_ns - seen.first_message_ns) / 1e9, 1e-9)


def start(command: Sequence[str], environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | (environment or {})
    )  # fmt: skip


def finished(
    process: subprocess.Popen[str], what: str, ends: Sequence[int] = (0,)
) -> tuple[dict[str, Any], float, int]:
    """What it printed last (JSON), the CPU seconds and the peak memory (KB) of the whole process. Raises RunError."""
    assert process.stdout is not None
    with process.stdout as out:
        said = out.read().strip().splitlines()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ends:
        raise RunError(f"{what}: ended with {process.returncode}")
    told = json.loads(said[-1]) if said and said[-1].startswith("{") else {}
    return told, used.ru_utime + used.ru_stime, used.ru_maxrss
