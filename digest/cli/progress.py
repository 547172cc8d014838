"""The progress of an edition that is being sent, read from the ledger: so of all processes that send it. Door.

A calm line on a terminal, lines of JSON elsewhere. A thread of its own looks, so that nobody who sends waits for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import click

from digest.cli.crew import Crew
from digest.cli.standing import Pace, Standing, json_line, terminal_line, waits_until
from digest.errors import DigestError
from digest.verbs import status as books
from digest.verbs.parts import Parts
from digest.verbs.report import Run

_LINE_EVERY_S = 1.0
_JSON_EVERY_S = 10.0
# Looking counts all rows of the edition: it may take a fortieth of one core.
_REST = 40


class Reporter:
    """Says how each edition of a run is doing, from when its crew sets out until the last of it is back.

    `wait` is how long the run waits at most for deferred recipients. `quiet`: count, and say nothing.
    """

    def __init__(self, parts: Parts, *, wait: timedelta, stop: threading.Event, quiet: bool) -> None:
        self._sent_before: dict[str, int] = {}
        self._parts = parts
        self._wait = wait
        self._stop = stop
        self._quiet = quiet

    def beside(self, crew: Crew) -> Crew:
        """The same crew, reported on."""

        @contextmanager
        def reported(edition: str, pending: int) -> Iterator[int]:
            with self._reporting(edition), crew(edition, pending) as size:
                yield size

        return reported

    def whole(self, run: Run) -> Run:
        """The run with what all processes of its crew have sent, not this one alone."""
        before = self._sent_before.get(run.edition)
        return run if before is None else replace(run, accepted=max(0, run.totals.sent - before))

    @contextmanager
    def _reporting(self, edition: str) -> Iterator[None]:
        first = books.glance(self._parts, edition)
        self._sent_before.setdefault(edition, first.totals.sent)
        if self._quiet:
            yield
            return
        done = threading.Event()
        report = _Report(self._parts, edition, self._parts.clock() + self._wait, self._stop, first)
        reporting = threading.Thread(target=report.until, args=[done], name="progress", daemon=True)
        reporting.start()
        try:
            yield
        finally:
            done.set()
            reporting.join()


class _Report:
    """One edition's, in a thread of its own."""

    def __init__(
        self, parts: Parts, edition: str, leaves_at: datetime, stop: threading.Event, first: books.Glance
    ) -> None:
        self._parts = parts
        self._edition = edition
        self._leaves_at = leaves_at
        self._stop = stop
        self._pace = Pace()
        self._pace.note(time.monotonic(), first.totals)
        self._terminal = sys.stderr.isatty()
        self._last: object = None

    def until(self, done: threading.Event) -> None:
        """Look and tell, now and then, until `done` is set; then for the last time."""
        every_s = _LINE_EVERY_S if self._terminal else _JSON_EVERY_S
        rest_s = every_s
        while not done.wait(rest_s):
            began = time.monotonic()
            self._tell()
            rest_s = max(every_s, _REST * (time.monotonic() - began))
        if not self._terminal:  # there the summary takes the line's place
            self._tell()

    def _tell(self) -> None:
        # A database that is busy is asked again later; whoever closed the terminal does not want to know.
        with suppress(DigestError, OSError):
            found = books.glance(self._parts, self._edition)
            standing = Standing(
                edition=self._edition,
                totals=found.totals,
                per_second=self._pace.note(time.monotonic(), found.totals),
                waits_until=waits_until(found, self._leaves_at),
                stopping=self._stop.is_set(),
            )
            if self._terminal:
                self._show(terminal_line(standing, _columns(), self._parts.calendar.timezone))
            elif (found, standing.waits_until) != self._last:
                # Whoever waits for a quarter of an hour says so once.
                self._last = (found, standing.waits_until)
                click.echo(json_line(standing), err=True)

    def _show(self, line: str) -> None:
        if line != self._last:
            self._last = line
            click.echo(f"\r{line}\x1b[K", nl=False, err=True)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return shutil.get_terminal_size().columns
