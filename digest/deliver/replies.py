"""Replies: the bytes a server sends become replies, strictly in order, whatever the server sends. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.model import Outcome, Phase

LONGEST_LINE_BYTES = 8192  # RFC 5321 section 4.5.3.1.5 asks for 512; real servers stay far below this
LONGEST_REPLY_BYTES = 65536
LONGEST_TEXT = 500
_COMMON_BYTES = 512
_DOT = Phase.DOT

_LINE = re.compile(rb"([2-5][0-5][0-9])(?:([ -])(.*))?", re.DOTALL)  # RFC 5321 section 4.2
_ADDRESS = re.compile(r"<[^>]*>|\S+@\S+")
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?: |$)")  # RFC 2034


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `code` 0: what came was no reply at all; nothing after it can be trusted."""

    code: int
    enhanced: str | None
    text: str

    @property
    def garbled(self) -> bool:
        return self.code == 0

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    @property
    def refusal(self) -> bool:
        return self.code >= 400

    def outcome(self, phase: Phase) -> Outcome:
        """This reply as the outcome of a message. What does not belong into the phase is no answer at all."""
        code = self.code
        if code >= 400 or (phase is _DOT and 200 <= code < 300):
            return Outcome(phase, code, self.enhanced, self.text)
        shown = self.text if self.garbled else f"{self.code} {self.text}"
        return Outcome(phase=phase, text=f"not a reply to this: {shown}"[:LONGEST_TEXT])


class ReplyReader:
    """Cuts a byte stream into replies. Bounded: an endless line or reply is garbled, not stored.

    After a garbled reply the stream has no known position any more: everything later is dropped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._bytes = 0
        self._broken = False

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes, in order; a garbled one is the last ever."""
        if len(data) <= _COMMON_BYTES and data.endswith(b"\r\n") and not (self._rest or self._lines or self._broken):
            common = list(map(_common, data[:-2].split(b"\r\n")))
            if all(common):
                return common  # type: ignore[return-value]  # whole short replies, as nearly always
        if self._broken:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        replies: list[Reply] = []
        for line in lines:
            reply = self._take(line.removesuffix(b"\r"))
            if reply is not None:
                replies.append(reply)
                if self._broken:
                    return replies
        if len(self._rest) > LONGEST_LINE_BYTES:
            replies.append(self._garbled(self._rest))
        return replies

    def _take(self, line: bytes) -> Reply | None:
        self._bytes += len(line)
        matched = _LINE.fullmatch(line) if len(line) <= LONGEST_LINE_BYTES else None
        if matched is None or self._bytes > LONGEST_REPLY_BYTES:
            return self._garbled(line)
        code, more, text = matched.groups()
        if self._lines and self._lines[0][0] != code:
            return self._garbled(line)
        self._lines.append((code, text or b""))
        if more == b"-":
            return None
        reply = _reply_of(self._lines)
        self._lines, self._bytes = [], 0
        return reply

    def _garbled(self, line: bytes) -> Reply:
        self._broken = True
        self._rest = b""
        return Reply(0, None, printable(line))


@lru_cache(maxsize=512)
def _common(line: bytes) -> Reply | None:
    """A short reply of one line, of which a server says the same few all day; None for anything else."""
    matched = _LINE.fullmatch(line)
    if matched is None or matched.group(2) == b"-" or b"\n" in line:
        return None
    return _reply_of([(matched.group(1), matched.group(3) or b"")])


def _reply_of(lines: list[tuple[bytes, bytes]]) -> Reply:
    code = int(lines[0][0])
    texts = [printable(text) for _, text in lines]
    enhanced = _ENHANCED.match(texts[0])
    if enhanced is None or enhanced.group(1) != str(code)[0]:
        return Reply(code, None, " ".join(texts)[:LONGEST_TEXT])
    # Servers repeat the enhanced code on each line (RFC 2034 section 4); once is enough.
    status = ".".join(enhanced.groups())
    return Reply(code, status, " ".join(text.removeprefix(status).strip() for text in texts)[:LONGEST_TEXT])


def kind_of(reply: Reply) -> str:
    """What a server's replies to one command have in common: a code about addresses, or all but the addresses."""
    code = reply.enhanced or ""
    if code.startswith("2.1."):
        return code
    text = _ADDRESS.sub("<>", reply.text) if "@" in reply.text or "<" in reply.text else reply.text
    return f"{code} {text}"


def printable(text: bytes) -> str:
    """One printable line: no control, bidi or other unprintable character survives unescaped."""
    words = text[:LONGEST_LINE_BYTES].decode("utf-8", "backslashreplace")
    if words.isprintable():
        return words[:LONGEST_TEXT]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)
    return shown[:LONGEST_TEXT]
