"""Feeds: RSS, Atom, RDF and JSON Feed, read into candidates. Pure; runs in a confined child (see parsing.py).

feedparser reads the XML kinds, most correctly of all on broken feeds. It must never be given anything but a stream (it
opens bytes that name a file), and its own sanitising and link resolving are off: both are quadratic on hostile input.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from digest.gather import plaintext
from digest.gather.candidate import Candidate, Feed, SourceError
from digest.gather.canonical import doi_of_url, plain_doi, safe_link
from digest.gather.jsonfeed import is_json, read_json_feed
from digest.newsroom.text import cut, single_line

# feedparser looks for readers by name, in this list, and takes the standard one only when none is there.
feedparser.api.PREFERRED_XML_PARSERS[:] = ["digest.gather.quickxml"]

MOST_ITEMS = 1_000
_YEARS = range(1970, 2101)  # others are mistakes: feedparser reads "99999" as a day in 9999
_DOI_KEYS = ("prism_doi", "dc_identifier", "id", "dc_source")
_FEED_LINK = re.compile(
    rb"<link\b[^<>]{0,500}type\s*=\s*[\"']application/(?:rss|atom|feed)\+(?:xml|json)[\"'][^<>]{0,500}>", re.IGNORECASE
)
_HREF = re.compile(rb"href\s*=\s*[\"']([^\"'<>\s]{1,500})", re.IGNORECASE)


def read_feed(body: bytes, url: str, content_type: str = "") -> Feed:
    """A feed's items. Those without title and link are left out. Raises SourceError for what is no feed."""
    if not body.strip():
        raise SourceError("an empty answer")
    if is_json(body):
        try:
            title, items = read_json_feed(body, url)
        except ValueError as fault:
            raise SourceError(str(fault)) from None
        return Feed(title=title, items=tuple(_usable(items)))
    found = feedparser.parse(
        BytesIO(body),
        sanitize_html=False,
        resolve_relative_uris=False,
        # Not where it came from: feedparser would join that to the base of every element. Links are joined below.
        response_headers={"content-type": content_type or "application/xml"},
    )
    wrong = single_line(str(found.get("bozo_exception", ""))) if found.bozo else ""
    if not found.entries and not found.version:
        raise SourceError(_no_feed(body, url))
    read = [item for entry in found.entries[:MOST_ITEMS] if (item := _item(entry, url)) is not None]
    usable = tuple(_usable(read))
    if not usable and wrong and "NonXML" not in type(found.get("bozo_exception")).__name__:
        raise SourceError(f"not well-formed: {cut(wrong, 120)}")  # also when only empty items came before the fault
    title = plaintext.one_line(_string(found.feed, "title"), plaintext.LONGEST_TITLE)
    return Feed(title=title, items=usable, notice=cut(wrong, 120))


def _usable(items: Sequence[Candidate]) -> Iterator[Candidate]:
    return (item for item in items[:MOST_ITEMS] if item.title and (item.url or item.text or item.guid))


def _item(entry: Any, base: str) -> Candidate | None:
    try:
        summary = _string(entry, "summary")
        body = max([summary, *_contents(entry)], key=len)
        text = plaintext.paragraphs(body)
        link = _link(entry, base)
        source = entry.get("source") or {}
        return Candidate(
            title=_title(entry, summary),
            summary=plaintext.shortened(text) if body == summary else plaintext.one_line(summary),
            text=text,
            url=link,
            guid=single_line(_string(entry, "id"))[:500] or None,
            doi=_doi(entry, link),
            published=_instant(entry),
            outlet=plaintext.one_line(_string(source, "title"), 120) or None,
        )
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        return None  # one item that nobody can read costs the others nothing


def _title(entry: Any, summary: str) -> str:
    title = plaintext.one_line(_string(entry, "title"), plaintext.LONGEST_TITLE)
    return title or plaintext.one_line(summary, 120)


def _contents(entry: Any) -> list[str]:
    return [_string(content, "value") for content in entry.get("content") or []]


def _link(entry: Any, base: str) -> str | None:
    raw = _string(entry, "link").strip()
    return safe_link(urljoin(base, raw)) if raw else None


def _doi(entry: Any, link: str | None) -> str | None:
    for key in _DOI_KEYS:
        text = _string(entry, key)
        if "10." in text and (doi := plain_doi(text) if not text.startswith("http") else doi_of_url(text)):
            return doi
    return doi_of_url(link) if link else None


def _instant(entry: Any) -> datetime | None:
    """When it was published, else when it was changed. feedparser gives UTC, and dates that cannot be."""
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        # dict.get: feedparser's own looks for other keys when this one is missing, and warns of it.
        moment = dict.get(entry, key)
        if isinstance(moment, time.struct_time):
            try:
                found = datetime.fromtimestamp(calendar.timegm(moment), UTC)
            except (ValueError, OverflowError, OSError):
                continue
            if found.year in _YEARS:
                return found
    return None


def _string(values: Any, key: str) -> str:
    value = dict.get(values, key) if isinstance(values, dict) else None
    if value is None and isinstance(values, dict) and key in ("summary", "id", "link", "title"):
        value = values.get(key)  # feedparser's own names for description, guid and links
    return value if isinstance(value, str) else ""


def _no_feed(body: bytes, url: str) -> str:
    head = body[:50_000].lower()
    if b"<html" not in head and b"<!doctype html" not in head:
        return "not a feed"
    link = _FEED_LINK.search(body[:200_000])
    href = _HREF.search(link[0]) if link else None
    if href is None:
        return "a web page, not a feed"
    target = safe_link(urljoin(url, href[1].decode("utf-8", "replace")))
    return f"a web page, not a feed; its feed may be {cut(target, 200)}" if target else "a web page, not a feed"
