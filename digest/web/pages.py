"""Pages for readers: unsubscribe, archive, health. Thin handlers over verbs, in the thread pool. Door."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from digest.errors import DigestError
from digest.render import pages
from digest.render.seal import Letterhead
from digest.render.themes import Theme
from digest.verbs import readers
from digest.verbs.parts import Parts

log = logging.getLogger("digest.web")

_SHARED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a token in our URL must not reach any other site
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PAGE = _SHARED | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Robots-Tag": "noindex",
}
# Sealed HTML came in part from outside: it is shown without scripts and in an origin of its own.
_EDITION = _SHARED | {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; "
    "base-uri 'none'"
}
_EDITION_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LARGEST_FORM = 10_000
_LOOKING = ["GET", "HEAD"]  # whoever checks links asks with HEAD first


def make_app(parts: Parts, lifespan: Any = None) -> FastAPI:
    """The readers' web site of one newsletter."""
    app = FastAPI(title=parts.letterhead.name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.exception_handler(DigestError)(_busy)
    _elsewhere(app, parts)
    _unsubscribe(app, parts)
    _preferences(app, parts)
    _archive(app, parts)
    _health(app, parts)
    return app


def _busy(_: Request, fault: Exception) -> Response:
    """The database is written to by a long import, or away. 503 asks whoever posted a one-click to do so again."""
    log.error("%s", fault)
    return PlainTextResponse("Please try again in a minute.\n", 503, headers=_PAGE | {"Retry-After": "60"})


def _elsewhere(app: FastAPI, parts: Parts) -> None:
    """What is not there gets a page too, with the headers that every page has."""

    @app.exception_handler(HTTPException)
    def refuse(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        if fault.status_code == 404:
            return _show(parts, pages.invalid_link_page, 404)
        return PlainTextResponse(f"{fault.detail}\n", fault.status_code, headers=_PAGE | dict(fault.headers or {}))


def _unsubscribe(app: FastAPI, parts: Parts) -> None:
    @app.api_route("/u/{token}", methods=_LOOKING)
    def ask(token: str) -> Response:
        """One button; changes nothing, for link scanners follow every link in a mail (RFC 8058 section 1)."""
        known = readers.knows_token(parts, token)
        return _show(parts, pages.unsubscribe_page) if known else _show(parts, pages.invalid_link_page, 404)

    @app.post("/u/{token}")
    async def leave(token: str, request: Request) -> Response:
        """RFC 8058 section 3.2: no cookie, no login, no further step, and 200 without a redirect."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_FORM:
                return PlainTextResponse("too large", 413, headers=_PAGE)
        how = "one-click" if b"One-Click" in body else "unsubscribe page"
        return await run_in_threadpool(_leave, parts, token, how)

    def _leave(parts: Parts, token: str, how: str) -> Response:
        left = readers.unsubscribe(parts, token, how)
        return _show(parts, pages.unsubscribed_page) if left else _show(parts, pages.invalid_link_page, 404)


def _preferences(app: FastAPI, parts: Parts) -> None:
    @app.api_route("/preferences", methods=_LOOKING)
    def preferences() -> Response:
        return _show(parts, pages.preferences_page)


def _archive(app: FastAPI, parts: Parts) -> None:
    @app.api_route("/", methods=_LOOKING)
    def landing() -> Response:
        return RedirectResponse("/archive", 307, headers=_SHARED)

    @app.api_route("/archive", methods=_LOOKING)
    def archive() -> Response:
        found = readers.archive(parts)
        return _show(parts, lambda letterhead, theme: pages.archive_page(letterhead, theme, found))

    @app.api_route("/archive/{edition}", methods=_LOOKING)
    def edition(edition: str) -> Response:
        """The sealed bytes, no personal values."""
        found = readers.archived(parts, edition) if _EDITION_ID.fullmatch(edition) else None
        if found is None:
            return _show(parts, pages.invalid_link_page, 404)
        return HTMLResponse(found.html, headers=_EDITION | {"X-Digest-Edition-Hash": found.hash})


def _health(app: FastAPI, parts: Parts) -> None:
    @app.api_route("/healthz", methods=_LOOKING)
    def alive() -> Response:
        return PlainTextResponse("ok\n", headers=_SHARED)

    @app.api_route("/readyz", methods=_LOOKING)
    def ready() -> Response:
        try:
            readers.healthy(parts)
        except DigestError as fault:
            return JSONResponse({"database": str(fault)}, 503, headers=_SHARED)
        return JSONResponse({"database": "ok"}, headers=_SHARED)


def _show(parts: Parts, page: Callable[[Letterhead, Theme], str], status: int = 200) -> Response:
    return HTMLResponse(page(parts.letterhead, parts.theme), status, headers=_PAGE)
