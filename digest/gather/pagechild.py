"""The child that reads pages of articles, confined. Edge; run as `python -P -m digest.gather.pagechild`.

Needs the extra `pages`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import trafilatura

from digest.gather.candidate import SourceError
from digest.gather.plaintext import LONGEST_TEXT, too_deep
from digest.gather.serving import Read, load_encodings, serve
from digest.newsroom.text import strip_controls

MEMORY_BYTES = 260_000_000

_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_DECLARED = re.compile(rb"<meta[^>]{1,200}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def main() -> None:
    serve(_read, _load_everything, MEMORY_BYTES)


def _read(job: Mapping[str, Any], bodies: Sequence[bytes]) -> dict[str, Any]:
    page = _decoded(bodies[0], job["content_type"])
    if too_deep(page):
        raise SourceError("nested too deeply")
    text = trafilatura.extract(page, include_comments=False, include_tables=False, include_images=False)
    lines = [line for raw in strip_controls(text or "").split("\n") if (line := " ".join(raw.split()))]
    if not lines:
        raise SourceError("no article is found in it")
    return {"text": "\n".join(lines)[:LONGEST_TEXT].rstrip()}


def _decoded(body: bytes, content_type: str) -> str:
    """As its server says, as the page itself says, as UTF-8; at last as Windows-1252, where nearly any byte will do."""
    told = _CHARSET.search(content_type)
    declared = _DECLARED.search(body[:4_000])
    names = [told[1] if told else "", declared[1].decode("ascii") if declared else "", "utf-8-sig"]
    for name in filter(None, names):
        with suppress(LookupError, UnicodeDecodeError):
            return body.decode(name)
    return body.decode("cp1252", "replace")


def _load_everything(read: Read) -> None:
    load_encodings()
    paragraph = "<p>A paragraph that tells at some length what was found, in whom, by whom, and why that matters.</p>"
    body = f"<nav>a</nav><article><h1>t</h1>{paragraph * 9}</article>"
    cells = f"<table><tr><td>{paragraph}<div>x<a href='/y'>y</a></div></td></tr></table>"
    shell = "<html><head><title>t</title></head><body>%s</body></html>"
    # A page with little text leads trafilatura to ways of reading, and files of its own, that a plain one does not.
    pages = (shell % body, shell % "<p>hi</p>", shell % "", f"<div>{cells}", "<p>Short.", "")
    for page in pages:
        read({"content_type": "text/html"}, [page.encode()])


if __name__ == "__main__":
    main()
