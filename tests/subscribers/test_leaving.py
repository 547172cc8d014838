"""The ways out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from subscribers import book
from subscribers.book import SubscriberState
from subscribers.keys import KeyRing
from subscribers.people import Reason
from subscribers.tables import consent_event, subscriber, suppression
from tests.subscribers.samples import LETTER, NOW, Join

LATER = NOW + timedelta(days=1)


def state_of(db: Connection, number: int) -> SubscriberState:
    person = book.get(db, number)
    assert person is not None
    return person.state


def test_unsubscribing_is_once_and_on_record(db: Connection, join: Join) -> None:
    ann = join("ann@example.org")

    first = book.unsubscribe(db, LETTER, ann, how="one-click", now=LATER)
    second = book.unsubscribe(db, LETTER, ann, how="one-click", now=LATER)

    assert (first, second) == (True, False)
    assert state_of(db, ann) is SubscriberState.UNSUBSCRIBED
    assert [event.kind for event in book.history(db, ann)] == ["confirmed", "unsubscribed"]
    assert book.history(db, ann)[-1].at == LATER


def test_nobody_is_unsubscribed_from_another_newsletter(db: Connection, join: Join) -> None:
    ann = join("ann@example.org")

    assert not book.unsubscribe(db, "daily", ann, how="one-click", now=LATER)
    assert not book.unsubscribe(db, LETTER, ann + 1, how="one-click", now=LATER)
    assert state_of(db, ann) is SubscriberState.ACTIVE


def test_an_operator_removes_by_address_in_any_case(db: Connection, join: Join) -> None:
    ann = join("ann@example.org")

    assert book.remove(db, LETTER, "ANN@Example.org", how="operator", now=LATER)
    assert not book.remove(db, LETTER, "ann@example.org", how="operator", now=LATER)
    assert not book.remove(db, LETTER, "bob@example.org", how="operator", now=LATER)
    assert state_of(db, ann) is SubscriberState.UNSUBSCRIBED


def test_a_dead_mailbox_is_suppressed_on_all_newsletters(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")

    first = book.mark_bounced(db, ring, ann, "550 5.1.1 unknown", LATER)
    second = book.mark_bounced(db, ring, ann, "550 5.1.1 unknown", LATER)

    assert (first, second) == (True, False)
    assert state_of(db, ann) is SubscriberState.BOUNCED
    assert book.is_suppressed(db, ring, "daily", "ANN@example.org")
    assert book.history(db, ann)[-1].proof == "550 5.1.1 unknown"


def test_a_bounce_after_unsubscribing_suppresses_but_keeps_the_state(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.unsubscribe(db, LETTER, ann, how="link", now=NOW)

    book.mark_bounced(db, ring, ann, "550 5.1.1", LATER)

    assert state_of(db, ann) is SubscriberState.UNSUBSCRIBED
    assert book.is_suppressed(db, ring, LETTER, "ann@example.org")


def test_a_complaint_is_stronger_than_a_bounce(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.mark_bounced(db, ring, ann, "550 5.1.1", NOW)

    first = book.mark_complained(db, ring, ann, "abuse report", LATER)
    second = book.mark_complained(db, ring, ann, "abuse report", LATER)

    assert (first, second) == (True, False)
    assert state_of(db, ann) is SubscriberState.COMPLAINED
    assert db.scalars(select(suppression.c.reason)).all() == [Reason.COMPLAINED]


def test_erasing_leaves_nothing_that_tells_who_it_was(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann.lee@clinic.example", name="Ann Lee", topics=["rare disease"])
    book.unsubscribe(db, LETTER, ann, how="link", now=NOW, proof="192.0.2.7")

    assert book.erase(db, ring, ann, LATER)

    left = [repr(row) for table in (subscriber, consent_event) for row in db.execute(select(table))]
    hashed = ring.suppression_hash("ann.lee@clinic.example")
    for trace in ("ann.lee", "clinic", "Ann", "rare", "192.0.2", "form", hashed):
        assert not [row for row in left if trace in row]
    assert [(event.kind, event.proof) for event in book.history(db, ann)] == [("erased", None)]


def test_an_erased_person_keeps_their_number_and_stays_suppressed(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.erase(db, ring, ann, LATER)

    assert state_of(db, ann) is SubscriberState.ERASED
    assert book.find(db, LETTER, "ann@example.org") is None
    assert book.listing(db, LETTER) == []
    assert book.is_suppressed(db, ring, LETTER, "ann@example.org")
    assert not book.is_suppressed(db, ring, "daily", "ann@example.org")
    assert join("bob@example.org") != ann


def test_erasing_twice_and_erasing_nobody_is_harmless(db: Connection, ring: KeyRing, join: Join) -> None:
    ann, bob = join("ann@example.org"), join("bob@example.org")

    assert book.erase(db, ring, ann, LATER)
    assert book.erase(db, ring, bob, LATER)
    assert not book.erase(db, ring, ann, LATER)
    assert not book.erase(db, ring, bob + 1, LATER)
    assert len(db.execute(select(suppression)).all()) == 2


def test_nothing_more_happens_to_the_erased(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.erase(db, ring, ann, LATER)

    assert not book.unsubscribe(db, LETTER, ann, how="link", now=LATER)
    assert not book.mark_bounced(db, ring, ann, "550", LATER)
    assert not book.mark_complained(db, ring, ann, "report", LATER)
    assert state_of(db, ann) is SubscriberState.ERASED


def test_an_erased_person_can_come_back_by_their_own_wish_as_somebody_new(
    db: Connection, ring: KeyRing, join: Join
) -> None:
    ann = join("ann@example.org")
    book.erase(db, ring, ann, NOW)

    result = book.add(
        db, ring, LETTER, "ann@example.org", confirmed=True, how="form", proof=None, now=LATER, own_wish=True
    )

    assert result.subscriber is not None
    assert result.subscriber.id != ann
    assert result.subscriber.state is SubscriberState.ACTIVE
