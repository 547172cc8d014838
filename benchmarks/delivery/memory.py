"""Memory and start of the real command: `digest send` to 10,000 and to 1,000,000 readers. Benchmarks only."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delivery.bars import memory_bars
from benchmarks.delivery.measure import cores, finished, pinned, start
from benchmarks.delivery.newsletter import SMALL_HTML_BYTES, make_newsletter
from benchmarks.delivery.sink import Sink

_LONG_S = 3600


@dataclass(frozen=True, slots=True)
class Sending:
    """One `digest send`. `sent` of `readers` before it was told to stop; `first_s` to the first accepted message."""

    readers: int
    sent: int
    peak_kb: float
    first_s: float
    rate: float


def send(folder: Path, readers: int, most: int) -> Sending:
    """Run the command until `most` messages are accepted (SIGTERM then) or all are. Messages are small, unsigned."""
    made = make_newsletter(folder, readers, html_bytes=SMALL_HTML_BYTES)
    settings = made.folder / "digest.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("[[dkim]]", "[[nokey]]").partition("[[nokey]]")[0] + "[delivery]\n", encoding="utf-8"
    )
    sender_cpus, sink_cpus = cores()
    with Sink(cpus=sink_cpus) as sink:
        command = [
            sys.executable,
            "-c",
            "from digest.cli import main; main()",
            "--config",
            str(made.folder),
            "send",
            made.edition,
            "--json",
        ]
        with pinned(sender_cpus):
            began_ns = time.monotonic_ns()
            process = start(command, made.environment(sink.port))
            sink.await_messages(min(most, readers), _LONG_S)
        if most < readers:
            process.send_signal(signal.SIGTERM)
        _, _, peak_kb = finished(process, "digest send", ends=(0, 130))
        seen = sink.counters()
    shutil.rmtree(folder)
    rate = seen.messages / ((seen.last_message_ns - seen.first_message_ns) / 1e9)
    return Sending(readers, seen.messages, peak_kb, (seen.first_message_ns - began_ns) / 1e9, rate)


def report(folder: Path, *, large: int, most: int) -> None:
    """Measure both audiences and print them with their bars."""
    print(f"digest send, small messages, SQLite; at most {most:,} of them are sent")
    small = send(folder / "small", min(10_000, large), most)
    much = send(folder / "large", large, most)
    for each in (small, much):
        print(
            f"  {each.readers:>9,} readers: peak {each.peak_kb / 1024:6.1f} MB after {each.sent:,} messages, "
            f"first accepted after {each.first_s:.2f} s, {each.rate:,.0f} messages/s"
        )
    for verdict in memory_bars(small.peak_kb, much.peak_kb, much.first_s):
        print(verdict.line())
