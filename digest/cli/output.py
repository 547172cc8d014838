"""How commands print: tables, JSON, counts, marks. Door; honours NO_COLOR and pipes."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import click


def say(text: str = "") -> None:
    click.echo(printable(text), color=_colour(sys.stdout))


def warn(text: str) -> None:
    click.echo(
        f"{click.style('warning', fg='yellow', bold=True)}: {printable(text)}", err=True, color=_colour(sys.stderr)
    )


def say_error(text: str) -> None:
    """A line to stderr; whatever stands in it (a file's name, a server's reply) stays on that line, and plain."""
    word = click.style("error", fg="red", bold=True)
    click.echo(f"{word}: {escaped(' '.join(text.splitlines()))}", err=True, color=_colour(sys.stderr))


def say_json(value: Any, *, indent: int | None = 2) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date too: both ISO 8601


def bold(text: str) -> str:
    return click.style(text, bold=True)


def dim(text: str) -> str:
    return click.style(text, dim=True)


def log_to_stderr(verbosity: int) -> None:
    """What is done goes to stderr as lines with their time; everything with -vv."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbosity > 1 else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


def table(rows: Iterable[Sequence[str]], header: Sequence[str] | None = None) -> None:
    """Columns as wide as their widest cell; the last one runs free."""
    lines = [tuple(printable(cell) for cell in row) for row in rows]
    if header and lines:
        lines.insert(0, tuple(header))
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)][:-1]
    for number, line in enumerate(lines):
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=False)]
        text = "  ".join([*cells, line[-1]])
        click.echo(dim(text) if header and number == 0 else text, color=_colour(sys.stdout))


def printable(text: str) -> str:
    """Text from outside, safe for a terminal: control characters are shown escaped, but for newlines and colours."""
    pieces = re.split(r"(\x1b\[[0-9;]{0,12}m)", text)
    return "".join(piece if at % 2 else escaped(piece) for at, piece in enumerate(pieces))


def escaped(text: str) -> str:
    """`printable` for words that are wholly from outside: they bring no colours either."""
    return "".join(map(_shown, text))


def _shown(c: str) -> str:
    return f"\\x{ord(c):02x}" if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in click.unstyle(text))


def _colour(stream: Any) -> bool:
    return "NO_COLOR" not in os.environ and bool(getattr(stream, "isatty", lambda: False)())


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """1 story, 2 stories, 1,000 subscribers."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def lasting(seconds: float) -> str:
    """0.4 s, 46 s, 12 min, 1 h 2 min: as exact as people want to know it."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Says on a terminal how many are done, in a line that is gone at the end."""
    terminal = sys.stderr.isatty()

    def show(done: int) -> None:
        if terminal:
            click.echo(f"\r{done:,} {what}\x1b[K", nl=False, err=True)

    try:
        yield show
    finally:
        if terminal:
            click.echo("\r\x1b[K", nl=False, err=True)
