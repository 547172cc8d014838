"""Serving: the web pages, and beside them the alarm clock, in one process. Door."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI

from digest import schedule
from digest.errors import UsageError
from digest.verbs.parts import Parts
from digest.web.background import listen
from digest.web.pages import make_app


def serve(parts: Parts, bind: str, *, send: bool, announce: Callable[[str], None]) -> None:
    """Answer on `bind` ("host:port") until SIGTERM or SIGINT; with `send`, the scheduler runs beside.

    What is in conversation with the mail relay is finished before this returns.
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise UsageError(f"--bind {bind}: not HOST:PORT; write for example 127.0.0.1:8000")
    listening = listen(host.strip("[]"), int(port))
    stop = threading.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        clock = schedule.alarm_clock(parts, stop) if send else None
        if clock:
            clock.start()
        announce(f"http://{bind}" if int(port) else f"http://{host}:{listening.getsockname()[1]}")
        yield
        stop.set()
        if clock:
            clock.shutdown(wait=True)

    app = make_app(parts, lifespan=lifespan)
    # Access logs would hold unsubscribe tokens; a proxy in front can log what it may.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    # uvicorn, when done, raises the signal that stopped it once more, for whoever handled it before. Nobody would be
    # killed by it then, in the middle of leaving.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server.run(sockets=[listening])
