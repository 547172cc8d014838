"""Columns: plain text wrapped to a width, with hanging indents and underlines. Pure."""

from __future__ import annotations

import textwrap

WIDTH = 72  # columns, as mail readers and people expect of plain text


def hang(text: str, first: str = "", rest: str | None = None, width: int = WIDTH) -> str:
    """Wrap one paragraph; its first line begins with `first`, the others with `rest` (blanks as wide as `first`).

    A word longer than a line, as a URL is, stays whole.
    """
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(lines)


def underline(text: str, stroke: str = "-") -> str:
    """The text, wrapped, and a line under it as wide as its longest line."""
    wrapped = hang(text)
    widest = max((len(line) for line in wrapped.splitlines()), default=0)
    return f"{wrapped}\n{stroke * widest}"
