"""Who may be written to, as the database sees it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from subscribers import book
from subscribers.audience import candidates, unreachable_reason
from subscribers.keys import KeyRing
from subscribers.people import Reason
from subscribers.tables import subscriber
from tests.subscribers.samples import LETTER, NOW, Join


def reasons(db: Connection, newsletter: str = LETTER) -> dict[str, str | None]:
    return {row.address.partition("@")[0]: row.reason for row in db.execute(candidates(newsletter))}


def test_everybody_who_ever_confirmed_is_a_candidate_with_the_reason_against_them(
    db: Connection, ring: KeyRing, join: Join
) -> None:
    join("ann@example.org")
    book.unsubscribe(db, LETTER, join("bob@example.org"), how="link", now=NOW)
    book.mark_bounced(db, ring, join("cat@example.org"), "550", NOW)
    book.mark_complained(db, ring, join("dan@example.org"), "report", NOW)
    join("eve@example.org")
    book.suppress(db, ring, None, "EVE@example.org", Reason.OPERATOR, NOW)
    join("fay@example.org")
    book.suppress(db, ring, LETTER, "fay@example.org", Reason.OPERATOR, NOW)

    assert reasons(db) == {
        "ann": None,
        "bob": "unsubscribed",
        "cat": "bounced",
        "dan": "complained",
        "eve": "suppressed",
        "fay": "suppressed",
    }


def test_pending_and_erased_people_and_other_newsletters_are_no_candidates(
    db: Connection, ring: KeyRing, join: Join
) -> None:
    pending = join("ann@example.org", confirmed=False)
    book.unsubscribe(db, LETTER, pending, how="link", now=NOW)
    join("bob@example.org", confirmed=False)
    book.erase(db, ring, join("cat@example.org"), NOW)
    join("dan@example.org", newsletter="daily")

    assert reasons(db) == {}


def test_a_suppression_on_one_newsletter_does_not_count_on_another(db: Connection, ring: KeyRing, join: Join) -> None:
    join("ann@example.org")
    book.suppress(db, ring, "daily", "ann@example.org", Reason.OPERATOR, NOW)

    assert reasons(db) == {"ann": None}


def test_a_candidate_comes_with_what_an_envelope_needs(db: Connection, join: Join) -> None:
    number = join("Ann@Example.org", name="Ann Lee")

    (candidate,) = db.execute(candidates(LETTER)).all()
    assert list(candidate) == [number, "Ann@example.org", "example.org", "Ann Lee", None]


def test_a_claim_can_ask_again_for_some_numbers(db: Connection, ring: KeyRing, join: Join) -> None:
    ann, bob, cat = join("ann@example.org"), join("bob@example.org"), join("cat@example.org")
    eve = join("eve@example.org", confirmed=False)
    book.unsubscribe(db, LETTER, bob, how="link", now=NOW)
    book.erase(db, ring, cat, NOW)

    asked = select(subscriber.c.id, unreachable_reason()).where(subscriber.c.id.in_([ann, bob, cat, eve]))

    found = {row[0]: row[1] for row in db.execute(asked)}
    assert found == {
        ann: None,
        bob: "unsubscribed",
        cat: "erased",
        eve: "unsubscribed",
    }
