"""A pasted page as lines: tidied, numbered, wrapped ones joined, bullets seen. Pure (newsroom)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from digest.errors import InputError
from digest.newsroom.text import strip_controls, tidy

_MAX_LINES = 5_000
_MAX_LINE = 20_000
_BULLET = re.compile(r"(?:[•●◦▪■‣⁃∙·]\s*|[-*+–—]\s+|-(?=[A-Z“‘\"'`])|\d{1,2}[.)]\s+(?=[^\W\d_]))")
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
    gap, bullet = False, False
    for number, row in enumerate(rows, 1):
        if len(row) > _MAX_LINE:
            raise InputError(f"a line of {len(row)} characters: at most {_MAX_LINE} are read", file=file, line=number)
        plain = row.strip()
        if not plain:
            gap = True
            continue
        if _LONE_BULLET.fullmatch(plain):
            bullet = True
            continue
        line = _line(number, plain, bullet, gap)
        if lines and not line.bullet and not gap and _wrapped(lines[-1], line, row):
            lines[-1] = replace(lines[-1], text=tidy(f"{lines[-1].text} {line.text}"))
        elif line.text:
            lines.append(line)
        gap, bullet = False, False
    return lines


def _line(number: int, plain: str, bullet: bool, gap: bool) -> Line:
    mark = _BULLET.match(plain)
    return Line(number, tidy(plain[mark.end() :] if mark else plain), bullet or mark is not None, gap)


def _wrapped(before: Line, line: Line, row: str) -> bool:
    """Whether a line is the rest of the one before: indented under a bullet, or going on in lower case."""
    if before.bullet and row[:1].isspace() and len(row) - len(row.lstrip()) >= 2:
        return True
    open_end = len(before.text) >= _WRAPPED_FROM and not _ENDS_SENTENCE.search(before.text)
    return open_end and _CONTINUES.match(line.text) is not None
