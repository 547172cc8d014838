"""smtp-sink, Postfix's test server, in its stricter moods."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.ports import answers, free_port
from digest.deliver.route import FRUITLESS_LIMIT
from tests.journeys.crash.laboratory import CONNECTIONS, Laboratory
from tests.journeys.stage import until
from tests.smtpd import SmtpServer

READERS = 60
_A_PAUSE = 20  # so many refusals in a row pause a run, once they are settled


@dataclass(frozen=True)
class Mood:
    """Options of smtp-sink, and the state in which `least` to `most` of the recipients have to end."""

    words: str
    options: tuple[str, ...]
    end: str
    least: int = READERS
    most: int = READERS


MOODS = (
    Mood("as it is", (), "sent"),
    Mood("no PIPELINING", ("-p",), "sent"),
    Mood("no 8BITMIME, no enhanced codes", ("-8", "-E"), "sent"),
    Mood("HELO only", ("-e",), "sent"),
    Mood("refuses MAIL (5xx)", ("-f", "mail"), "pending"),
    Mood("refuses RCPT for now (4xx)", ("-r", "rcpt"), "deferred"),
    Mood("refuses DATA for now (4xx)", ("-r", "data"), "deferred"),
    Mood("refuses the message for now (4xx)", ("-r", "."), "deferred"),
    Mood("refuses RCPT (5xx)", ("-f", "rcpt"), "failed", least=_A_PAUSE),
    Mood("refuses the message (5xx)", ("-f", "."), "failed", least=_A_PAUSE),
    # Connections that bring nothing, and messages that nobody answers for, end the run before it is about everybody.
    Mood("closes at RCPT", ("-q", "rcpt"), "deferred", least=FRUITLESS_LIMIT, most=3 * CONNECTIONS),
    Mood("closes after the dot", ("-q", "."), "uncertain", least=CONNECTIONS + 1, most=10 + 2 * CONNECTIONS),
)


def through_sink(folder: Path) -> list[str]:
    """Send an edition to each mood; returns where its recipients ended otherwise than they should."""
    if shutil.which("smtp-sink") is None:
        print("smtp-sink    not installed: left out")
        return []
    (folder / "sink").mkdir()
    laboratory = Laboratory(folder / "sink", READERS)
    try:
        return [fault for mood in MOODS if (fault := _passed(mood, laboratory))]
    finally:
        laboratory.close()


def _passed(mood: Mood, laboratory: Laboratory) -> str | None:
    with _sink(mood) as port, laboratory.trial(SmtpServer(port=port), policy="hold") as trial:
        trial.run()
        totals = trial.books().totals
        said = trial.said()
    count: int = getattr(totals, mood.end)
    print(f"smtp-sink    {mood.words}: {mood.end} {count} of {totals.planned}, {said['what']}")
    as_it_should = mood.least <= count <= mood.most and totals.adds_up
    return None if as_it_should else f"smtp-sink, {mood.words}: {totals}"


@contextmanager
def _sink(mood: Mood) -> Iterator[int]:
    port = free_port()
    sink = subprocess.Popen(
        ["smtp-sink", *mood.options, "-u", "nobody", f"127.0.0.1:{port}", "100"], stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: answers(port), "smtp-sink listens")
        yield port
    finally:
        sink.kill()
        sink.wait()
