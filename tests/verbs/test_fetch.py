"""Fetching: what the sources bring is stored once; each source has its report, and a bad one stops no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.errors import UsageError
from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.store import articles
from digest.store.articles import StoredArticle
from digest.verbs import fetch as fetching
from digest.verbs import sourcehealth
from digest.verbs.fetch import Report
from digest.verbs.parts import Gathering
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import Newsletter

ITEM = "<item><title>{0}</title><link>https://northern-ledger.example/{0}</link><pubDate>{1}</pubDate></item>"


def feed(*titles: str, when: str = "Thu, 19 Nov 2026 10:00:00 GMT") -> bytes:
    items = "".join(ITEM.format(title, when) for title in titles)
    return f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


class Newsroom:
    """A newsletter with sources on a server of its own."""

    def __init__(self, newsletter: Newsletter, server: HostileServer) -> None:
        self.newsletter = newsletter
        self.server = server
        guard = Guard(frozenset({("127.0.0.1", server.port)}))
        self._gathering = Gathering(limits=Limits(pause_s=0, deadline_s=5), guard=guard)

    def sources(self, *sources: Source) -> None:
        gathering = replace(self._gathering, sources=sources)
        self.newsletter.parts = replace(self.newsletter.parts, gathering=gathering)

    def feeds(self, *paths: str, require: bool = False) -> None:
        self.sources(*(Source(name=path.strip("/"), url=self.server.url(path), require=require) for path in paths))

    def fetch(self, *only: str) -> list[Report]:
        return fetching.fetch(self.newsletter.parts, only=only)

    def states(self) -> dict[str, str]:
        return {report.source.name: report.state for report in self.fetch()}

    def articles(self) -> list[StoredArticle]:
        with self.newsletter.parts.store.read() as db:
            return articles.recent(db, "weekly", date(2000, 1, 1))


@pytest.fixture
def newsroom(newsletter: Newsletter) -> Iterator[Newsroom]:
    with HostileServer() as server:
        yield Newsroom(newsletter, server)


def test_new_articles_are_stored_and_told(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One", "Two"))
    newsroom.feeds("/a")

    (report,) = newsroom.fetch()

    assert (report.state, report.new, report.newest) == ("new", 2, date(2026, 11, 19))
    assert [(article.title, article.source, article.day) for article in newsroom.articles()] == [
        ("One", "a", date(2026, 11, 19)),
        ("Two", "a", date(2026, 11, 19)),
    ]


def test_the_second_time_only_what_is_new_counts(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One"))
    newsroom.feeds("/a")
    newsroom.fetch()

    assert newsroom.states() == {"a": "unchanged"}

    newsroom.server.routes["/a"] = answer(200, feed("Two", "One"))
    (report,) = newsroom.fetch()
    assert (report.state, report.new) == ("new", 1)


def test_the_same_items_in_another_order_bring_nothing_new(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One", "Two", "Three"))
    newsroom.feeds("/a")
    newsroom.fetch()
    newsroom.server.routes["/a"] = answer(200, feed("Three", "One", "Two"))

    assert newsroom.states() == {"a": "unchanged"}
    assert [article.title for article in newsroom.articles()] == ["One", "Two", "Three"]


def test_a_source_is_asked_only_for_what_has_changed(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One"), ETag='"1"')
    newsroom.feeds("/a")
    newsroom.fetch()
    newsroom.server.routes["/a"] = answer(304)

    assert newsroom.states() == {"a": "unchanged"}
    assert newsroom.server.asked[1].headers["if-none-match"] == '"1"'


def test_a_feed_that_cannot_be_read_is_not_unchanged_the_next_time(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, b"<html>", ETag='"1"')
    newsroom.feeds("/a")

    assert [newsroom.states(), newsroom.states()] == [{"a": "failed"}, {"a": "failed"}]
    assert "if-none-match" not in newsroom.server.asked[1].headers


def test_bad_sources_stop_no_other(newsroom: Newsroom) -> None:
    newsroom.server.routes |= {
        "/good": answer(200, feed("One")),
        "/html": answer(200, b"<!doctype html><html>"),
        "/deep": answer(200, b"<rss><channel><item>" + b"<b>" * 50_000),
        "/gone": answer(410),
        "/busy": answer(503, Retry_After="60"),
        "/self": answer(302, Location="http://169.254.169.254/"),
    }
    newsroom.feeds("/html", "/deep", "/gone", "/missing", "/self", "/good", "/busy")

    assert newsroom.states() == {
        "html": "failed", "deep": "failed", "gone": "retired", "missing": "failed", "self": "failed", "good": "new",
        "busy": "failed",
    }  # fmt: skip
    assert [article.title for article in newsroom.articles()] == ["One"]


def test_a_source_that_is_gone_is_asked_no_more_until_revived(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(410)
    newsroom.feeds("/a")

    assert [newsroom.states(), newsroom.states()] == [{"a": "retired"}, {"a": "retired"}]
    assert len(newsroom.server.asked) == 1

    newsroom.server.routes["/a"] = answer(200, feed("One"))
    fetching.revive(newsroom.newsletter.parts, "A")
    assert newsroom.states() == {"a": "new"}


def test_a_source_that_asked_to_be_left_alone_is(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(429, Retry_After="7200")
    newsroom.feeds("/a")

    assert [newsroom.states(), newsroom.states()] == [{"a": "failed"}, {"a": "waiting"}]

    newsroom.newsletter.clock.advance(timedelta(hours=2))
    newsroom.server.routes["/a"] = answer(200, feed("One"))
    assert newsroom.states() == {"a": "new"}


def test_a_source_that_moved_for_good_is_asked_at_its_new_place(newsroom: Newsroom) -> None:
    newsroom.server.routes |= {"/a": answer(301, Location="/b"), "/b": answer(200, feed("One"))}
    newsroom.feeds("/a")

    for _ in range(4):
        newsroom.fetch()

    assert newsroom.server.paths() == ["/a", "/b"] * 3 + ["/b"]


def test_a_source_without_anything_recent_is_stale(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("Old", when="Thu, 01 Oct 2026 10:00:00 GMT"))
    newsroom.feeds("/a")
    newsroom.fetch()

    (report,) = newsroom.fetch()

    assert (report.state, report.reason) == ("stale", "nothing newer than 2026-10-01")


def test_a_failure_tells_when_it_was_last_good(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One"))
    newsroom.feeds("/a")
    newsroom.fetch()
    good = newsroom.newsletter.clock.now
    newsroom.newsletter.clock.advance(timedelta(days=3))
    newsroom.server.routes["/a"] = answer(500)

    (report,) = newsroom.fetch()

    assert (report.state, report.reason, report.last_ok) == ("failed", "500 Internal Server Error", good)


def test_required_sources_block_while_they_fail(newsroom: Newsroom) -> None:
    newsroom.server.routes["/a"] = answer(200, feed("One"))
    newsroom.feeds("/a", "/b", require=True)
    parts = newsroom.newsletter.parts

    before = [one.source.name for one in sourcehealth.blocking(parts)]
    newsroom.fetch()
    (missing,) = sourcehealth.blocking(parts)
    newsroom.server.routes["/b"] = answer(200, feed("Two"))
    newsroom.fetch()

    assert (before, str(missing)) == (["a", "b"], "b: nothing so far (404 Not Found)")
    assert sourcehealth.blocking(parts) == []


def test_other_sources_never_block(newsroom: Newsroom) -> None:
    newsroom.feeds("/a")
    newsroom.fetch()

    assert sourcehealth.blocking(newsroom.newsletter.parts) == []


def test_one_source_can_be_asked_alone(newsroom: Newsroom) -> None:
    newsroom.server.routes |= {"/a": answer(200, feed("One")), "/b": answer(200, feed("Two"))}
    newsroom.feeds("/a", "/b")

    assert [report.source.name for report in newsroom.fetch("B")] == ["b"]
    with pytest.raises(UsageError, match="c: no such source; there are a, b"):
        newsroom.fetch("c")


def test_the_same_text_at_two_outlets_is_a_copy(newsroom: Newsroom) -> None:
    words = "Office workers who dimmed their screens slept twelve minutes longer than others, says the sleep institute."
    item = "<item><title>{0}</title><link>https://{0}.example/1</link><description>{1}</description></item>"
    for name in ("ledger", "herald"):
        body = f'<rss version="2.0"><channel>{item.format(name, words)}</channel></rss>'.encode()
        newsroom.server.routes[f"/{name}"] = answer(200, body)
    newsroom.feeds("/ledger", "/herald")

    newsroom.fetch()

    first, second = newsroom.articles()
    assert (first.copy_of, second.copy_of) == (None, first.id)


def test_a_folder_is_looked_into(newsroom: Newsroom) -> None:
    folder = newsroom.newsletter.parts.workspace / "wire"
    newsroom.sources(Source(name="Wire", url="wire", kind="folder", require=True))
    assert newsroom.states() == {"Wire": "failed"}

    folder.mkdir()
    path = newsroom.newsletter.story("From the wire")
    path.rename(folder / path.name)

    assert [newsroom.states(), newsroom.states()] == [{"Wire": "new"}, {"Wire": "unchanged"}]
    newsroom.newsletter.story("Another").rename(folder / "another.md")
    (report,) = newsroom.fetch()
    assert (report.state, report.new, report.reason) == ("new", 0, "files changed, 2 stories now")


def test_no_sources_is_no_trouble(newsroom: Newsroom) -> None:
    newsroom.sources()

    assert newsroom.fetch() == []


def test_a_journal_query_is_searched_and_read(newsroom: Newsroom) -> None:
    found = {"esearchresult": {"idlist": ["40000001"]}}
    record = """<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
      "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd"><PubmedArticleSet><PubmedArticle><MedlineCitation>
      <PMID>40000001</PMID><Article><Journal><Title>Journal of Pain</Title></Journal>
      <ArticleTitle>Ketamine for pain.</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
    newsroom.server.routes |= {
        "/entrez/eutils/esearch.fcgi": answer(200, json.dumps(found).encode()),
        "/entrez/eutils/efetch.fcgi": answer(200, record.encode()),
    }
    url = newsroom.server.url("/entrez/eutils/?term=ketamine")
    newsroom.sources(Source(name="PubMed", url=url, kind="journal", topic="pain"))

    assert [newsroom.states(), newsroom.states()] == [{"PubMed": "new"}, {"PubMed": "unchanged"}]

    (article,) = newsroom.articles()
    assert (article.title, article.outlet, article.kind, article.topic) == (
        "Ketamine for pain", "Journal of Pain", "journal", "pain",
    )  # fmt: skip
    assert article.details == {"pmid": "40000001"}
