"""Who is in the book, and how they came in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from subscribers import book
from subscribers.book import Added, SubscriberState
from subscribers.errors import AddressError, DetailError
from subscribers.keys import KeyRing
from subscribers.people import AddResult, Reason
from tests.subscribers.samples import LETTER, NOW, Join

LATER = NOW + timedelta(days=1)


def again(db: Connection, ring: KeyRing, address: str, *, own_wish: bool = False, **details: Any) -> AddResult:
    """Somebody is added as confirmed, a day later."""
    return book.add(
        db, ring, LETTER, address, confirmed=True, how="form", proof=None, now=LATER, own_wish=own_wish, **details
    )


def test_somebody_who_only_asked_is_pending_until_they_confirm(db: Connection, ring: KeyRing) -> None:
    asked = book.add(db, ring, LETTER, "ann@example.org", confirmed=False, how="form", proof="192.0.2.1", now=NOW)
    confirmed = again(db, ring, "ann@example.org")

    assert asked.outcome is Added.ADDED
    assert asked.subscriber is not None
    assert asked.subscriber.state is SubscriberState.PENDING
    assert asked.subscriber.confirmed_at is None
    assert confirmed.outcome is Added.UPDATED
    assert confirmed.subscriber is not None
    assert confirmed.subscriber.state is SubscriberState.ACTIVE
    assert confirmed.subscriber.confirmed_at == LATER


def test_consent_is_on_record_with_when_how_and_proof(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org", confirmed=False)
    again(db, ring, "ann@example.org")

    events = [(event.at, event.kind, event.how, event.proof) for event in book.history(db, ann)]

    assert events == [(NOW, "requested", "form", "192.0.2.1"), (LATER, "confirmed", "form", None)]


def test_everything_told_about_a_person_comes_back(db: Connection, ring: KeyRing) -> None:
    book.add(
        db, ring, LETTER, "Ann@Example.ORG", name=" Ann  Lee ", language="PT_br", timezone="Europe/London",
        topics=["pain", "sleep"], confirmed=True, how="form", proof=None, now=NOW,
    )  # fmt: skip

    ann = book.find(db, LETTER, "ANN@example.org")

    assert ann is not None
    assert (ann.address, ann.domain, ann.name) == ("Ann@example.org", "example.org", "Ann Lee")
    assert (ann.language, ann.timezone, ann.topics) == ("pt-BR", "Europe/London", ("pain", "sleep"))
    assert (ann.created_at, ann.updated_at, ann.source) == (NOW, NOW, "form")
    assert ann == book.get(db, ann.id)


def test_adding_twice_changes_nothing(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org", name="Ann")

    result = again(db, ring, "ANN@example.org", name="Ann")

    assert result == AddResult(Added.UNCHANGED, book.get(db, ann))
    assert len(book.history(db, ann)) == 1


def test_new_details_replace_known_ones_and_empty_ones_leave_them(db: Connection, ring: KeyRing, join: Join) -> None:
    join("ann@example.org", name="Ann", topics=["pain"])

    result = again(db, ring, "ann@example.org", language="de")

    assert result.outcome is Added.UPDATED
    assert result.subscriber is not None
    assert (result.subscriber.name, result.subscriber.language) == ("Ann", "de")
    assert result.subscriber.topics == ("pain",)


def test_one_address_on_two_newsletters_is_two_subscriptions(db: Connection, join: Join) -> None:
    weekly, daily = join("ann@example.org"), join("ann@example.org", newsletter="daily")

    book.unsubscribe(db, "daily", daily, how="link", now=NOW)

    found = book.get(db, weekly)
    assert found is not None
    assert found.state is SubscriberState.ACTIVE


def test_what_cannot_be_used_is_refused(db: Connection, ring: KeyRing) -> None:
    with pytest.raises(AddressError):
        again(db, ring, "ann")
    with pytest.raises(DetailError):
        again(db, ring, "ann@example.org", timezone="Mars/Olympus")
    assert book.find(db, LETTER, "ann@example.org") is None


def test_an_operator_cannot_bring_back_somebody_who_left(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.unsubscribe(db, LETTER, ann, how="link", now=NOW)

    result = again(db, ring, "ann@example.org", name="Ann")

    assert result == AddResult(Added.KEPT, book.get(db, ann))
    assert result.subscriber is not None
    assert (result.subscriber.state, result.subscriber.name) == (SubscriberState.UNSUBSCRIBED, "")


@pytest.mark.parametrize("way_out", ["unsubscribed", "bounced"])
def test_their_own_confirmed_wish_brings_them_back(db: Connection, ring: KeyRing, join: Join, way_out: str) -> None:
    ann = join("ann@example.org")
    if way_out == "bounced":
        book.mark_bounced(db, ring, ann, "550 5.1.1", NOW)
    else:
        book.unsubscribe(db, LETTER, ann, how="link", now=NOW)

    result = again(db, ring, "ann@example.org", own_wish=True)

    assert result.outcome is Added.UPDATED
    assert result.subscriber is not None
    assert (result.subscriber.state, result.subscriber.confirmed_at) == (SubscriberState.ACTIVE, LATER)
    assert not book.is_suppressed(db, ring, LETTER, "ann@example.org")
    assert book.history(db, ann)[-1].kind == "confirmed"


def test_a_wish_that_is_not_confirmed_brings_nobody_back(db: Connection, ring: KeyRing, join: Join) -> None:
    ann = join("ann@example.org")
    book.unsubscribe(db, LETTER, ann, how="link", now=NOW)

    result = book.add(
        db, ring, LETTER, "ann@example.org", confirmed=False, how="form", proof=None, now=LATER, own_wish=True
    )

    assert result.outcome is Added.KEPT


def test_after_a_complaint_nothing_brings_them_back(db: Connection, ring: KeyRing, join: Join) -> None:
    book.mark_complained(db, ring, join("ann@example.org"), "abuse report", NOW)
    again_suppressed = book.suppress(db, ring, LETTER, "ann@example.org", Reason.OPERATOR, NOW)

    result = again(db, ring, "ann@example.org", own_wish=True)

    assert again_suppressed
    assert result.outcome is Added.SUPPRESSED
    assert result.subscriber is not None
    assert result.subscriber.state is SubscriberState.COMPLAINED


def test_a_suppressed_stranger_is_not_put_on_record(db: Connection, ring: KeyRing) -> None:
    book.suppress(db, ring, None, "ann@example.org", Reason.OPERATOR, NOW)

    assert again(db, ring, "ann@example.org") == AddResult(Added.SUPPRESSED, None)
    assert book.find(db, LETTER, "ann@example.org") is None


def test_pages_follow_each_other_without_gap_or_repeat(db: Connection, join: Join) -> None:
    numbers = [join(f"reader{n}@example.org") for n in range(5)]
    join("other@example.org", newsletter="daily")

    first = book.listing(db, LETTER, limit=2)
    second = book.listing(db, LETTER, after=first[-1].id, limit=2)
    third = book.listing(db, LETTER, after=second[-1].id, limit=2)

    assert [person.id for page in (first, second, third) for person in page] == numbers


def test_a_listing_can_be_of_one_state(db: Connection, join: Join) -> None:
    join("ann@example.org")
    bob = join("bob@example.org", confirmed=False)

    assert [person.id for person in book.listing(db, LETTER, state=SubscriberState.PENDING)] == [bob]


def test_the_counts_add_up(db: Connection, ring: KeyRing, join: Join) -> None:
    join("ann@example.org")
    join("bob@example.org")
    join("eve@example.org", confirmed=False)
    book.unsubscribe(db, LETTER, join("dan@example.org"), how="link", now=NOW)
    book.suppress(db, ring, LETTER, "bob@example.org", Reason.OPERATOR, NOW)
    book.suppress(db, ring, None, "bob@example.org", Reason.OPERATOR, NOW)

    stats = book.stats(db, LETTER)

    assert {state.value: n for state, n in stats.states.items() if n} == {"active": 2, "pending": 1, "unsubscribed": 1}
    assert (stats.total, stats.reachable, stats.suppressions) == (4, 1, 1)
    assert book.audience_counts(db, LETTER) == {None: 1, "suppressed": 1, "unsubscribed": 1}
