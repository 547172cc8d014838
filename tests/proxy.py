"""A TCP proxy that can lose a connection without anybody noticing: packets are dropped, nobody says good-bye."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType

from tests.smtpd import hang_up


class Proxy:
    """`with Proxy(port) as proxy:` listens at `proxy.port` and passes everything on to `port`, until told otherwise."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self.connections = 0
        self._to = to
        self._lost: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def lose(self) -> None:
        """From now on nothing passes on the connections that are open; both sides think that they still are."""
        self._lost |= self._open

    def __enter__(self) -> Proxy:
        self._thread.start()
        assert self._ready.wait(10), "the proxy did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._join(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(welcome, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        await hang_up(server, tasks)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, away = await asyncio.open_connection("127.0.0.1", self._to)
        ends = {writer, away}
        self._open |= ends
        try:
            await asyncio.gather(self._pass(reader, away), self._pass(there, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if writer not in self._lost:
                    writer.write(data)
                    await writer.drain()
        if writer not in self._lost:
            writer.transport.abort()
