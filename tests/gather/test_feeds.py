"""Feeds: what RSS, Atom, RDF and JSON Feed say becomes plain, bounded, safe candidates."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from digest.gather.candidate import Candidate, Feed, SourceError, from_json, to_json
from digest.gather.feeds import read_feed
from digest.gather.plaintext import one_line, paragraphs, too_deep

URL = "https://example.org/news/feed.xml"


def rss(item: str) -> Feed:
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Daily</title><item>{item}</item></channel></rss>'
    return read_feed(text.encode(), URL)


def only(feed: Feed) -> Candidate:
    (item,) = feed.items
    return item


def test_an_rss_item() -> None:
    item = only(
        rss(
            "<title>Less salt &amp;amp; pressure</title><link>/salt?id=7&amp;utm_source=rss</link>"
            "<guid isPermaLink='false'>salt-7</guid><pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate>"
            "<description>&lt;p&gt;A trial.&lt;/p&gt;&lt;p&gt;In men.&lt;/p&gt;</description>"
        )
    )

    assert item == Candidate(
        title="Less salt & pressure",
        summary="A trial. In men.",
        text="A trial.\nIn men.",
        url="https://example.org/salt?id=7",
        guid="salt-7",
        published=datetime(2026, 11, 20, 9, tzinfo=UTC),
    )


def test_an_atom_entry_with_content_of_its_own() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry>
      <title type="html">&lt;i&gt;H. pylori&lt;/i&gt; again</title>
      <id>tag:example.org,2026:1</id><link rel="alternate" href="https://example.org/1"/><updated>2026-11-20T10:00:00Z</updated>
      <summary>Short.</summary>
      <content type="html">&lt;p&gt;Long text.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</content>
      </entry></feed>"""

    item = only(read_feed(body, URL))

    assert (item.title, item.summary, item.text) == ("H. pylori again", "Short.", "Long text.")
    assert (item.url, item.guid) == ("https://example.org/1", "tag:example.org,2026:1")
    assert item.published == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_an_rdf_item_with_its_doi() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/2.0/basic/">
      <channel rdf:about="x"><title>J</title></channel><item rdf:about="https://journal.example/a"><title>Study</title>
      <link>https://journal.example/a</link><dc:date>2026-11-20</dc:date>
      <dc:identifier>doi:10.1000/ABC.1</dc:identifier></item></rdf:RDF>"""

    item = only(read_feed(body, URL))

    assert (item.title, item.doi) == ("Study", "10.1000/abc.1")


def test_a_json_feed_item() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "title": "Seven <b>",
                "content_html": "<p>One.</p><p>Two.",
                "date_published": "2026-11-20T10:00:00+01:00",
            },
            {"id": "8", "content_text": "No title, so its words stand for it."},
            "not an item",
        ],
    }

    seven, eight = read_feed(json.dumps(feed).encode(), URL).items

    assert (seven.title, seven.text, seven.url, seven.guid) == ("Seven", "One.\nTwo.", "https://example.org/7", "7")
    assert seven.published == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert eight.title == "No title, so its words stand for it."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "an empty answer"),
        (b" \n ", "an empty answer"),
        (b"hello", "not a feed"),
        (b"{}", "not a JSON Feed"),
        (b'{"items": []}', "not a JSON Feed"),
        (b"{nonsense", "not JSON"),
        (b"<!doctype html><html><body>x", "a web page, not a feed"),
        (
            b'<html><head><link rel=alternate type="application/rss+xml" href="/feed">',
            "its feed may be https://example.org/feed",
        ),
        (b'<html><link type="application/rss+xml" href="javascript:x">', "a web page, not a feed"),
        (b"\xff\xfe\x00", "not"),
        (b"<rss><channel><item>" + b"<b>" * 200, "not well-formed"),
    ],
)
def test_what_is_no_feed_is_told(body: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        read_feed(body, URL)


def test_a_feed_without_items_is_a_feed() -> None:
    assert read_feed(b'<rss version="2.0"><channel><title>t</title></channel></rss>', URL).items == ()


@pytest.mark.parametrize(
    "body",
    [
        b'<rss version="2.0"><channel><item><title>Caf\xe9 & bar</title><link>http://e.org/?a=1&b=2</link></item></channel></rss>',
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>Caf\xc3\xa9 &amp; bar</title><link>http://e.org/?a=1&amp;b=2</link></item></channel></rss>',
        '<?xml version="1.0" encoding="utf-16"?><rss><channel><item><title>Café &amp; bar</title><link>http://e.org/?a=1&amp;b=2</link></item></channel></rss>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><item><title>Caf\xe9 &amp; bar</title><link>http://e.org/?a=1&amp;b=2</link></item>',
    ],
    ids=["bare ampersands", "byte-order mark", "utf-16", "cut off"],
)  # fmt: skip
def test_broken_feeds_are_read_as_far_as_they_go(body: bytes) -> None:
    item = only(read_feed(body, URL))

    assert (item.title, item.url) == ("Café & bar", "http://e.org/?a=1&b=2")


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http://user@evil.example/",
     "mailto:a@example.org", "java\u2028script:alert(1)", "http://", "//", "http://exa\u202emple.org/"],
)  # fmt: skip
def test_links_that_are_not_what_they_seem_are_left_out(link: str) -> None:
    item = only(rss(f"<title>T</title><guid isPermaLink='false'>g</guid><link>{link}</link>"))

    assert item.url is None or item.url.startswith("https://example.org/")


@pytest.mark.parametrize(
    "stamp", ["", "yesterday", "99999", "99999-01-01T00:00:00Z", "Mon, 99 Foo 2026 99:99:99 GMT", "0000-00-00"]
)
def test_dates_that_cannot_be_are_none(stamp: str) -> None:
    item = only(rss(f"<title>T</title><link>/x</link><pubDate>{stamp}</pubDate>"))

    assert item.published is None or item.published.year < 2027


def test_a_title_that_carries_a_header_or_a_script_is_only_text() -> None:
    item = only(
        rss("<title>News =?UTF-8?Q?=0A?=Bcc: x\n&lt;script&gt;alert(1)&lt;/script&gt;&#x202e;</title><link>/x</link>")
    )

    assert item.title == "News =?UTF-8?Q?=0A?=Bcc: x"


def test_items_are_bounded() -> None:
    feed = rss(
        f"<title>{'t' * 9_000}</title><link>/1</link><description>{'word ' * 60_000}</description></item>"
        + "<item><title>x</title><link>/2</link></item>" * 1_500
        + "<item>"
    )

    assert len(feed.items) == 1_000
    assert len(feed.items[0].title) <= 300
    assert len(feed.items[0].summary) <= 600
    assert len(feed.items[0].text) <= 20_000


def test_a_candidate_survives_the_way_out_of_the_child() -> None:
    item = Candidate(
        title="T", url="https://e.org/", published=datetime(2026, 11, 20, 9, tzinfo=UTC), details={"pmid": "1"}
    )

    assert from_json(json.loads(json.dumps(to_json(item)))) == item


# ── plain text ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("p < 0.05 and n > 30", "p < 0.05 and n > 30"),
        ("a<script>b</script>c<style>d</style><!-- e -->", "ac"),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>ok", "ok"),
        ("Tom &amp;amp; Jerry &#8217;s", "Tom & Jerry ’s"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("Text.<p>The post <a>Title</a> appeared first on <a>Site</a>.</p>", "Text."),
        ("<img src=x alt='no'>", ""),
        ("", ""),
    ],
)
def test_html_becomes_paragraphs(markup: str, text: str) -> None:
    assert paragraphs(markup) == text


def test_depth_is_counted_before_anything_slow() -> None:
    assert too_deep("<div>" * 513)
    assert too_deep("<b>" * 513)
    assert not too_deep("<div>" * 500 + "</div>" * 500 + "<div></div>" * 1_000)
    assert not too_deep("<p>x" * 5_000 + "<br><li>" * 5_000)
    assert one_line("<div>" * 10_000 + "still read") == "still read"


def test_a_torn_feed_of_which_nothing_can_be_used_is_told() -> None:
    with pytest.raises(SourceError, match="not well-formed"):
        read_feed(b"<rss><channel><item><b><b><b>", "https://example.org/feed")
