"""Weight: how many bytes of an edition's HTML each story takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import escape

_CELL = re.compile(r"<(/?)td\b", re.IGNORECASE)


def story_bytes(html: str, headlines: Sequence[str]) -> tuple[int, ...] | None:
    """Bytes of UTF-8 from where each story's table cell begins to where the next one's does; the last ends with its
    own cell. None when the headlines are not found in this order, as with a template that prints them otherwise.
    """
    starts: list[int] = []
    at = max(0, html.lower().find("<body"))
    for headline in headlines:
        found = html.find(f">{escape(headline)}<", at)
        if found < 0:
            return None
        starts.append(max(html.rfind("<td", at, found), at))
        at = found + 1
    ends = [*starts[1:], _end_of_cell(html, starts[-1])] if starts else []
    return tuple(len(html[a:b].encode(errors="replace")) for a, b in zip(starts, ends, strict=True))


def _end_of_cell(html: str, start: int) -> int:
    depth = 0
    for tag in _CELL.finditer(html, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(html)
