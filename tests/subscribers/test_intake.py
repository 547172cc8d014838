"""What a list does to people: the new, the known, the repeated, and those who left."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from subscribers import book
from subscribers.book import SubscriberState
from subscribers.keys import KeyRing
from subscribers.people import Reason
from tests.subscribers.samples import LETTER, NOW, Join, reported, take_in


def test_one_person_in_several_spellings_counts_once_and_the_first_row_wins(db: Connection, ring: KeyRing) -> None:
    report = take_in(db, ring, "email,name\nAnn@example.org,Ann\nANN@EXAMPLE.ORG,Other\nann@example.org,\n")

    (ann,) = book.listing(db, LETTER)
    assert reported(report) == {"rows": 3, "added": 1, "duplicates": 2}
    assert (ann.address, ann.name) == ("Ann@example.org", "Ann")


def test_repeats_are_found_over_any_distance(db: Connection, ring: KeyRing, join: Join) -> None:
    join("old@example.org")
    between = "".join(f"reader{n}@example.org,\n" for n in range(1200))
    file = f"email,name\nold@example.org,Old\nnew@example.org,New\n{between}OLD@example.org,X\nNEW@example.org,Y\n"

    report = take_in(db, ring, file)

    names = {person.address: person.name for person in book.listing(db, LETTER, limit=2)}
    assert reported(report) == {"rows": 1204, "added": 1201, "updated": 1, "duplicates": 2}
    assert names == {"old@example.org": "Old", "new@example.org": "New"}


def test_somebody_said_to_have_left_further_down_is_taken_as_left(db: Connection, ring: KeyRing) -> None:
    between = "".join(f"reader{n}@example.org,\n" for n in range(1200))

    take_in(
        db,
        ring,
        "email,state\nnear@example.org,active\nNEAR@example.org,unsubscribed\n"
        f"far@example.org,active\n{between}far@example.org,unsubscribed\nfar@example.org,active\n",
    )

    for address in ("near@example.org", "far@example.org"):
        person = book.find(db, LETTER, address)
        assert person is not None
        assert (person.state, person.confirmed_at) == (SubscriberState.UNSUBSCRIBED, NOW)


def test_known_people_get_what_the_file_tells_and_keep_what_it_does_not(
    db: Connection, ring: KeyRing, join: Join
) -> None:
    ann = join("ann@example.org", name="Ann", topics=["pain"])

    report = take_in(db, ring, "email,name,language,topics\nann@example.org,,de,\n", now=NOW + timedelta(days=1))

    known = book.get(db, ann)
    assert reported(report) == {"rows": 1, "updated": 1}
    assert known is not None
    assert (known.name, known.language, known.topics) == ("Ann", "de", ("pain",))
    assert (known.confirmed_at, known.updated_at) == (NOW, NOW + timedelta(days=1))


def test_a_pending_person_in_a_confirmed_list_becomes_active_on_record(
    db: Connection, ring: KeyRing, join: Join
) -> None:
    ann = join("ann@example.org", confirmed=False)

    report = take_in(db, ring, "email\nann@example.org\n")

    known = book.get(db, ann)
    assert reported(report) == {"rows": 1, "updated": 1}
    assert known is not None
    assert (known.state, known.confirmed_at) == (SubscriberState.ACTIVE, NOW)
    assert [event.kind for event in book.history(db, ann)] == ["requested", "confirmed"]


def test_no_file_brings_back_those_who_left(db: Connection, ring: KeyRing, join: Join) -> None:
    book.unsubscribe(db, LETTER, join("ann@example.org"), how="link", now=NOW)
    book.mark_bounced(db, ring, join("bob@example.org"), "550", NOW)
    book.mark_complained(db, ring, join("cat@example.org"), "report", NOW)
    book.erase(db, ring, join("dan@example.org"), NOW)
    book.suppress(db, ring, None, "eve@example.org", Reason.OPERATOR, NOW)
    before = book.listing(db, LETTER)
    file = "email,state,name\n" + "".join(
        f"{name}@Example.ORG,active,X\n" for name in ("ann", "bob", "cat", "dan", "eve")
    )

    report = take_in(db, ring, file)

    assert reported(report) == {"rows": 5, "kept": 1, "suppressed": 4}
    assert book.listing(db, LETTER) == before


def test_a_file_can_say_that_somebody_left(db: Connection, ring: KeyRing, join: Join) -> None:
    ann, bob = join("ann@example.org"), join("bob@example.org")

    report = take_in(db, ring, "email,status\nann@example.org,unsubscribed\nbob@example.org,cleaned\n")

    assert reported(report) == {"rows": 2, "updated": 2}
    assert [person.state.value for person in book.listing(db, LETTER)] == ["unsubscribed", "bounced"]
    assert book.history(db, ann)[-1].kind == "unsubscribed"
    assert book.history(db, bob)[-1].proof == "list.csv, row 3"
