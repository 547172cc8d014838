"""The mailbox in the browser: a list of kept mails, each shown without scripts. Door; loopback only."""

from __future__ import annotations

import contextlib
import email
import html
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from digest.deliver.mailbox import Mailbox
from digest.web.background import serving

_MOST = 200
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
_SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>Mailbox</title><style>
body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}td{padding:.3rem 1rem .3rem 0}
iframe{width:100%;height:80vh;border:1px solid #8888;background:#fff}pre{white-space:pre-wrap}</style>"""
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data: https:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@contextlib.contextmanager
def serve_mailbox(box: Mailbox, port: int) -> Iterator[str]:
    """Show the mailbox on 127.0.0.1 for as long as the context lasts; yields the page's address."""
    with serving(_app(box), port) as real_port:
        yield f"http://127.0.0.1:{real_port}/"


def _app(box: Mailbox) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def local_only(request: Request, call_next):  # type: ignore[no-untyped-def]
        # Against DNS rebinding: a page from elsewhere that resolves to us still names its own host.
        if request.url.hostname not in _LOCAL_HOSTS:
            return PlainTextResponse("this host only", 403)
        return await call_next(request)

    @app.get("/")
    def index() -> Response:
        rows = "".join(
            f'<tr><td>{mail.number}</td><td><a href="/{mail.number}">{html.escape(mail.subject or "(no subject)")}</a>'
            f"</td><td>{html.escape(mail.recipient)}</td><td>{mail.size_bytes:,}</td></tr>"
            for mail in box.listing(limit=_MOST)
        )
        return HTMLResponse(f"{_SHEET}<h1>Mailbox</h1><table>{rows or '<tr><td>No mail yet.'}</table>", headers=_SAFE)

    @app.get("/{number:int}")
    def show(number: int) -> Response:
        message = _read(box, number)
        if message is None:
            return PlainTextResponse("no such mail", 404)
        heads = "".join(f"<b>{html.escape(name)}:</b> {html.escape(str(value))}\n" for name, value in message.items())
        text = message.get_body(("plain",))
        body = html.escape(str(text.get_content())) if text else ""
        page = f'{_SHEET}<p><a href="/">all mails</a></p><pre>{heads}</pre>'
        page += f'<iframe sandbox src="/{number}/html"></iframe><h2>Text</h2><pre>{body}</pre>'
        return HTMLResponse(page, headers=_SAFE)

    @app.get("/{number:int}/html")
    def show_html(number: int) -> Response:
        message = _read(box, number)
        part = message.get_body(("html",)) if message else None
        content = str(part.get_content()) if part else "no HTML part"
        return HTMLResponse(
            content, headers=_SAFE | {"Content-Security-Policy": f"sandbox; {_SAFE['Content-Security-Policy']}"}
        )

    return app


def _read(box: Mailbox, number: int) -> EmailMessage | None:
    mail = next((mail for mail in box.listing(limit=_MOST) if mail.number == number), None)
    return None if mail is None else email.message_from_bytes(mail.file.read_bytes(), policy=policy.default)
