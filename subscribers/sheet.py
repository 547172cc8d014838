"""A CSV file read row by row, in bounded memory, whatever its encoding and delimiter. One bad row never costs the next.

Rows are counted as an editor shows them: physical lines from 1. A row that cannot be read comes out as a fault in its
place: too long, NUL in it, unreadable characters, or a quotation mark that is never closed (then reading goes on with
the line after it, and does not swallow the rest of the file).
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from subscribers.decoding import Decoding, detect
from subscribers.errors import ImportProblem, shorten

MAX_LINE = 65_536  # characters; a row of a subscriber list has some hundreds
MAX_LINES_OF_A_ROW = 50
DELIMITERS = ",;\t|"

_SEP_LINE = re.compile(r"sep=([,;|\t])\s*", re.IGNORECASE)


class Line(NamedTuple):
    number: int
    text: str
    fault: str


class Record(NamedTuple):
    """One row: its cells, or (when `fault` is not empty) why it could not be read."""

    row: int
    cells: list[str]
    fault: str


class Sheet:
    """An opened CSV file. Ask for `header()` once, then iterate `records()` once.

    `notices` fills while reading: sentences for the person who imports.
    """

    def __init__(self, stream: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        """Looks at the first 64 KiB. Raises ImportProblem for what is no CSV, or for an unknown encoding."""
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise ImportProblem(f"delimiter: {shorten(delimiter)!r}: one character is wanted, for example ';'")
        self._decoding = detect(stream, encoding)
        self._lines = _lines(self._decoding)
        self._again: deque[Line] = deque()
        self.encoding = self._decoding.name
        self.delimiter = delimiter or ""

    @property
    def notices(self) -> list[str]:
        """What a person should know about how the file was read."""
        return self._decoding.notices()

    def header(self) -> Record | None:
        """The first row that is not blank; None for an empty file. Raises ImportProblem when it cannot be read."""
        for line in self._lines:
            said = _SEP_LINE.fullmatch(line.text)
            if said and line.number == 1:
                self.delimiter = self.delimiter or said[1]
            elif line.text.strip():
                self.delimiter = self.delimiter or _sniff(line.text)
                record = self._record(line, frozenset())
                if record.fault:
                    raise ImportProblem(f"row {record.row}: {record.fault}: names of columns or addresses are wanted")
                return record
        return None

    def records(self, on_one_line: Collection[int]) -> Iterator[Record]:
        """All further rows that are not blank. Cells of the columns `on_one_line` must not hold a line break."""
        while line := self._next():
            if line.fault:
                yield Record(line.number, [], line.fault)
            elif '"' not in line.text:
                if line.text.strip():
                    yield Record(line.number, line.text.split(self.delimiter), "")
            else:
                yield self._record(line, on_one_line)

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: Line, on_one_line: Collection[int]) -> Record:
        """The row that begins with this line; takes more lines while a quotation mark is open."""
        if first.fault:
            return Record(first.number, [], first.fault)
        lines = [first]
        cells, fault = self._parse(first.text)
        while fault == _OPEN and len(lines) < MAX_LINES_OF_A_ROW and (more := self._next()):
            lines.append(more)
            if '"' in more.text and not more.fault:
                cells, fault = self._parse("\n".join(line.text for line in lines))
        if not fault and any("\n" in cells[column] for column in on_one_line if column < len(cells)):
            fault = _OPEN
        if fault:
            # The lines that were taken on trust are rows of their own.
            self._again.extendleft(reversed(lines[1:]))
            return Record(first.number, [], fault)
        return Record(first.number, cells, "")

    def _parse(self, text: str) -> tuple[list[str], str]:
        if len(text) > MAX_LINE:
            return [], _TOO_LONG
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True, skipinitialspace=True)), ""
        except csv.Error as error:
            return [], _OPEN if "unexpected end" in str(error) else _AFTER_QUOTE


_OPEN = "a quotation mark is opened and not closed in this row"
_AFTER_QUOTE = "text after a closing quotation mark; write quotation marks inside a cell twice"
_TOO_LONG = f"longer than {MAX_LINE} characters"
_NUL = "a NUL byte is in it"
_UNREADABLE = "characters that cannot be read in this encoding"


def _lines(decoding: Decoding) -> Iterator[Line]:
    number = 0
    reader = decoding.text
    while text := reader.readline(MAX_LINE + 1):
        number += 1
        fault = ""
        if len(text) > MAX_LINE and not text.endswith("\n"):
            fault, text = _TOO_LONG, ""
            _skip_to_next_line(reader)
        elif not text.isascii():
            text = decoding.repair(text, number)
            fault = _UNREADABLE if "\ufffd" in text else ""
        if "\0" in text:
            fault = _NUL
        yield Line(number, text.rstrip("\n"), fault)


def _skip_to_next_line(reader: io.TextIOWrapper) -> None:
    while (text := reader.readline(MAX_LINE)) and not text.endswith("\n"):
        pass


def _sniff(line: str) -> str:
    """The delimiter that cuts the first row into most cells; a comma when none does."""

    def cells(delimiter: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)
