"""The mailbox: a local SMTP server that keeps every mail it gets as an .eml file, to try things out. Edge: aiosmtpd.

    with Mailbox(Path("mailbox"), port=1025) as box:
        ...
        box.listing(limit=100)

It listens on loopback only, relays nothing, and keeps each mail byte for byte as it came, so that signatures
still verify. Files are named by number and recipient: `000001-ada@example.org.eml`.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import os
import re
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.deliver.headers import clean
from digest.errors import UsageError

HOST = "127.0.0.1"
LARGEST_MAIL_BYTES = 32 << 20
LARGEST_FOLDER_BYTES = 2 << 30

_FILE = re.compile(r"(\d{6,12})-(.*)\.eml", re.DOTALL)
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9.@+_=\-]")
_HEAD_BYTES = 16 << 10  # where the headers of a listing are read; longer ones are shown as far as they go

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """One kept mail. `sender` and `subject` are decoded for people's eyes and come from outside: escape them."""

    number: int
    recipient: str
    sender: str
    subject: str
    received: datetime
    size_bytes: int
    file: Path


class Mailbox:
    """The server, run in a thread of its own. `port` 0 picks a free one; `port` says which after `start`.

    When the folder holds `largest_folder_bytes`, mails are put off with 452 and nothing kept is lost.
    """

    def __init__(self, folder: Path, *, port: int = 1025, largest_folder_bytes: int = LARGEST_FOLDER_BYTES) -> None:
        self.folder = folder
        self.port = port
        self._largest_folder_bytes = largest_folder_bytes
        self._last_number = 0
        self._folder_bytes = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def start(self) -> None:
        """Listen; returns once mails are taken. Raises UsageError for a folder or port that cannot be used."""
        self._open_folder()
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="mailbox", daemon=True)
        self._thread.start()
        self.port = ready.result()

    def stop(self) -> None:
        """Stop listening and drop open connections; what was answered with 250 is on disk. Harmless twice."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # ── what is kept ─────────────────────────────────────────────────────────────────────────────

    def listing(self, *, limit: int = 100, before: int | None = None) -> list[KeptMail]:
        """The newest mails first, at most `limit`, older than number `before` when given."""
        files = ((number, file) for number, file in self._files() if before is None or number < before)
        kept = (_kept(number, file) for number, file in heapq.nlargest(limit, files, key=lambda found: found[0]))
        return [mail for mail in kept if mail]

    def count(self) -> int:
        return sum(1 for _ in self._files())

    def read(self, number: int) -> bytes | None:
        """The bytes of one mail as they came; None when there is no such mail."""
        for found, file in self._files():
            if found == number:
                with contextlib.suppress(FileNotFoundError):
                    return file.read_bytes()
        return None

    def _files(self) -> Iterator[tuple[int, Path]]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if (named := _FILE.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False):
                    yield int(named[1]), Path(entry.path)

    def _open_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._last_number = max((number for number, _ in self._files()), default=0)
            self._folder_bytes = self._measured_bytes()
        except OSError as error:
            wish = "a folder that can be written to is wanted; choose another"
            raise UsageError(f"mailbox: {self.folder}: {error.strerror}: {wish}") from error

    def _measured_bytes(self) -> int:
        total = 0
        for _, file in self._files():
            with contextlib.suppress(FileNotFoundError):
                total += file.stat().st_size
        return total

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────

    # Named and called by aiosmtpd; the reply is its return value.
    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        if not self._has_room(len(content) * len(envelope.rcpt_tos)):
            log.warning("mailbox: %s is full: empty it", self.folder)
            return "452 4.3.1 the mailbox is full; empty its folder"
        try:
            for recipient in envelope.rcpt_tos:
                self._keep(recipient, content)
        except OSError as error:
            log.warning("mailbox: %s: %s", self.folder, error.strerror)
            return "451 4.3.0 the mailbox cannot write to its folder"
        return "250 2.0.0 kept"

    def _has_room(self, size_bytes: int) -> bool:
        if self._folder_bytes + size_bytes > self._largest_folder_bytes:
            self._folder_bytes = self._measured_bytes()  # somebody may have emptied it meanwhile
        return self._folder_bytes + size_bytes <= self._largest_folder_bytes

    def _keep(self, recipient: str, content: bytes) -> None:
        number = self._last_number + 1
        safe = _NOT_IN_FILE_NAMES.sub("_", recipient)[:120]
        file = self.folder / f"{number:06}-{safe}.eml"
        unfinished = file.with_suffix(".part")  # a reader never sees half a mail
        unfinished.write_bytes(content)
        unfinished.replace(file)
        self._last_number = number
        self._folder_bytes += len(content)

    # ── the server ───────────────────────────────────────────────────────────────────────────────

    async def _serve(self, ready: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        conversations: weakref.WeakSet[Any] = weakref.WeakSet()

        def conversation() -> Any:
            # the host name is given, or aiosmtpd would ask DNS for it at every connection
            smtp = SMTP(
                self,
                hostname="localhost",
                ident="digest mailbox",
                enable_SMTPUTF8=True,
                data_size_limit=LARGEST_MAIL_BYTES,
                loop=self._loop,
            )
            conversations.add(smtp)
            return smtp

        try:
            server = await self._loop.create_server(conversation, HOST, self.port)
        except (OSError, OverflowError) as error:
            wish = "a free port is wanted; choose another with --port, or 0 for any"
            ready.set_exception(UsageError(f"mailbox: {HOST}:{self.port}: {error}: {wish}"))
            return
        ready.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        for smtp in list(conversations):
            if smtp.transport is not None:
                smtp.transport.abort()
        await server.wait_closed()


def _kept(number: int, file: Path) -> KeptMail | None:
    """Read a mail for the listing; None when it is gone meanwhile."""
    try:
        status = file.stat()
        with file.open("rb") as data:
            head = data.read(_HEAD_BYTES)
    except FileNotFoundError:
        return None
    return KeptMail(
        number=number,
        recipient=file.name.partition("-")[2].removesuffix(".eml"),
        sender=_header(head, "From"),
        subject=_header(head, "Subject"),
        received=datetime.fromtimestamp(status.st_mtime, UTC),
        size_bytes=status.st_size,
        file=file,
    )


def _header(head: bytes, name: str) -> str:
    """One header decoded, or what can be said of it: any program may have sent this."""
    try:
        return clean(str(BytesHeaderParser(policy=policy.default).parsebytes(head)[name] or ""))
    except Exception:  # the standard library's parser fails in many ways on hostile headers
        return "(unreadable)"
