"""An SMTP server that misbehaves on demand, and remembers the truth: what it really accepted.

Scripted per phase and recipient; runs in a thread of the tests, or by itself, for tests that kill processes:

    python tests/smtpd.py --script '{"rules": [{"phase": "rcpt", "match": "bad", "text": "550 5.1.1 nobody"}]}' \
        --journal accepted.jsonl        # prints its port, then serves until SIGTERM
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

EXTENSIONS = ("PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
_END_OF_DATA = b".\r\n"


@dataclass
class Rule:
    """What to do instead of behaving, in `phase`, for recipients (or command lines) in which `match` is found.

    Phases: greeting ehlo helo starttls auth mail rcpt data body dot bdat rset noop quit.
    `do`: "reply" `text`; "drop" (FIN) or "reset" (RST) the connection; "hang" (read on, never answer); "deaf"
    (neither read nor answer); "bytes" (send `text` as it is); "drip" (send `text` again and again, `every_s`);
    "late" (reply `text` after `every_s`, and go on); "tarpit" (read an octet `every_s`, never answer).
    `skip` matches are let pass first and at most `times` are acted on. `after` bytes of a body are read first.
    `accepted`: at dot or bdat, the message was accepted all the same. `close` the connection after replying.
    """

    phase: str
    do: str = "reply"
    text: str = ""
    match: str = ""
    skip: int = 0
    times: int = 1_000_000
    after: int = 0
    accepted: bool = False
    close: bool = False
    every_s: float = 0.01


@dataclass
class Script:
    """How the server behaves. `liar`: "pipelining" drops what arrives in one packet after a command's reply,
    "behind" only what comes behind a body, "chunking" refuses every BDAT,
    "reset" does nothing at RSET; `reply_delay_s` makes it far away."""

    rules: list[Rule] = field(default_factory=list)
    extensions: tuple[str, ...] = EXTENSIONS
    closes_after: int = 0  # messages per connection, then a silent close; 0: never
    max_connections: int = 0  # at the same time; more are greeted with 421
    users: dict[str, str] = field(default_factory=dict)
    methods: str = "PLAIN LOGIN XOAUTH2"  # of logging in, offered where there are users
    liar: str = ""
    reply_delay_s: float = 0

    @classmethod
    def from_json(cls, text: str) -> Script:
        values: dict[str, Any] = json.loads(text)
        rules = [Rule(**rule) for rule in values.pop("rules", [])]
        extensions = tuple(values.pop("extensions", EXTENSIONS))
        return cls(rules=rules, extensions=extensions, **values)


@dataclass(frozen=True)
class Accepted:
    """A message that the server took over: the truth that ledgers are compared with."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    data: bytes  # dots unstuffed
    wire: bytes  # as it came
    connection: int
    tls: bool


class _GoneError(Exception):
    """This conversation is over."""


class SmtpServer:
    """`with SmtpServer(Script(...)) as server:` serves on loopback at `server.port` in a thread of its own."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        port: int = 0,
        journal: Path | None = None,
    ) -> None:
        self.script = script or Script()
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.port = port
        self.accepted: list[Accepted] = []
        self.commands: list[tuple[int, str]] = []  # (connection, line)
        self.logins: list[tuple[str, str, bool]] = []  # (user, password, over TLS)
        self.late: list[str] = []  # replies given later than they were waited for
        self.drips = 0
        self.stray_bytes = 0  # said after a 354 that nobody's message was given
        self.connections = 0
        self.open_now = 0
        self.most_open = 0
        self.used = [0] * len(self.script.rules)
        self._journal = None if journal is None else os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        assert self._ready.wait(10), "the test server did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.join()

    def join(self) -> None:
        """Wait until it has stopped."""
        self._thread.join(10)

    def stop(self, before: Callable[[], None] = lambda: None) -> None:
        """`before` is done by the server's thread, in the turn before."""
        if self._loop is None or self._stop is None or self._loop.is_closed():
            return
        loop, stop = self._loop, self._stop

        def soon() -> None:
            before()
            loop.call_soon(stop.set)

        with suppress(RuntimeError):
            loop.call_soon_threadsafe(soon)

    async def serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(_Conversation(self, reader, writer).run())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        context = self.tls if self.implicit_tls else None
        server = await asyncio.start_server(welcome, "127.0.0.1", self.port, limit=2**20, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        await hang_up(server, tasks)
        if self._journal is not None:
            os.close(self._journal)

    def recipients(self) -> list[str]:
        """Who got a message, in the order of acceptance; somebody who got two stands there twice."""
        return [rcpt for message in self.accepted for rcpt in message.rcpt_to]

    def verbs(self, connection: int | None = None) -> list[str]:
        """The commands received, first words only."""
        return [line.split(" ")[0].upper() for at, line in self.commands if connection in {None, at}]

    def rule_for(self, phase: str, subject: str) -> Rule | None:
        for at, rule in enumerate(self.script.rules):
            if rule.phase == phase and re.search(rule.match, subject):
                self.used[at] += 1
                if rule.skip < self.used[at] <= rule.skip + rule.times:
                    return rule
        return None

    def accept(self, message: Accepted) -> None:
        """On the record before the reply leaves: what is replied to was accepted."""
        self.accepted.append(message)
        if self._journal is not None:
            found = re.search(rb"^Message-ID:\s*(\S+)", message.data, re.IGNORECASE | re.MULTILINE)
            record = {
                "rcpt_to": list(message.rcpt_to),
                "message_id": found.group(1).decode() if found else None,
                "sha256": hashlib.sha256(message.data).hexdigest(),
            }
            os.write(self._journal, json.dumps(record).encode() + b"\n")


async def hang_up(server: asyncio.Server, tasks: set[asyncio.Task[None]]) -> None:
    """Stop listening, cancel the tasks and abort every connection of this loop, until there is none.

    A connection may be on its way in, or in the middle of a TLS handshake: then no task and no writer knows it yet, and
    the loop would end with it open. Only the loop knows them all. The server is closed last: asyncio drops what it has
    just taken in for a closed one, and leaves it open.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener)
    for _ in range(20):
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for transport in list(loop._transports.values()):  # type: ignore[attr-defined]
            transport.abort()
        await asyncio.sleep(0)
    server.close()


class _Conversation:
    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.script = server, server.script
        self.reader, self.writer = reader, writer
        server.connections += 1
        self.number = server.connections
        self.secure = server.implicit_tls
        self.messages = 0
        self.sender = ""
        self.tried = ""
        self.rcpts: list[str] = []
        self.chunks = bytearray()

    async def run(self) -> None:
        self.server.open_now += 1
        self.server.most_open = max(self.server.most_open, self.server.open_now)
        try:
            await self.talk()
        except (_GoneError, OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            self.server.open_now -= 1
            self.writer.transport.abort()

    async def talk(self) -> None:
        if self.script.max_connections and self.server.open_now > self.script.max_connections:
            await self.say("421 4.7.0 too many connections")
            raise _GoneError
        await self.reply("greeting", "", "220 smtpd.test ESMTP")
        while line := await self.reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self.server.commands.append((self.number, text))
            await self.command(text)
            if self.script.liar == "pipelining" or (self.script.liar == "behind" and text.upper() == "DATA"):
                self.reader._buffer.clear()  # type: ignore[attr-defined]

    async def command(self, line: str) -> None:
        verb = line.split(" ", maxsplit=1)[0].upper()
        handler = getattr(self, f"on_{verb.lower()}", None)
        if handler is None:
            await self.say("500 5.5.1 unknown command")
        else:
            await handler(line)

    # ── replies, good and bad ────────────────────────────────────────────────────────────────────

    async def say(self, text: str) -> None:
        if self.script.reply_delay_s:
            await asyncio.sleep(self.script.reply_delay_s)
        self.writer.write(text.encode("utf-8", "surrogateescape") + b"\r\n")
        await self.writer.drain()

    async def reply(self, phase: str, subject: str, good: str) -> bool:
        """Answer as the script says; True when the answer was a good one."""
        rule = self.server.rule_for(phase, subject)
        if rule is None:
            await self.say(good)
            return good[:1] in {"2", "3"}
        await self.misbehave(rule)
        return rule.text[:1] in {"2", "3"}

    async def misbehave(self, rule: Rule) -> None:
        match rule.do:
            case "reply":
                await self.say(rule.text)
            case "bytes":
                self.writer.write(rule.text.encode("latin-1"))
                await self.writer.drain()
            case "drip":
                while True:
                    self.server.drips += 1
                    self.writer.write(rule.text.encode("latin-1"))
                    await self.writer.drain()
                    await asyncio.sleep(rule.every_s)
            case "late":
                await asyncio.sleep(rule.every_s)
                self.server.late.append(rule.text)
                await self.say(rule.text)
            case "tarpit":
                self.reader._limit = 1  # type: ignore[attr-defined]  # takes no more from the kernel than it has room for
                while await self.reader.read(1):
                    await asyncio.sleep(rule.every_s)
            case "hang":
                while await self.reader.read(65536):
                    pass
            case "deaf":
                self.writer.transport.pause_reading()  # type: ignore[attr-defined]
                await asyncio.Event().wait()
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                raise _GoneError
            case "drop":
                raise _GoneError
            case other:
                raise AssertionError(f"no such misbehaviour: {other}")
        if rule.close:
            raise _GoneError

    # ── commands ─────────────────────────────────────────────────────────────────────────────────

    async def on_ehlo(self, line: str) -> None:
        offered = [*self.script.extensions]
        if self.server.tls is not None and not self.secure:
            offered.append("STARTTLS")
        if self.script.users:
            offered.append(f"AUTH {self.script.methods}")
        lines = ["smtpd.test", *offered]
        good = "\r\n".join([f"250-{each}" for each in lines[:-1]] + [f"250 {lines[-1]}"])
        await self.reply("ehlo", line, good)

    async def on_helo(self, line: str) -> None:
        await self.reply("helo", line, "250 smtpd.test")

    async def on_starttls(self, line: str) -> None:
        if await self.reply("starttls", line, "220 go ahead"):
            assert self.server.tls is not None
            await self.writer.start_tls(self.server.tls)
            self.secure = True

    async def on_auth(self, line: str) -> None:
        _, method, *first = line.split(" ")
        if method.upper() not in self.script.methods.split():
            await self.say("504 5.5.4 no such method")
            return
        if method.upper() == "LOGIN":
            user = first[0] if first else await self.ask("VXNlcm5hbWU6")
            credentials = (_decoded(user), _decoded(await self.ask("UGFzc3dvcmQ6")))
        else:
            answer = _decoded(first[0] if first else await self.ask(""))
            credentials = _credentials(method.upper(), answer)
        self.server.logins.append((*credentials, self.secure))
        known = self.script.users.get(credentials[0]) == credentials[1]
        if method.upper() == "XOAUTH2" and not known:
            await self.ask("eyJzdGF0dXMiOiI0MDAifQ==")  # says why, in JSON, and waits for an empty line
        await self.reply("auth", line, "235 2.7.0 welcome" if known else "535 5.7.8 wrong user or password")

    async def ask(self, challenge: str) -> str:
        await self.say(f"334 {challenge}")
        answer = await self.reader.readline()
        if not answer:
            raise _GoneError  # called off in mid-log-in
        return answer.decode().strip()

    async def on_mail(self, line: str) -> None:
        if self.sender:
            await self.say("503 5.5.1 nested MAIL")
            return
        self.rcpts, self.chunks = [], bytearray()
        self.sender = line if await self.reply("mail", line, "250 2.1.0 ok") else ""

    async def on_rcpt(self, line: str) -> None:
        if not self.sender:
            await self.say("503 5.5.1 need MAIL first")
            return
        self.tried = _address(line)
        if await self.reply("rcpt", line, "250 2.1.5 ok"):
            self.rcpts.append(_address(line))

    async def on_data(self, line: str) -> None:
        if not self.rcpts:
            # RFC 2920 section 3.1 lets a server ask for the body of nobody's message; a script may have it so.
            if await self.reply("data", self.tried, "554 5.5.1 no valid recipients"):
                self.server.stray_bytes += len(await self.reader.readline())
        elif await self.reply("data", self.rcpts[0], "354 go on"):
            body = await self.read_body()
            await self.take_over("dot", body.replace(b"\r\n..", b"\r\n.").removeprefix(b"."), body)

    async def read_body(self) -> bytes:
        rule = self.server.rule_for("body", self.rcpts[0])
        if rule is not None:
            await self.reader.readexactly(rule.after)
            await self.misbehave(rule)
        lines = []
        while (line := await self.reader.readline()) != _END_OF_DATA:
            if not line:
                raise _GoneError
            lines.append(line)
        return b"".join(lines)

    async def on_bdat(self, line: str) -> None:
        words = line.upper().split(" ")
        if self.script.liar == "chunking":
            await self.say("500 5.5.1 unknown command")
            return
        chunk = await self.reader.readexactly(int(words[1]))
        if not self.rcpts:
            await self.say("503 5.5.1 no valid recipients")
            return
        self.chunks += chunk
        if words[-1] == "LAST":
            await self.take_over("bdat", bytes(self.chunks), bytes(self.chunks))
        else:
            await self.say("250 2.0.0 chunk taken")

    async def take_over(self, phase: str, data: bytes, wire: bytes) -> None:
        rule = self.server.rule_for(phase, self.rcpts[0])
        if rule is None or rule.accepted or (rule.do == "reply" and rule.text.startswith("2")):
            rcpts = tuple(self.rcpts)
            self.server.accept(Accepted(_address(self.sender), rcpts, data, wire, self.number, self.secure))
        self.sender, self.rcpts, self.chunks = "", [], bytearray()
        self.messages += 1
        if rule is None:
            await self.say("250 2.0.0 queued")
        else:
            await self.misbehave(rule)
        if self.messages == self.script.closes_after:
            raise _GoneError

    async def on_rset(self, line: str) -> None:
        if self.script.liar != "reset":
            self.sender, self.rcpts, self.chunks = "", [], bytearray()
        await self.reply("rset", line, "250 2.0.0 ok")

    async def on_noop(self, line: str) -> None:
        await self.reply("noop", line, "250 2.0.0 ok")

    async def on_quit(self, line: str) -> None:
        await self.reply("quit", line, "221 2.0.0 bye")
        raise _GoneError


def _address(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()


def _credentials(method: str, answer: str) -> tuple[str, str]:
    if method == "PLAIN":
        _, user, password = answer.split("\0")
        return user, password
    user, bearer = answer.split("\x01")[:2]
    return user.removeprefix("user="), bearer.removeprefix("auth=Bearer ")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--script", default="{}")
    arguments.add_argument("--journal", type=Path)
    given = arguments.parse_args()
    server = SmtpServer(Script.from_json(given.script), port=given.port, journal=given.journal)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
