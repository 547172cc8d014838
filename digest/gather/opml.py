"""OPML: lists of feeds as feed readers exchange them, read and written. Pure (gather)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from digest.errors import InputError
from digest.gather.source import Source
from digest.newsroom.links import article_url
from digest.newsroom.text import cut, single_line

LARGEST = 5_000_000
MOST = 5_000
_DEEPEST = 50


def read_opml(data: bytes, name: str) -> tuple[list[Source], list[str]]:
    """The feeds of a list, each address once, and what was left out, in words.

    A folder's name becomes the topic of the feeds in it. Two feeds of one name get different ones. Raises InputError
    for what is not OPML; a DOCTYPE is refused, since it can make a small file huge.
    """
    if len(data) > LARGEST:
        raise InputError(f"larger than {LARGEST // 1_000_000} MB: not a list of feeds", file=name)
    try:
        top = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise InputError("has a DOCTYPE or entities of its own; remove them", file=name) from None
    except (ParseError, ValueError, LookupError) as fault:
        raise InputError(f"not well-formed XML: {single_line(str(fault))[:100]}", file=name) from None
    if top.tag.lower() != "opml":
        raise InputError(f"not OPML: its first tag is <{top.tag[:40]}>, <opml> is wanted", file=name)
    sources: dict[str, Source] = {}
    names: set[str] = set()
    notices: list[str] = []
    for outline, topic in _outlines(top.find("body")):
        address = (outline.get("xmlUrl") or "").strip()
        title = cut(single_line(outline.get("title") or outline.get("text") or ""), 80)
        try:
            url = article_url(address)
        except ValueError as fault:
            notices.append(f"{title or address[:80]}: {fault}; left out")
            continue
        if url not in sources and len(sources) < MOST:
            sources[url] = Source(name=_free(title or url, names), url=url, topic=topic)
    return list(sources.values()), notices


def write_opml(sources: Iterable[Source], title: str) -> str:
    """The feeds among the sources as OPML 2.0, in folders by topic; queries and folders are not for feed readers."""
    feeds = [source for source in sources if source.kind == "feed"]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{escape(title)}</title></head>", "  <body>"]
    for topic in dict.fromkeys(source.topic for source in feeds):
        inside = [_outline(source) for source in feeds if source.topic == topic]
        if topic is None:
            lines += [f"    {line}" for line in inside]
        else:
            lines += [f"    <outline text={quoteattr(topic)}>", *(f"      {line}" for line in inside), "    </outline>"]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(source: Source) -> str:
    name = quoteattr(source.name)
    return f'<outline type="rss" text={name} title={name} xmlUrl={quoteattr(source.url)}/>'


def _outlines(body: Element | None) -> Iterator[tuple[Element, str | None]]:
    """Every outline with an address, with the name of the folder it lies in."""
    waiting = [(outline, None, 0) for outline in (body if body is not None else ())]
    rest: list[tuple[Element, str | None, int]] = list(reversed(waiting))
    while rest:
        outline, topic, depth = rest.pop()
        if outline.tag.lower() != "outline":
            continue
        if outline.get("xmlUrl"):
            yield outline, topic
        elif depth < _DEEPEST:
            folder = cut(single_line(outline.get("text") or outline.get("title") or ""), 60) or topic
            rest += [(inner, folder, depth + 1) for inner in reversed(outline)]


def _free(name: str, names: set[str]) -> str:
    free, count = name, 2
    while free in names:
        free, count = f"{name} ({count})", count + 1
    names.add(free)
    return free
