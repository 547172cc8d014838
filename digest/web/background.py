"""A web application served from a thread of its own, on loopback, for as long as a context lasts. Door."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn

from digest.errors import UsageError

HOST = "127.0.0.1"


@contextlib.contextmanager
def serving(app: Any, port: int) -> Iterator[int]:
    """Serve `app` on 127.0.0.1; port 0 picks a free one. Yields the port. Raises UsageError when it is taken."""
    listening = listen(HOST, port)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket. Raises UsageError naming the address."""
    try:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as fault:
        raise UsageError(f"{host}:{port}: cannot listen there: {fault.strerror}; choose another port") from None
    return listening
