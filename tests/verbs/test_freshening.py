"""Unattended: the clock asks the sources before it puts an edition together; what fails is told, the required holds."""

from __future__ import annotations

import quopri
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.gather.guard import Guard
from digest.gather.limits import Limits
from digest.gather.source import Source
from digest.verbs import due
from digest.verbs.byclock import keep_time
from digest.verbs.parts import Gathering
from digest.verbs.required import assemble_by_hand
from digest.verbs.send import Order
from tests.gather.hostile import HostileServer, answer
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"
OPERATOR = "operator@example.com"
FEED = (
    b'<rss version="2.0"><channel><title>t</title><item><title>Lamps and sleep in a trial of 184 workers</title>'
    b"<link>https://northern-ledger.example/lamps</link><description>Dimmer lamps, longer sleep, a trial of 184 office "
    b"workers found this week.</description><pubDate>Thu, 19 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)


class Desk:
    def __init__(self, newsletter: Newsletter, server: HostileServer) -> None:
        self.newsletter = newsletter
        self.server = server

    def sources(self, *names: str, required: str = "") -> None:
        guard = Guard(frozenset({("127.0.0.1", self.server.port)}))
        sources = tuple(Source(name=n, url=self.server.url(f"/{n}"), require=n == required) for n in names)
        how = Gathering(sources=sources, limits=Limits(pause_s=0, deadline_s=5), guard=guard)
        self.newsletter.parts = replace(self.newsletter.parts, gathering=how)

    def tick(self) -> list[str]:
        return [run.what for run in keep_time(self.newsletter.parts, Order(stop=threading.Event(), wait=timedelta(0)))]

    def stories(self) -> list[str]:
        return [story.headline for story in due.find(self.newsletter.parts, EDITION).edition.stories]

    def mails(self) -> list[bytes]:
        told = (mail.data for mail in self.newsletter.relay.accepted if OPERATOR in mail.rcpt_to)
        return [b" ".join(quopri.decodestring(mail).split()) for mail in told]


@pytest.fixture
def desk(auto: Newsletter) -> Iterator[Desk]:
    auto.parts = replace(auto.parts, notify_to=(OPERATOR,))
    auto.readers("ada")
    with HostileServer() as server:
        yield Desk(auto, server)


def test_the_edition_goes_out_without_a_source_that_fails_and_that_is_told(desk: Desk) -> None:
    desk.newsletter.story("Sleep is good")
    desk.sources("ledger")

    desk.tick()
    desk.newsletter.clock.set(MONDAY_7)

    assert desk.tick() == ["sent"]
    told = desk.mails()[0]
    assert b"lacks what some sources have" in told
    assert b"ledger: nothing so far (404 Not Found)" in told


def test_when_all_sources_are_down_and_nothing_is_there_nothing_is_sent_and_that_is_told(desk: Desk) -> None:
    desk.sources("ledger")
    desk.tick()
    desk.newsletter.clock.set(MONDAY_7)

    assert desk.tick() == ["empty"]
    assert any(b"has no stories" in mail for mail in desk.mails())
    assert "ada@example.com" not in desk.newsletter.received()


def test_a_required_source_that_fails_holds_the_edition_loudly(desk: Desk) -> None:
    desk.newsletter.story("Sleep is good")
    desk.sources("ledger", required="ledger")
    desk.tick()
    desk.newsletter.clock.set(MONDAY_7)

    assert desk.tick() == ["held"]
    assert any(
        b"waits for a source that it requires: ledger: nothing so far (404 Not Found)" in mail for mail in desk.mails()
    )
    assert "ada@example.com" not in desk.newsletter.received()


def test_when_the_required_source_comes_back_its_stories_come_in_and_the_edition_goes_out(desk: Desk) -> None:
    desk.newsletter.story("Sleep is good")
    desk.sources("ledger", required="ledger")
    desk.tick()
    desk.server.routes["/ledger"] = answer(200, FEED)
    desk.newsletter.clock.advance(timedelta(hours=2))

    desk.tick()
    assert len(desk.stories()) == 2
    desk.newsletter.clock.set(MONDAY_7)
    assert desk.tick() == ["sent"]


def test_a_person_may_send_without_a_required_source(desk: Desk) -> None:
    desk.newsletter.story("Sleep is good")
    desk.sources("ledger", required="ledger")
    desk.tick()
    parts = desk.newsletter.parts
    assemble_by_hand(parts, due.slot_to_assemble(parts), refresh=False, anyway=True)
    desk.server.routes["/ledger"] = answer(200, FEED)
    desk.newsletter.clock.set(MONDAY_7)

    assert desk.tick() == ["sent"]
    assert desk.stories() == ["Sleep is good"], "what was assembled is what is sent"
