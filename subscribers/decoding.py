"""Bytes of a file → text, by looking at its beginning: marks, UTF-8, UTF-16, else Windows-1252, which is told."""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, BinaryIO

from subscribers.errors import ImportProblem, shorten

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SAMPLE_BYTES = 65_536

_MARKS = (  # longest first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_ESCAPED = re.compile("[\udc80-\udcff]+")


class Decoding:
    """A byte stream as text. `repair` must see every line that is not ASCII."""

    def __init__(self, stream: BinaryIO, head: bytes, name: str, *, fallback: bool) -> None:
        self.name = name
        self._fallback = fallback
        self._repaired_from = 0
        self._repaired = 0
        # Bytes that are not UTF-8 travel as lone surrogates until `repair` reads them as Windows-1252.
        errors = "surrogateescape" if fallback else "replace"
        self.text = io.TextIOWrapper(io.BufferedReader(_Replayed(head, stream)), encoding=name, errors=errors)

    def repair(self, line: str, number: int) -> str:
        """The line with its bytes that are not UTF-8 read as Windows-1252; what is neither becomes U+FFFD."""
        if not self._fallback or not _ESCAPED.search(line):
            return line
        self._repaired += 1
        self._repaired_from = self._repaired_from or number
        return _ESCAPED.sub(_as_windows_1252, line)

    def notices(self) -> list[str]:
        """What to tell about the encoding so far."""
        if not self._repaired:
            return []
        rows = "1 row is" if self._repaired == 1 else f"{self._repaired} rows are"
        return [f"{rows} not UTF-8, the first is row {self._repaired_from}: read as Windows-1252; check the names"]


def detect(stream: BinaryIO, encoding: str | None) -> Decoding:
    """Open a stream with this encoding, or (None) the one it seems to have. Raises ImportProblem."""
    head = stream.read(SAMPLE_BYTES)
    if head.startswith(_OFFICE):
        raise ImportProblem("a spreadsheet file: text is wanted; save it as CSV (UTF-8) first")
    if encoding is None:
        name = _by_look(head)
        return Decoding(stream, head, name, fallback=name in ("utf-8", "utf-8-sig"))
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, UnicodeError):
        raise ImportProblem(f"encoding: {shorten(encoding)!r}: unknown; write for example utf-8 or cp1252") from None
    return Decoding(stream, head, "utf-8-sig" if name == "utf-8" else name, fallback=False)


def _by_look(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    # Every second byte of western text in UTF-16 is zero. A stray NUL in a UTF-8 file is not that many.
    half = max(len(head) // 2, 1)
    if head[1::2].count(0) > half * 0.4 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.4 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return "utf-8"


def _as_windows_1252(found: re.Match[str]) -> str:
    return found[0].encode("ascii", "surrogateescape").decode("cp1252", "replace")


class _Replayed(io.RawIOBase):
    """The bytes already looked at, then the rest of the stream, which stays the caller's and open."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._head[: len(view)] or self._stream.read(len(view))
        self._head = self._head[len(data) :] if self._head else b""
        view[: len(data)] = data
        return len(data)
