"""Articles: each is stored once, by whichever name it comes; a changed one is brought up to date; copies are marked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from digest.gather.candidate import Candidate
from digest.gather.copies import Copies
from digest.gather.source import Source
from digest.store import Store, articles
from digest.store.articles import Kept, StoredArticle

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LEDGER = Source(name="Northern Ledger", url="https://northern-ledger.example/feed")
HERALD = Source(name="Southern Herald", url="https://southern-herald.example/feed")
AGENCY = (
    "Researchers followed two thousand office workers for a year and found that those who dimmed their screens in the "
    "evening slept twelve minutes longer, according to a report published on Thursday by the national sleep institute."
)


def item(title: str = "Dimmer evenings", **more: object) -> Candidate:
    return Candidate(title=title, **{"url": "https://northern-ledger.example/dimmer", **more})  # type: ignore[arg-type]


def keep(store: Store, source: Source, *items: Candidate, now: datetime = NOW, copies: Copies | None = None) -> Kept:
    with store.write() as db:
        return articles.keep(db, "weekly", source, items, copies=copies or Copies(), now=now)


def stored(store: Store, since: date = date(2000, 1, 1)) -> Sequence[StoredArticle]:
    with store.read() as db:
        return articles.recent(db, "weekly", since)


def test_an_article_is_kept_with_all_it_says(store: Store) -> None:
    source = replace(LEDGER, topic="sleep", kind="journal")
    found = item(
        summary="Short.", text="Long.", doi="10.1000/x", outlet="Journal of Sleep",
        published=datetime(2026, 11, 18, 9, tzinfo=UTC), details={"pmid": "1", "types": ["Review"]},
    )  # fmt: skip

    kept = keep(store, source, found)

    (article,) = stored(store)
    assert kept == Kept(new=(article.id,))
    assert article == StoredArticle(
        id=article.id, source="Northern Ledger", kind="journal", outlet="Journal of Sleep", topic="sleep",
        title="Dimmer evenings", summary="Short.", text="Long.", url="https://northern-ledger.example/dimmer",
        doi="10.1000/x", published=datetime(2026, 11, 18, 9, tzinfo=UTC), day=date(2026, 11, 18), added_at=NOW,
        changed_at=None, copy_of=None, details={"pmid": "1", "types": ["Review"]},
    )  # fmt: skip
    assert article.article().excerpt == "Short."


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (item(), item()),
        (item(), item(url="http://www.northern-ledger.example/dimmer/?utm_source=rss&fbclid=1#rss")),
        (item(doi="10.1000/x"), item(url="https://other.example/epdf/1", doi="10.1000/x", title="Another title")),
        (item(guid="7"), item(guid="7", url="https://northern-ledger.example/dimmer-evenings-2")),
        (item(url=None, guid="7"), item(url=None, guid="7", title="Edited")),
        (item(url=None, text="same"), item(url=None, text="same")),
        (item(text=AGENCY), item(text=AGENCY + " More.", url="https://northern-ledger.example/health/dimmer")),
    ],
    ids=["same", "tracked", "doi", "guid", "guid alone", "words alone", "same words, same outlet"],
)
def test_an_article_that_comes_again_is_known(store: Store, first: Candidate, again: Candidate) -> None:
    keep(store, LEDGER, first)

    kept = keep(store, LEDGER, again, now=NOW + timedelta(days=1))

    assert kept.new == ()
    assert kept.known + kept.changed == 1
    assert len(stored(store)) == 1
    assert keep(store, LEDGER, again).new == keep(store, LEDGER, first).new == (), "by every name that it ever had"


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (item(), item(url="https://northern-ledger.example/other")),
        (item(guid="1"), item("Salt and pressure", guid="1", url="https://northern-ledger.example/salt")),
        (item(url="https://northern-ledger.example/?id=1"), item(url="https://northern-ledger.example/?id=2")),
        (item(text=AGENCY), item("Sign up for sleep news", text=AGENCY, url="https://northern-ledger.example/p")),
        (item(url="https://northern-ledger.example/now#a"), item(url="https://northern-ledger.example/now#b")),
    ],
    ids=["same title", "guid used again", "query", "furniture", "fragment"],
)
def test_other_articles_are_not_taken_for_it(store: Store, first: Candidate, other: Candidate) -> None:
    keep(store, LEDGER, first)

    assert len(keep(store, LEDGER, other).new) == 1
    assert keep(store, LEDGER, first, other).new == ()


def test_items_that_share_a_link_or_a_guid_are_told_apart(store: Store) -> None:
    home = "https://northern-ledger.example/"
    shared = [item(f"News number {n}", url=home, guid=f"g{n}") for n in range(3)]
    guids = [item(f"Piece {n}", url=f"{home}{n}", guid="1") for n in range(3)]

    assert len(keep(store, LEDGER, *shared, *guids).new) == 6
    assert keep(store, LEDGER, *reversed(shared), *guids).new == ()


def test_an_item_that_stands_twice_in_a_feed_is_kept_once(store: Store) -> None:
    kept = keep(store, LEDGER, item(guid="1"), item(guid="1"), item(guid="1", title="Dimmer evenings!"))

    assert (len(kept.new), kept.known) == (1, 2)


def test_a_source_may_change_what_it_said_and_no_other_may(store: Store) -> None:
    keep(store, LEDGER, item(text="First."))
    later = NOW + timedelta(hours=1)

    changed = keep(store, LEDGER, item("Dimmer evenings, corrected", text="Second."), now=later)
    other = keep(store, HERALD, item("As another feed tells it"), now=later)

    (article,) = stored(store)
    assert (changed.changed, other.changed, other.known) == (1, 0, 1)
    assert (article.title, article.text, article.changed_at) == ("Dimmer evenings, corrected", "Second.", later)
    assert article.added_at == NOW


def test_a_text_at_another_outlet_is_kept_as_a_copy(store: Store) -> None:
    keep(store, LEDGER, item(text=AGENCY))
    copy = item(
        "Sleep: what screens do", text=AGENCY.replace("Thursday", "Friday"), url="https://southern-herald.example/1"
    )

    kept = keep(store, HERALD, copy)

    original, copied = stored(store)
    assert kept.copies == 1
    assert (original.copy_of, copied.copy_of) == (None, original.id)
    assert copied.outlet == "Southern Herald"


def test_a_copy_of_a_copy_is_one_of_the_original(store: Store) -> None:
    for n in range(3):
        source = Source(name=f"Paper {n}", url=f"https://paper{n}.example/feed")
        keep(store, source, item(text=AGENCY, url=f"https://paper{n}.example/a"))

    first, second, third = stored(store)
    assert (second.copy_of, third.copy_of) == (first.id, first.id)


@pytest.mark.parametrize("published", [NOW + timedelta(days=400), None])
def test_dates_in_the_future_or_missing_become_the_day_it_came_in(store: Store, published: datetime | None) -> None:
    keep(store, LEDGER, item(published=published))

    (article,) = stored(store)
    assert (article.published, article.day) == (None, NOW.date())


def test_a_page_without_a_date_among_dated_news_is_no_news(store: Store) -> None:
    dated = [item(url=f"https://e.example/{n}", published=NOW - timedelta(days=n)) for n in (1, 9)]

    keep(store, LEDGER, item("About us", url="https://e.example/about"), *dated)
    keep(store, HERALD, item("News", url="https://h.example/1"), item("More", url="https://h.example/2"))

    days = {article.title: article.day for article in stored(store)}
    assert days["About us"] == (NOW - timedelta(days=9)).date()
    assert days["News"] == NOW.date()


def test_an_item_from_the_future_stays_on_the_day_it_came_in(store: Store) -> None:
    ahead = item(published=NOW + timedelta(days=3))
    keep(store, LEDGER, ahead)

    for days in (1, 5):
        keep(store, LEDGER, ahead, now=NOW + timedelta(days=days))

    (article,) = stored(store)
    assert article.day == NOW.date()


def test_recent_are_those_of_the_day_and_later(store: Store) -> None:
    for n in range(4):
        keep(store, LEDGER, item(url=f"https://e.example/{n}", published=NOW - timedelta(days=n)))

    assert [found.day.day for found in stored(store, date(2026, 11, 18))] == [18, 19, 20]
    with store.read() as db:
        assert articles.recent(db, "another", date(2000, 1, 1)) == []


def test_old_texts_are_shortened_and_still_known(store: Store) -> None:
    old = item(text="word " * 1_000, published=NOW - timedelta(days=200))
    keep(store, LEDGER, old)

    with store.write() as db:
        assert articles.shorten_old(db, "weekly", (NOW - timedelta(days=100)).date()) == 1

    assert len(stored(store)[0].text) == 500
    assert keep(store, LEDGER, old) == Kept(known=1)


def test_articles_are_found_by_their_ids(store: Store) -> None:
    kept = keep(store, LEDGER, *(item(url=f"https://e.example/{n}") for n in range(3)))

    with store.read() as db:
        found = articles.get(db, "weekly", [kept.new[2], kept.new[0], 999])

    assert [article.id for article in found] == [kept.new[0], kept.new[2]]


def test_two_fetches_at_once_store_nothing_twice(store: Store) -> None:
    items = [item(f"Piece {n}", url=f"https://e.example/{n}") for n in range(30)]

    with ThreadPoolExecutor(4) as threads:
        kept = list(threads.map(lambda _: keep(store, LEDGER, *items), range(4)))

    assert sum(len(one.new) for one in kept) == 30
    assert len(stored(store)) == 30


@pytest.mark.parametrize(
    ("source", "found", "outlet"),
    [
        (LEDGER, item(outlet="The Item's Own"), "The Item's Own"),
        (replace(LEDGER, outlet="As Set"), item(), "As Set"),
        (LEDGER, item(), "Northern Ledger"),
        (LEDGER, item(url="https://news.northern-ledger.example/1"), "Northern Ledger"),
        (LEDGER, item(url="https://elsewhere.example/1"), "elsewhere.example"),
        (LEDGER, item(url=None, guid="1"), "Northern Ledger"),
    ],
)
def test_an_article_belongs_to_an_outlet(store: Store, source: Source, found: Candidate, outlet: str) -> None:
    keep(store, source, found)

    assert stored(store)[0].outlet == outlet
