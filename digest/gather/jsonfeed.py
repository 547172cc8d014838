"""JSON Feed (jsonfeed.org, versions 1 and 1.1), read into candidates. Pure; runs in a confined child."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from digest.gather import plaintext
from digest.gather.candidate import Candidate
from digest.gather.canonical import doi_of_url, safe_link
from digest.newsroom.text import single_line

_STAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?|\d{4}-\d\d-\d\d")


def is_json(body: bytes) -> bool:
    """Whether a body can only be JSON."""
    return body[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def load(body: bytes) -> Any:
    """JSON from outside. Raises ValueError in words, also for JSON nested too deeply or with boundless numbers."""
    try:
        return json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as fault:
        reason = "nested too deeply" if isinstance(fault, RecursionError) else single_line(str(fault))[:80]
        raise ValueError(f"not JSON: {reason}") from None


def read_json_feed(body: bytes, url: str) -> tuple[str, list[Candidate]]:
    """The feed's title and its items. Raises ValueError for other JSON."""
    feed = load(body)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in string(feed, "version"):
        raise ValueError("JSON, but not a JSON Feed")
    title = plaintext.one_line(string(feed, "title"), plaintext.LONGEST_TITLE)
    return title, [_item(item, url) for item in items if isinstance(item, dict)]


def string(values: Any, key: str) -> str:
    """A text in a JSON object; "" for anything else. Numbers stand as written."""
    value = values.get(key) if isinstance(values, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) else ""


def instant(text: str) -> datetime | None:
    """An RFC 3339 instant or a date, aware; None for anything else. Without a zone it is taken as UTC."""
    found = _STAMP.match(text.strip()[:40])
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found[0].upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _item(item: dict[str, Any], base: str) -> Candidate:
    raw = string(item, "url") or string(item, "external_url")
    link = safe_link(urljoin(base, raw)) if raw else None
    body = string(item, "content_html") or string(item, "content_text")
    summary = string(item, "summary")
    title = plaintext.one_line(string(item, "title"), plaintext.LONGEST_TITLE)
    return Candidate(
        title=title or plaintext.one_line(summary or body, 120),
        summary=plaintext.one_line(summary or body),
        text=plaintext.paragraphs(body or summary),
        url=link,
        guid=single_line(string(item, "id"))[:500] or None,
        doi=doi_of_url(link) if link else None,
        published=instant(string(item, "date_published")) or instant(string(item, "date_modified")),
    )
