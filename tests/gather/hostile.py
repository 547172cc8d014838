"""A web server on loopback that answers each path byte by byte as a test wishes: politely, brokenly or with malice."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

Answering = Callable[[socket.socket, "Asked"], None]


class Asked:
    """A request: its path with query, its headers with names in lower case, and its body."""

    def __init__(self, head: bytes, body: bytes = b"") -> None:
        self.body = body
        first, *rest = head.decode("latin-1").split("\r\n")
        self.path = first.split(" ")[1]
        self.headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)
        }


class HostileServer:
    """Answers `routes[path]`, each a function that writes to the socket or bytes to send; others get 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.names: list[str | None] = []  # what clients of TLS asked for (SNI)
        if tls is not None:
            tls.sni_callback = lambda _sock, name, _context: self.names.append(name)
        self.routes: dict[str, Answering | bytes] = {}
        self.asked: list[Asked] = []
        self.stopping = threading.Event()

    def __enter__(self) -> Self:
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # OSError: the client has left, as it should
                with contextlib.suppress(OSError), outer._secured(self.request) as connection:
                    outer._serve(connection)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65_536)
            if not piece:
                return
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(Asked(head).headers.get("content-length", "0"))
        while len(body) < length:
            piece = connection.recv(65_536)
            if not piece:
                return
            body += piece
        asked = Asked(head, body)
        self.asked.append(asked)
        route = self.routes.get(asked.path) or self.routes.get(asked.path.partition("?")[0]) or answer(404)
        if isinstance(route, bytes):
            connection.sendall(route)
        else:
            route(connection, asked)

    def drip(self, connection: socket.socket, pieces: Iterator[bytes], every_s: float) -> None:
        """Send a piece now and then, until the client leaves or the server stops."""
        for piece in pieces:
            connection.sendall(piece)
            if self.stopping.wait(every_s):
                return

    def hold(self, *_: object) -> None:
        """Say nothing until the server stops."""
        self.stopping.wait()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; header names are written with underscores."""
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
    if "content_length" not in headers and "transfer_encoding" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
