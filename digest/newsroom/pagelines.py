"""A pasted page as lines: tidied, numbered, wrapped ones joined, bullets seen. Pure (newsroom)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from digest.errors import InputError
from digest.newsroom.text import single_line, strip_controls, tidy

_MAX_LINES = 2_000
_MAX_LINE = 20_000
_BULLET = re.compile(r"(?:[•●◦▪■‣⁃∙·]\s*|[-*+–—]\s+|-(?=[A-Z“‘\"'`])|\d{1,2}[.)]\s+(?=[^\W\d_]))")
_HEADING = re.compile(r"^#{1,6}\s+")
_LONE_BULLET = re.compile(r"[•●◦▪■‣⁃∙·*–—-]")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][”’\"')\]]*$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]\.)+$")
_CONTINUES = re.compile(r"[a-z]+\b(?!['’])[\s,]")
_WRAPPED_FROM = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: its number from 1, its text without a bullet, whether an empty line stands before it."""

    number: int
    text: str
    bullet: bool = False
    gap: bool = False

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_title(self) -> bool:
        """Whether it reads like a headline: not too long, and no full stop at its end."""
        bare = self.text.rstrip("”’\"')]")
        stopped = bare.endswith((".", "…")) and not _ABBREVIATED.search(bare)
        return not stopped and self.words <= 30 and len(self.text) <= 250

    @property
    def is_sentence(self) -> bool:
        """Whether it reads like running text: a full stop at its end, or long."""
        return not self.is_title or self.words >= 12


def page_lines(text: str, file: str) -> list[Line]:
    """The lines that are not empty, in order; InputError when there are more, or longer ones, than a story page has."""
    rows = strip_controls(text).split("\n")
    if len(rows) > _MAX_LINES:
        raise InputError(f"{len(rows)} lines: a story page has at most {_MAX_LINES}; paste one story", file=file)
    lines: list[Line] = []
    width = _wrap_width(rows)
    above = ""
    gap, bullet, indent = False, False, 0
    for number, row in enumerate(rows, 1):
        if len(row) > _MAX_LINE:
            raise InputError(f"a line of {len(row)} characters: at most {_MAX_LINE} are read", file=file, line=number)
        plain = row.strip()
        if _LONE_BULLET.fullmatch(plain):
            bullet = True
            continue
        if not any(map(str.isalnum, plain)):  # empty, or a drawn line: it says nothing
            gap = True
            continue
        line = _line(number, plain, bullet, gap)
        deeper = len(row) - len(row.lstrip()) >= indent + 2
        full = width is not None and _is_full(above, plain, width)
        above = row.rstrip()
        if lines and not line.bullet and not gap and _wrapped(lines[-1], line, deeper, full):
            lines[-1] = replace(lines[-1], text=f"{lines[-1].text} {line.text}")
        elif line.text:
            lines.append(line)
            indent = len(row) - len(row.lstrip())
        gap, bullet = False, False
    return [replace(line, text=tidy(line.text)) for line in lines]


def _line(number: int, plain: str, bullet: bool, gap: bool) -> Line:
    bare = _HEADING.sub("", plain)
    mark = _BULLET.match(bare)
    return Line(number, single_line(bare[mark.end() :] if mark else bare), bullet or mark is not None, gap)


def _wrapped(before: Line, line: Line, deeper: bool, full: bool) -> bool:
    """Whether a line is the rest of the one before.

    It is when it is indented under a bullet; when it goes on in lower case; and, on a page of wrapped lines, when its
    first word would not have fitted above. A line that ends a sentence is left alone: more running text follows anyway.
    """
    if before.bullet and deeper:
        return True
    open_end = len(before.text) >= _WRAPPED_FROM and not _ENDS_SENTENCE.search(before.text)
    if open_end and full:
        return True
    return open_end and _CONTINUES.match(line.text) is not None


def _wrap_width(rows: Sequence[str]) -> int | None:
    """The width at which a program has wrapped the whole page, 50 to 120 characters; None when none has."""
    width = max((len(row.rstrip()) for row in rows), default=0)
    if not 50 <= width <= 120:
        return None
    full = [above for above, row in pairwise(rows) if row.strip() and _is_full(above.rstrip(), row.strip(), width)]
    broken = [row for row in full if not _ENDS_SENTENCE.search(row.rstrip())]
    return width if len(full) >= 6 and 2 * len(broken) > len(full) else None


def _is_full(above: str, row: str, width: int) -> bool:
    """Whether the first word of a row would not have fitted on the one above it."""
    return len(above) + 1 + len(row.split(maxsplit=1)[0]) > width
