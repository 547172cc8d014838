"""Difference: which words of a text are new, which are gone. Pure; for an editor who looks at a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new", "skipped"]

_AROUND = 2  # unchanged lines kept on either side of a change


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; a "skipped" one stands for unchanged lines and says how many."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """What became of `before`, in reading order, with two unchanged lines around each change; () when nothing did."""
    if before == after:
        return ()
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pieces += _shortened(old[a:b], first=a == 0, last=b == len(old))
        else:
            pieces += _words("".join(old[a:b]), "".join(new[c:d]))
    return tuple(pieces)


def _shortened(lines: list[str], *, first: bool, last: bool) -> Iterator[Piece]:
    head = 0 if first else _AROUND
    tail = 0 if last else _AROUND
    hidden = len(lines) - head - tail
    if hidden <= 1:
        yield Piece("same", "".join(lines))
        return
    if head:
        yield Piece("same", "".join(lines[:head]))
    yield Piece("skipped", f"{hidden} lines as before")
    if tail:
        yield Piece("same", "".join(lines[-tail:]))


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if a < b:
            yield Piece("gone", "".join(old[a:b]))
        if c < d:
            yield Piece("new", "".join(new[c:d]))
