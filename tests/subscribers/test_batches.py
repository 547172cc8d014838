"""Many rows as one parameter, the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, Text, insert, literal, select
from sqlalchemy.types import TypeEngine

from subscribers.batches import found_by, rows, texts
from subscribers.tables import UtcDateTime, consent_event, subscriber
from tests.subscribers.samples import NOW, Join

AWKWARD = ["", "a'b", 'a"b', "a\\b", "é", "\u200d🩺", "$[0]", "null", "%s", ":x"]


def test_texts_arrive_as_they_are(db: Connection) -> None:
    assert list(db.scalars(texts(db, AWKWARD))) == AWKWARD
    assert list(db.scalars(texts(db, []))) == []


def test_a_row_keeps_numbers_nothing_and_instants(db: Connection, join: Join) -> None:
    ann = join("ann@example.org")
    elsewhere = datetime(2026, 11, 20, 23, 0, 0, 5, tzinfo=timezone(timedelta(hours=9)))
    fields: dict[str, TypeEngine[Any]] = {
        "subscriber": BigInteger(),
        "how": Text(),
        "proof": Text(),
        "at": UtcDateTime(),
    }
    given = rows(db, [(ann, "import", None, elsewhere), (ann, "import", "x", NOW)], fields)

    into = insert(consent_event).from_select([*fields, "kind"], given.add_columns(literal("imported")))
    db.execute(into)

    written = select(consent_event.c.subscriber, consent_event.c.proof, consent_event.c.at)
    written = written.where(consent_event.c.kind == "imported").order_by(consent_event.c.id)
    assert [tuple(row) for row in db.execute(written)] == [(ann, None, elsewhere), (ann, "x", NOW)]


def test_a_list_inside_a_row_stays_a_list(db: Connection, join: Join) -> None:
    join("ann@example.org")
    topics = ["pain", 'say "hi"', "é"]
    given = rows(db, [(topics,)], {"topics": JSON()}).subquery()

    db.execute(subscriber.update().values(topics=select(given.c.topics).scalar_subquery()))

    assert db.scalar(select(subscriber.c.topics)) == topics


def test_rows_are_found_by_their_key(db: Connection, join: Join) -> None:
    ann, bob = join("ann@example.org"), join("bob@example.org")
    join("cat@example.org")
    join("ann@example.org", newsletter="daily")
    wanted = select(subscriber.c.id).where(subscriber.c.newsletter == "weekly")

    found = found_by(db, wanted, subscriber.c.address_key, ["bob@example.org", "x@example.org", "ann@example.org"])

    assert sorted(db.scalars(found)) == [ann, bob]
