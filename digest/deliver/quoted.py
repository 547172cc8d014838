"""Quoted-printable with holes: text to the bytes of a MIME part, encoded once per edition (RFC 2045 section 6.7). Pure.

Three rules make the result worth signing and sending as it is:

- every hole stands on physical lines of its own, so a value's encoding never depends on its surroundings;
- no line begins with a dot, a blank or "From ", so neither SMTP dot-stuffing nor mbox quoting changes a byte;
- no blank is repeated or ends a line and there are no tabs, so the body *is* its own DKIM relaxed form
  (RFC 6376 section 3.4.4).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

from digest.marks import Hole

LINE_OCTETS = 75  # RFC 2045 allows 76, the "=" of a soft line break included
SOFT_BREAK = b"=\r\n"

_PLAIN_VALUE = re.compile(r"(?!\.|From )[!-<>-~]+(?: [!-<>-~]+)*")
_PLAIN_IN_HTML_TOO = re.compile(r"(?!\.|From )[!#-%(-;?-~]+(?: [!#-%(-;?-~]+)*")
_NEEDS_CARE = re.compile(rb"[. ]|From |.*(?:\t|  | \Z)", re.DOTALL)
_BLANKS = re.compile(rb" {2,}| $")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = tuple(bytes([byte]) if 32 <= byte < 127 and byte != 0x3D else b"=%02X" % byte for byte in range(256))


def quote_part(pieces: Sequence[str | Hole]) -> list[bytes | Hole]:
    """Encode the pieces of one part: fixed bytes and holes, in the order given.

    A hole's value (`quote_value`) goes between its neighbours as it is, an empty one too. Line ends of
    any kind become CRLF, which is how text travels; NUL is left out; all else comes back exactly.
    """
    kept = [piece if isinstance(piece, Hole) else piece.replace("\0", "") for piece in pieces if piece != ""]
    kept = [piece for piece in kept if piece != ""]
    out: list[bytes | Hole] = []
    for at, piece in enumerate(kept):
        after_hole = at > 0 and isinstance(kept[at - 1], Hole)
        if isinstance(piece, str):
            before_hole = at + 1 < len(kept) and isinstance(kept[at + 1], Hole)
            out.append(_quote_fixed(piece, after_hole=after_hole, before_hole=before_hole))
        else:
            out += [SOFT_BREAK, piece] if after_hole else [piece]
    return out


def quote_value(value: str) -> bytes:
    """Encode what stands in a hole: whole physical lines, the last one without its line break.

    A line break inside a value is data (`=0A`), for a value is one line of text.
    """
    if len(value) <= LINE_OCTETS and _PLAIN_VALUE.fullmatch(value):
        return value.encode("ascii")
    data = _utf8(value)
    if len(data) * 3 <= LINE_OCTETS and _NEEDS_CARE.match(data) is None:
        return binascii.b2a_qp(data, istext=False)  # what is done below, in a fifth of the time
    return SOFT_BREAK.join(_wrap(_escape(value)))


def plain_value(value: str) -> bytes | None:
    """A value that stands for itself in a hole of any context, as most do; None when it has to be cleaned, escaped or
    quoted first."""
    return value.encode("ascii") if len(value) <= LINE_OCTETS and _PLAIN_IN_HTML_TOO.fullmatch(value) else None


def _quote_fixed(text: str, *, after_hole: bool, before_hole: bool) -> bytes:
    """Encode fixed text. The line of a hole is closed before it and opened after it, unless the text does so."""
    lines = _LINE_END.split(text)
    body = b"\r\n".join(SOFT_BREAK.join(_wrap(_escape(line))) for line in lines)
    opened = SOFT_BREAK if after_hole and lines[0] else b""
    closed = SOFT_BREAK if before_hole and lines[-1] else b""
    return opened + body + closed


def _escape(line: str) -> bytes:
    """One line of text with every byte escaped that may not stand for itself, blanks at the end included."""
    data = b"".join(map(_ESCAPED.__getitem__, _utf8(line)))
    if b"  " in data or data.endswith(b" "):
        return _BLANKS.sub(lambda found: b"=20" * len(found[0]), data)
    return data


def _utf8(line: str) -> bytes:
    try:
        return line.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", line).encode("utf-8")


def _wrap(line: bytes) -> list[bytes]:
    """Cut an escaped line into physical lines of at most LINE_OCTETS, never inside an escape."""
    physical: list[bytes] = []
    at = 0
    while True:
        head, skipped = _line_start(line, at)
        room = LINE_OCTETS - len(head)
        at += skipped
        if len(line) - at <= room:
            physical.append(head + line[at:])
            return physical
        end = at + room
        # "=XX" that would straddle the cut moves to the next line as a whole
        escape = line.rfind(b"=", max(at, end - 2), end)
        cut = escape if escape > at else end
        physical.append(head + line[at:cut])
        at = cut


def _line_start(line: bytes, at: int) -> tuple[bytes, int]:
    """What a physical line begins with in place of the first `n` bytes at `at`: ("", 0) when nothing is in the way."""
    first = line[at : at + 1]
    if first == b".":
        return b"=2E", 1
    if first == b" ":
        return b"=20", 1
    if line.startswith(b"From ", at):
        return b"=46", 1
    return b"", 0
