"""Several processes send one edition: what one of them leaves is taken up by those who are still there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from digest.deliver.journal import FileJournal, boot_id
from digest.model import Claim, EditionState
from digest.store import ledger, senders
from digest.store.senders import Sender
from digest.verbs import due
from digest.verbs.recovery import journal_of
from digest.verbs.report import exit_code
from digest.verbs.send import Order, send_edition
from tests.smtpd import Rule
from tests.verbs.conftest import MONDAY_7, Newsletter

EDITION = "weekly-2026-11-23"


@dataclass
class Other:
    """Another process that sends the same edition: it claims some, and dies when it is told to."""

    newsletter: Newsletter
    sender: Sender | None = None
    claims: list[Claim] = field(default_factory=list)

    def claim(self, most: int) -> None:
        parts = self.newsletter.parts
        self.sender = senders.register(parts.store, parts.clock())
        with parts.store.write() as db:
            lease = timedelta(minutes=20)
            self.claims = ledger.claim(db, EDITION, sender=self.sender.id, limit=most, now=parts.clock(), lease=lease)
        file = journal_of(parts, self.sender.id)
        self.journal = FileJournal(file, edition=EDITION, sender=self.sender.id, boot=boot_id())

    def die(self, *_: object) -> None:
        if self.sender is not None:
            self.journal.close(remove=False)
            self.sender.abandon()
            self.sender = None


@pytest.fixture
def five(auto: Newsletter) -> Newsletter:
    """An edition under way: five readers who were put off, and whose time has come."""
    auto.story("Sleep is good")
    auto.readers(*(f"r{number}" for number in range(5)))
    auto.clock.set(MONDAY_7)
    auto.relay.script.rules.append(Rule("rcpt", text="451 4.2.0 later", times=5))
    auto.relay.used.append(0)
    send_edition_now(auto)
    auto.clock.advance(timedelta(minutes=10))
    return auto


def send_edition_now(newsletter: Newsletter) -> None:
    newsletter.assembled()
    send_edition(newsletter.parts, EDITION, Order(wait=timedelta(0)))


def test_what_a_process_beside_us_leaves_when_it_dies_is_sent_before_we_go(five: Newsletter) -> None:
    other = Other(five)
    other.claim(2)
    order = Order(wait=timedelta(0), joins=True, progress=other.die)

    run = send_edition(five.parts, EDITION, order)

    assert (run.what, run.totals.sent, exit_code([run])) == ("sent", 5, 0)
    assert five.received() == [f"r{number}@example.com" for number in range(5)]
    assert due.find(five.parts, EDITION).state is EditionState.SENT


def test_what_it_had_begun_is_in_doubt_and_not_sent_again(five: Newsletter) -> None:
    other = Other(five)
    other.claim(2)
    other.journal.began(other.claims[0])
    order = Order(wait=timedelta(0), joins=True, progress=other.die)

    run = send_edition(five.parts, EDITION, order)

    assert (run.what, run.totals.sent, run.totals.uncertain) == ("sent", 4, 1)
    assert len(five.received()) == 4


def test_what_a_living_process_has_in_hand_is_elsewhere(five: Newsletter) -> None:
    other = Other(five)
    other.claim(2)

    run = send_edition(five.parts, EDITION, Order(wait=timedelta(0), joins=True))
    other.die()

    assert (run.what, run.totals.sent, run.totals.pending, exit_code([run])) == ("elsewhere", 3, 2, 0)


def test_what_a_helper_leaves_that_is_killed_while_it_is_waited_for_is_sent_too(five: Newsletter) -> None:
    helper = Other(five)

    @contextmanager
    def crew(edition: str, pending: int) -> Iterator[int]:
        helper.claim(2)
        yield 2
        helper.die()

    run = send_edition(five.parts, EDITION, Order(wait=timedelta(0), crew=crew))

    assert (run.what, run.totals.sent, run.accepted) == ("sent", 5, 5)
    assert five.received() == [f"r{number}@example.com" for number in range(5)]
