"""The child that reads feeds and journals' records, confined. Edge; run as `python -P -m digest.gather.child`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from digest.gather.candidate import Feed, to_json
from digest.gather.feeds import read_feed
from digest.gather.recordreading import READERS
from digest.gather.serving import Read, load_encodings, serve

MEMORY_BYTES = 190_000_000


def main() -> None:
    serve(_read, _load_everything, MEMORY_BYTES)


def _read(job: Mapping[str, Any], bodies: Sequence[bytes]) -> dict[str, Any]:
    feed = _feed(job, bodies)
    return {"title": feed.title, "notice": feed.notice, "items": [to_json(item) for item in feed.items]}


def _feed(job: Mapping[str, Any], bodies: Sequence[bytes]) -> Feed:
    if job["form"] == "feed":
        return read_feed(bodies[0], job["url"], job["content_type"])
    reader: Callable[[Sequence[bytes]], Feed] = READERS[job["form"]]
    return reader(bodies)


def _load_everything(read: Read) -> None:
    load_encodings()
    samples = (
        b'<?xml version="1.0" encoding="windows-1251"?><rss version="2.0"><channel><title>t</title>'
        b"<item><title>a</title><link>https://example.org/</link><pubDate>Mon, 23 Nov 2026 07:00:00 GMT</pubDate>"
        b"</item></channel></rss>",
        b"<rss><channel><item><title>a & b <i>c</title><description>&lt;p&gt;x&lt;/p&gt;</description></channel>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": "<p>x"}]}',
    )
    for sample in samples:
        read({"form": "feed", "url": "https://example.org/", "content_type": "text/xml"}, [sample])
    read({"form": "pubmed"}, [b"{}", b"<PubmedArticleSet/>"])


if __name__ == "__main__":
    main()
