"""The sink in Python: the same options, counters and misbehaviour as `sink.c`, for machines without a C compiler and
for TLS (-t CERTIFICATE: PEM with chain and key, from the first byte). A program of its own: `sink.py` starts it."""

from __future__ import annotations

import argparse
import asyncio
import mmap
import re
import signal
import ssl
import struct
import sys
import time
from collections import deque
from pathlib import Path
from typing import IO

_NAMES = ("messages", "octets", "connections", "refused", "dropped", "commands")
_CLOCKS = ("first_connection_ns", "first_message_ns", "last_message_ns")
_LAYOUT = struct.Struct("=9Q")
_SIZE = re.compile(rb" SIZE=(\d+)", re.IGNORECASE)
_RECIPIENT = re.compile(rb"<([^>]*)>")


class Books:
    """The counters, kept in a file that others read while we write."""

    def __init__(self, path: str | None, log: str | None, clock_from: int) -> None:
        self._clock_from = clock_from
        self._seen = dict.fromkeys((*_NAMES, *_CLOCKS), 0)
        self._view: mmap.mmap | None = None
        self.log: IO[str] | None = Path(log).open("w", encoding="utf-8") if log else None  # noqa: SIM115
        if path:
            Path(path).write_bytes(bytes(_LAYOUT.size))
            with Path(path).open("r+b") as file:
                self._view = mmap.mmap(file.fileno(), _LAYOUT.size)

    def count(self, name: str, by: int = 1) -> None:
        self._seen[name] += by
        self._show()

    def note_connection(self) -> None:
        self._seen["first_connection_ns"] = self._seen["first_connection_ns"] or time.monotonic_ns()
        self.count("connections")

    def note_message(self) -> None:
        now = self._seen["last_message_ns"] = time.monotonic_ns()
        if self._seen["messages"] + 1 == self._clock_from:
            self._seen["first_message_ns"] = now
        self.count("messages")

    def _show(self) -> None:
        if self._view is not None:
            self._view[:] = _LAYOUT.pack(*self._seen.values())


class Peer(asyncio.Protocol):
    """One connection."""

    def __init__(self, options: argparse.Namespace, books: Books) -> None:
        self._options = options
        self._books = books
        self._loop = asyncio.get_running_loop()
        self._input = bytearray()
        self._replies: list[bytes] = []
        self._late: deque[tuple[bytes, bool]] = deque()
        self._leaving = False
        self._in_data = False
        self._chunk_left = -1
        self._is_last_chunk = False
        self._searched = 0
        self._forget()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._books.note_connection()
        self._say("220 sink.example ESMTP")
        self._answer()

    def data_received(self, data: bytes) -> None:
        self._input += data
        while not self._leaving and self._step():
            pass
        self._answer()

    def _step(self) -> bool:
        """Do one thing with what was read; False when more is wanted."""
        if self._in_data:
            return self._read_data()
        if self._chunk_left >= 0:
            return self._read_chunk()
        end = self._input.find(b"\n")
        if end < 0:
            return False
        line = bytes(self._input[: end + 1]).rstrip(b"\r\n")
        del self._input[: end + 1]
        self._obey(line)
        return True

    # ── replies ──────────────────────────────────────────────────────────────────────────────────

    def _say(self, text: str) -> None:
        self._replies.append(f"{text}\r\n".encode())

    def _answer(self) -> None:
        if not self._replies and not self._leaving:
            return
        self._late.append((b"".join(self._replies), self._leaving))
        self._replies.clear()
        if self._options.d:
            self._loop.call_later(self._options.d / 1e6, self._answer_now)
        else:
            self._answer_now()

    def _answer_now(self) -> None:
        said, leaving = self._late.popleft()
        if not self._transport.is_closing():
            self._transport.write(said)
            if leaving:
                self._transport.close()

    # ── commands ─────────────────────────────────────────────────────────────────────────────────

    def _obey(self, line: bytes) -> None:
        self._books.count("commands")
        verb = line[:4].upper()
        if verb == b"MAIL":
            self._begin_mail(line)
        elif verb == b"RCPT":
            self._take_recipient(line)
        elif verb == b"DATA":
            self._begin_data()
        elif verb == b"BDAT" and not self._options.C:
            size, _, last = line[5:].partition(b" ")
            self._chunk_left, self._is_last_chunk = int(size), last.upper() == b"LAST"
        elif verb == b"EHLO":
            self._greet()
        elif verb == b"QUIT":
            self._leaving = True
            self._say("221 2.0.0 goodbye")
        elif verb in {b"HELO", b"RSET", b"NOOP"}:
            if verb == b"RSET":
                self._forget()
            self._say("250 2.0.0 ok")
        else:
            self._say("500 5.5.2 not a command of mine")

    def _greet(self) -> None:
        flags = self._options
        offers = {"PIPELINING": flags.P, "CHUNKING": flags.C, "8BITMIME": flags.ascii_only, "SMTPUTF8": flags.U}
        self._forget()
        for word in ["sink.example", *(word for word, missing in offers.items() if not missing), f"SIZE {flags.z}"]:
            self._say(f"250-{word}")
        self._say("250 ENHANCEDSTATUSCODES")

    def _forget(self) -> None:
        self._has_mail = self._is_refused = self._is_dropped = False
        self._recipient = ""
        self._octets = 0

    def _begin_mail(self, line: bytes) -> None:
        if self._has_mail:
            self._say("503 5.5.1 one at a time")
            return
        size = _SIZE.search(line)
        if size and int(size[1]) > self._options.z:
            self._books.count("refused")
            self._say("552 5.3.4 too big")
            return
        self._forget()
        self._has_mail = True
        self._say("250 2.1.0 ok")

    def _take_recipient(self, line: bytes) -> None:
        found = _RECIPIENT.search(line)
        if found is None or not self._has_mail:
            self._say("503 5.5.1 MAIL first, then RCPT TO:<address>")
            return
        name = found[1].decode("utf-8", "replace")
        for word, said in (("reject", "550 5.1.1 no such person"), ("defer", "451 4.2.0 another time"),
                           ("close", "421 4.3.2 closing")):  # fmt: skip
            if name.startswith(word):
                self._books.count("refused")
                self._leaving = word == "close"
                self._say(said)
                return
        self._recipient = name
        self._is_refused |= name.startswith("refuse")
        self._is_dropped |= name.startswith("drop")
        self._say("250 2.1.5 ok")

    # ── bodies ───────────────────────────────────────────────────────────────────────────────────

    def _begin_data(self) -> None:
        if not self._recipient:
            self._say("503 5.5.1 RCPT first")
            return
        self._in_data, self._searched = True, 0
        self._input[:0] = b"\r\n"  # so that the end is found in an empty message too
        self._say("354 go on")

    def _read_data(self) -> bool:
        end = self._input.find(b"\r\n.\r\n", self._searched)
        if end < 0:
            self._searched = max(0, len(self._input) - 4)
            return False
        self._octets = end
        del self._input[: end + 5]
        self._in_data = False
        self._end_message()
        return True

    def _read_chunk(self) -> bool:
        taken = min(len(self._input), self._chunk_left)
        del self._input[:taken]
        self._octets += taken
        self._chunk_left -= taken
        if self._chunk_left:
            return False
        self._chunk_left = -1
        if not self._recipient:
            self._forget()
            self._say("503 5.5.1 RCPT first")
        elif self._is_last_chunk:
            self._end_message()
        else:
            self._say("250 2.0.0 chunk taken")
        return True

    def _end_message(self) -> None:
        books = self._books
        if self._is_dropped:
            books.count("dropped")
            self._leaving = True
        elif self._is_refused or self._octets > self._options.z:
            books.count("refused")
            self._say("554 5.6.0 refused as it was asked for" if self._is_refused else "552 5.3.4 too big")
        else:
            books.note_message()
            books.count("octets", self._octets)
            if books.log:
                books.log.write(f"{self._recipient}\t{self._octets}\n")
            self._say("250 2.0.0 taken")
        self._forget()


async def serve(options: argparse.Namespace, books: Books) -> None:
    """Until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    tls = None
    if options.t:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.t)
    server = await loop.create_server(lambda: Peer(options, books), "127.0.0.1", options.p, ssl=tls, backlog=1024)
    print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    server.close()
    if books.log:
        books.log.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for flag, default in (("-p", 0), ("-d", 0), ("-z", 50 << 20), ("-w", 1)):
        parser.add_argument(flag, type=int, default=default)
    for flag in ("-s", "-l", "-t"):
        parser.add_argument(flag)
    for flag in ("-P", "-C", "-U"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-8", dest="ascii_only", action="store_true")
    options = parser.parse_args(sys.argv[1:])
    asyncio.run(serve(options, Books(options.s, options.l, options.w)))


if __name__ == "__main__":
    main()
