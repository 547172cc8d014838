"""Suppressed addresses: known by their keyed hash only."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from subscribers import book
from subscribers.errors import AddressError
from subscribers.keys import KeyRing
from subscribers.people import Reason
from subscribers.tables import suppression
from tests.subscribers.samples import LETTER, NOW


def test_an_address_is_suppressed_in_every_spelling_of_its_case(db: Connection, ring: KeyRing) -> None:
    book.suppress(db, ring, LETTER, "Ann@Example.org", Reason.OPERATOR, NOW)

    assert book.is_suppressed(db, ring, LETTER, "ann@EXAMPLE.org")
    assert not book.is_suppressed(db, ring, LETTER, "bob@example.org")
    assert not book.is_suppressed(db, ring, "daily", "ann@example.org")


def test_a_suppression_for_all_newsletters_holds_for_each(db: Connection, ring: KeyRing) -> None:
    book.suppress(db, ring, None, "ann@example.org", Reason.OPERATOR, NOW)

    assert book.is_suppressed(db, ring, LETTER, "ann@example.org")
    assert book.is_suppressed(db, ring, "daily", "ann@example.org")


@pytest.mark.parametrize("newsletter", [LETTER, None])
def test_suppressing_twice_keeps_one_row(db: Connection, ring: KeyRing, newsletter: str | None) -> None:
    first = book.suppress(db, ring, newsletter, "ann@example.org", Reason.OPERATOR, NOW)
    second = book.suppress(db, ring, newsletter, "ann@example.org", Reason.BOUNCED, NOW)

    assert (first, second) == (True, False)
    assert db.scalars(select(suppression.c.reason)).all() == [Reason.OPERATOR]


def test_nothing_replaces_a_complaint_and_a_complaint_replaces_all(db: Connection, ring: KeyRing) -> None:
    for reason in (Reason.OPERATOR, Reason.COMPLAINED, Reason.BOUNCED):
        book.suppress(db, ring, None, "ann@example.org", reason, NOW)

    assert db.scalars(select(suppression.c.reason)).all() == [Reason.COMPLAINED]


def test_the_table_names_nobody(db: Connection, ring: KeyRing) -> None:
    book.suppress(db, ring, None, "ann@example.org", Reason.OPERATOR, NOW)

    (row,) = db.execute(select(suppression)).all()
    assert "ann" not in repr(row)
    assert row.hash == ring.suppression_hash("ann@example.org")


def test_what_is_no_address_cannot_be_suppressed(db: Connection, ring: KeyRing) -> None:
    with pytest.raises(AddressError):
        book.suppress(db, ring, None, "ann", Reason.OPERATOR, NOW)
