"""What the rooms behind a command have to tell people while it runs: warnings and errors, as lines to stderr. Door."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from digest.cli.output import escaped, say_error, warn


class Notices(logging.Handler):
    """Keeps the `lines` that were told. `quiet`: keeps them only."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._quiet = quiet

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        self.lines.append(line)
        if self._quiet:
            return
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)  # a line of progress may stand there; it comes again
        if record.levelno >= logging.ERROR:
            say_error(line)
        else:
            warn(escaped(" ".join(line.splitlines())))


@contextmanager
def told_to_people(*, logged: bool) -> Iterator[Notices]:
    """Notices of what happens meanwhile. `logged`: -v shows them with their time already."""
    notices, logger = Notices(quiet=logged), logging.getLogger("digest")
    logger.addHandler(notices)
    try:
        yield notices
    finally:
        logger.removeHandler(notices)
