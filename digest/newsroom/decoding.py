"""Bytes of an editor's file as text, whatever program saved them. Pure (newsroom)."""

from __future__ import annotations

import codecs

from digest.errors import InputError
from digest.model import Notice
from digest.newsroom.parsed import MAX_BYTES
from digest.newsroom.text import cut, hides, single_line

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(data: bytes, file: str) -> tuple[str, list[Notice]]:
    """The text, and notices where a guess was needed or something invisible will be left out.

    UTF-8 with or without a byte-order mark, UTF-16 with one, else Windows-1252. Raises InputError for files over
    1 MB and for what is no text.
    """
    if len(data) > MAX_BYTES:
        raise InputError("larger than 1 MB: no story is that long; keep one story to a file", file=file)
    text, notices = _decoded(data, file)
    if "\0" in text:
        raise InputError("not a text file; save the story as plain text in UTF-8", file=file)
    for number, line in enumerate(text.splitlines(), 1):
        if hides(line):
            notices.append(Notice(number, cut(single_line(line), 200), "invisible control characters left out"))
    return text, notices[:50]


def _decoded(data: bytes, file: str) -> tuple[str, list[Notice]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), []
            except UnicodeDecodeError:
                raise InputError("not readable as the encoding it names; save it as UTF-8", file=file) from None
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _windows(data, data.count(b"\n", 0, error.start) + 1, file)


def _windows(data: bytes, line: int, file: str) -> tuple[str, list[Notice]]:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError("not a text in UTF-8; save it as UTF-8", file=file, line=line) from None
    shown = text.split("\n")[line - 1]
    return text, [Notice(line, cut(single_line(shown), 200), "not UTF-8: read as Windows-1252; check the accents")]
