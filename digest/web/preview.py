"""The live preview: a page on loopback that shows an edition and follows its files. Door.

Only programs on this machine that know the secret path see anything: the server listens on 127.0.0.1, refuses requests
that name another host (DNS rebinding), and shows emails in frames without scripts. Nothing here changes anything.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from digest.render.schemes import as_shown
from digest.verbs.preview import contents
from digest.web.background import serving
from digest.web.previewdesk import Desk, read_choice
from digest.web.previewpage import asset, page

_LOCAL_HOSTS = ("127.0.0.1", "localhost")
_BEAT_S = 0.05
_BEATS = 100  # of one long poll; a closed tab holds a thread no longer than this
_BEATS_PER_BOOKS = 20  # the database is asked less often than the files

_SHARED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # our address holds the secret
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PAGE = _SHARED | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}
# No scripts, whatever a story holds. The same origin without scripts harms nobody, and lets the page keep the scroll.
_SANDBOX = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
_FRAME = (
    f"{_SANDBOX}; default-src 'none'; img-src {{images}}; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "form-action 'none'; base-uri 'none'"
)
_ASSETS = {"preview.css": "text/css", "preview.js": "text/javascript"}
_KINDS = {"edition.html": "text/plain", "edition.txt": "text/plain", "edition.mjml": "text/plain",
          "edition.eml": "message/rfc822"}  # fmt: skip


@contextlib.contextmanager
def serve_preview(desk: Desk, port: int) -> Iterator[str]:
    """Show the preview on 127.0.0.1 for as long as the context lasts; port 0 picks one. Yields the page's address."""
    secret, stop = secrets.token_urlsafe(16), threading.Event()
    with serving(make_preview(desk, secret, stop), port) as real_port:
        try:
            yield f"http://127.0.0.1:{real_port}/{secret}/"
        finally:
            stop.set()  # those who wait for a change leave at once


def make_preview(desk: Desk, secret: str, stop: threading.Event) -> FastAPI:
    """The application; everything it has to show lies below `/secret/`."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def local_only(request: Request, call_next):  # type: ignore[no-untyped-def]
        host = request.headers.get("host", "").rpartition(":")
        if (host[0] or host[2]) not in _LOCAL_HOSTS:
            return PlainTextResponse("this machine only\n", 403, headers=_SHARED)
        path = request.url.path.split("/")
        if len(path) < 3 or not secrets.compare_digest(path[1].encode(), secret.encode()):
            return PlainTextResponse("open the address that `digest preview` printed\n", 404, headers=_SHARED)
        return await call_next(request)

    _pages(app, desk, f"/{secret}")
    _changes(app, desk, f"/{secret}", stop)
    return app


def _pages(app: FastAPI, desk: Desk, base: str) -> None:
    @app.get(f"{base}/")
    def whole(request: Request) -> Response:
        choice = read_choice(request.query_params)
        return HTMLResponse(page(desk.sight(choice), choice), headers=_PAGE)

    @app.get(f"{base}/frame")
    def frame(request: Request) -> Response:
        """The email alone, as a mail program would show it."""
        choice = read_choice(request.query_params)
        look = desk.sight(choice).look
        images = "https: http: data:" if choice.images else "'none'"
        html = as_shown(look.html, choice.scheme) if look else ""
        return HTMLResponse(html, headers=_SHARED | {"Content-Security-Policy": _FRAME.format(images=images)})

    @app.get(f"{base}/file/{{name}}")
    def file(name: str, request: Request) -> Response:
        look = desk.sight(read_choice(request.query_params)).look
        if look is None or name not in _KINDS:
            return PlainTextResponse("not there\n", 404, headers=_SHARED)
        named = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"}
        return Response(contents(look)[name], media_type=_KINDS[name], headers=_SHARED | named)

    @app.get(f"{base}/asset/{{name}}")
    def own(name: str) -> Response:
        if name not in _ASSETS:
            return PlainTextResponse("not there\n", 404, headers=_SHARED)
        return Response(asset(name), media_type=_ASSETS[name], headers=_SHARED)


def _changes(app: FastAPI, desk: Desk, base: str, stop: threading.Event) -> None:
    @app.get(f"{base}/changes")
    def changes(since: str = "") -> Response:
        """The stamp of what is to be seen, as soon as it is another than `since`, or after a few seconds."""
        files = since.partition("-")[0]
        for beat in range(_BEATS):
            asks_books = beat % _BEATS_PER_BOOKS == 0
            now = desk.stamp() if asks_books else desk.files_stamp()
            if now != (since if asks_books else files) or stop.wait(_BEAT_S):
                break
        return JSONResponse({"stamp": desk.stamp()}, headers=_SHARED)
