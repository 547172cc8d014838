"""By the clock: sources are asked, an edition is assembled of what they brought, and sent, with nobody there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from digest.gather.source import Source
from digest.model import EditionState
from digest.store import asked, editions, gathered
from digest.verbs import due
from digest.verbs.byclock import keep_time
from digest.verbs.report import Run, exit_code
from digest.verbs.send import Order
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import LONDON, MONDAY_7, Newsletter
from tests.verbs.newsroom import NASAL_SPRAY, SALT, Newsroom, rss

EDITION = "weekly-2026-11-23"
WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=LONDON)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def newsroom(auto: Newsletter) -> Iterator[Newsroom]:
    with HostileServer() as server:
        room = Newsroom(auto, server)
        room.publishes("Harbour Post", NASAL_SPRAY[0], SALT)
        room.publishes("Inland Times", NASAL_SPRAY[1])
        auto.readers("ada", "bob")
        yield room


def _go(newsroom: Newsroom, stop: threading.Event | None = None) -> list[Run]:
    return keep_time(newsroom.newsletter.parts, Order(stop=stop or threading.Event(), wait=timedelta(0)))


def _made(newsroom: Newsroom) -> list[str]:
    return [row.edition.id for row in due.listing(newsroom.newsletter.parts, 5)]


def _somebody_begins(newsroom: Newsroom) -> None:
    with newsroom.newsletter.parts.store.write() as db:
        assert asked.begin(db, "weekly", newsroom.newsletter.clock())


def _cannot_ask(newsroom: Newsroom) -> None:
    """A fault of ours, not of a source: no round can even begin."""
    newsroom.asks(Source(name="Far", url="no query", kind="journal"))


def test_an_unattended_newsletter_goes_from_feed_to_mail(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter

    friday = _go(newsroom)
    edition = due.find(newsletter.parts, EDITION).edition
    newsletter.clock.set(MONDAY_7)
    monday = _go(newsroom)

    assert friday == []
    assert [len(story.articles) for story in edition.stories] == [2, 1]
    assert [run.what for run in monday] == ["sent"]
    assert newsletter.received() == ["ada@example.com", "bob@example.com"]
    assert b"croup" in newsletter.relay.accepted[0].data


def test_what_nobody_was_awake_for_goes_out_in_one_go(newsroom: Newsroom) -> None:
    newsroom.newsletter.clock.set(MONDAY_7 + 3 * MINUTE)

    runs = _go(newsroom)

    assert [(run.edition, run.what) for run in runs] == [(EDITION, "sent")]
    assert len(newsroom.newsletter.received()) == 2


def test_many_senders_at_the_same_instant_ask_once_and_make_one_edition(newsroom: Newsroom) -> None:
    newsroom.newsletter.clock.set(MONDAY_7)
    together = threading.Barrier(6)
    runs: list[Run] = []

    def one() -> None:
        together.wait()
        runs.extend(_go(newsroom))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert newsroom.asked() == ["harbour", "inland"]
    assert _made(newsroom) == [EDITION]
    assert len(due.find(newsroom.newsletter.parts, EDITION).edition.stories) == 2
    assert newsroom.newsletter.received() == ["ada@example.com", "bob@example.com"]
    assert exit_code(runs) == 0


def test_what_came_in_before_it_is_time_to_assemble_is_asked_for_once_more(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsletter.clock.advance(timedelta(hours=-2))  # Friday 14:00
    assert _go(newsroom) == []
    assert newsroom.asked() == ["harbour", "inland"]
    newsletter.clock.advance(timedelta(hours=1))
    newsroom.publishes("Inland Times", NASAL_SPRAY[1], ("Ferry pier gets a walking track", "A walk is free of charge."))

    _go(newsroom)

    assert newsroom.asked() == ["harbour", "inland"]
    headlines = [story.headline for story in due.find(newsletter.parts, EDITION).edition.stories]
    assert "Ferry pier gets a walking track" in headlines


def test_a_round_under_way_is_left_to_whoever_began_it_until_given_up(newsroom: Newsroom) -> None:
    _somebody_begins(newsroom)

    before = [_go(newsroom), _made(newsroom), newsroom.asked()]
    newsroom.newsletter.clock.advance(10 * MINUTE)
    _go(newsroom)

    assert before == [[], [], []]
    assert newsroom.asked() == ["harbour", "inland"]
    assert _made(newsroom) == [EDITION]


def test_at_its_hour_an_edition_waits_no_more_for_a_round_begun_before(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsroom.fetch()
    newsroom.asked()
    newsletter.clock.set(MONDAY_7 - 2 * MINUTE)
    _somebody_begins(newsroom)

    assert _go(newsroom) == []
    newsletter.clock.set(MONDAY_7)
    assert [run.what for run in _go(newsroom)] == ["sent"]
    assert newsroom.asked() == []


def test_a_round_begun_at_the_hour_is_waited_for_a_little(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsroom.fetch()
    newsletter.clock.set(MONDAY_7 + MINUTE)
    _somebody_begins(newsroom)  # and dies

    assert _go(newsroom) == []
    newsletter.clock.set(MONDAY_7 + 10 * MINUTE)
    assert [run.what for run in _go(newsroom)] == ["sent"]


def test_sources_are_asked_every_few_hours_of_the_week(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsletter.clock.set(WEDNESDAY)
    assert (_go(newsroom), newsroom.asked()) == ([], ["harbour", "inland"])

    newsletter.clock.advance(timedelta(hours=6))
    assert (_go(newsroom), newsroom.asked()) == ([], [])

    newsletter.clock.advance(MINUTE)
    assert (_go(newsroom), newsroom.asked()) == ([], ["harbour", "inland"])


def test_a_clock_that_was_wrong_delays_nothing(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsletter.clock.set(MONDAY_7 + timedelta(days=30))
    _somebody_begins(newsroom)
    newsletter.clock.set(WEDNESDAY)

    _go(newsroom)

    assert newsroom.asked() == ["harbour", "inland"]


def test_by_hand_only_means_by_hand_only(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    by_hand = replace(newsletter.parts.gathering, every=timedelta(0))
    newsletter.parts = replace(newsletter.parts, gathering=by_hand)
    newsroom.fetch()
    newsroom.asked()

    _go(newsroom)
    newsletter.clock.set(MONDAY_7)
    runs = _go(newsroom)

    assert newsroom.asked() == []
    assert [run.what for run in runs] == ["sent"]


def test_stories_are_on_the_desk_before_an_editor_looks(newsroom: Newsroom) -> None:
    newsroom.newsletter.clock.set(WEDNESDAY)

    _go(newsroom)

    with newsroom.newsletter.parts.store.read() as db:
        assert len(gathered.names_on_desk(db, "weekly")) == 2


def test_whoever_sends_never_waits_for_feeds(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    _go(newsroom)
    newsletter.clock.set(MONDAY_7)
    mails_before_feeds: list[int] = []
    feed = answer(200, rss([SALT], newsletter.clock(), "harbour-post.example"))

    def look(connection: object, _: object) -> None:
        mails_before_feeds.append(len(newsletter.relay.accepted))
        connection.sendall(feed)  # type: ignore[attr-defined]

    newsroom.server.routes["/harbour-post.example"] = look

    _go(newsroom)

    assert mails_before_feeds == [2]


def test_asking_that_fails_altogether_stops_no_sending(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    _go(newsroom)
    _cannot_ask(newsroom)
    newsletter.clock.set(MONDAY_7)

    runs = _go(newsroom)

    assert [(run.edition, run.what) for run in runs] == [(EDITION, "sent"), ("weekly", "failed")]
    assert "the sources could not be asked" in (runs[1].reason or "")
    assert exit_code(runs) == 1
    assert len(newsletter.received()) == 2


def test_asking_that_fails_altogether_costs_no_edition(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsroom.fetch()
    _cannot_ask(newsroom)

    for minutes in (0, 5, 10):
        newsletter.clock.set(MONDAY_7 + minutes * MINUTE)
        runs = _go(newsroom)

    assert runs[0].what == "sent"


def test_told_to_stop_a_round_is_given_back(newsroom: Newsroom) -> None:
    stop = threading.Event()
    feed = answer(200, rss([SALT], newsroom.newsletter.clock(), "harbour-post.example"))

    def stopping(connection: object, _: object) -> None:
        stop.set()
        connection.sendall(feed)  # type: ignore[attr-defined]

    newsroom.server.routes["/harbour-post.example"] = stopping

    stopped = _go(newsroom, stop)
    made = _made(newsroom)
    _go(newsroom)

    assert (stopped, made) == ([], [])
    assert _made(newsroom) == [EDITION]


def test_quiet_sources_make_no_edition_and_that_is_told(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    newsletter.parts = replace(newsletter.parts, notify_to=("operator@example.com",))
    newsroom.publishes("Harbour Post")
    newsroom.breaks("Inland Times", 503)

    friday = _go(newsroom)
    newsletter.clock.set(MONDAY_7)
    monday = _go(newsroom)

    assert (friday, [run.what for run in monday]) == ([], ["empty"])
    assert exit_code(monday) == 0
    assert newsletter.received() == ["operator@example.com"]
    assert due.find(newsletter.parts, EDITION).state is EditionState.CANCELLED
    assert "Inland Times: nothing so far (503" in (monday[0].reason or "")


def test_a_newsletter_without_readers_gathers_but_makes_no_edition(newsroom: Newsroom) -> None:
    newsletter = newsroom.newsletter
    with newsletter.parts.store.write() as db:
        db.exec_driver_sql("DELETE FROM consent_event")
        db.exec_driver_sql("DELETE FROM subscriber")
        assert editions.began(db, "weekly") is None

    assert _go(newsroom) == []

    assert newsroom.asked() == ["harbour", "inland"]
    assert _made(newsroom) == []
