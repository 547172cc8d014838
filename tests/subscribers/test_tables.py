"""What the tables promise by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from subscribers.tables import subscriber, suppression
from tests.subscribers.conftest import on_sqlite
from tests.subscribers.samples import NOW, Join


def test_an_instant_comes_back_aware_and_in_utc(db: Connection) -> None:
    somewhere = datetime(2026, 11, 23, 7, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    db.execute(insert(suppression), {"hash": "x", "reason": "operator", "at": somewhere})

    (at,) = db.scalars(select(suppression.c.at)).all()

    assert at == somewhere
    assert at.tzinfo is UTC


def test_instants_are_compared_as_instants(db: Connection) -> None:
    earlier = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=9)))
    db.execute(insert(suppression), {"hash": "x", "reason": "operator", "at": earlier})

    assert db.scalar(select(suppression.c.hash).where(suppression.c.at < datetime(2026, 11, 23, 4, tzinfo=UTC))) == "x"


def test_an_instant_without_a_zone_is_refused(db: Connection) -> None:
    with pytest.raises(StatementError, match="aware datetime"):
        db.execute(insert(suppression), {"hash": "x", "reason": "operator", "at": datetime(2026, 11, 23)})


@pytest.mark.parametrize("wrong", [{"state": "asleep"}, {"state": "active", "confirmed_at": None}])
def test_a_row_that_cannot_be_true_is_refused(db: Connection, wrong: dict[str, object]) -> None:
    row = {
        "newsletter": "weekly", "address": "a@example.org", "address_key": "a@example.org", "suppression_hash": "x",
        "domain": "example.org", "topics": [], "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(insert(subscriber), row | wrong)


def test_a_number_is_never_used_again(db: Connection, join: Join) -> None:
    last = join("ann@example.org")
    db.execute(delete(subscriber))

    assert join("bob@example.org") > last


def test_sqlite_numbers_rows_by_itself() -> None:
    with on_sqlite().begin() as db:
        db.execute(insert(suppression), {"hash": "x", "reason": "operator", "at": NOW})
        assert db.scalar(select(suppression.c.id)) == 1


def test_a_page_of_a_long_list_is_found_without_sorting_it() -> None:
    page = select(subscriber.c.id).where(subscriber.c.newsletter == "weekly", subscriber.c.id > 500)
    page = page.order_by(subscriber.c.id).limit(100)

    with on_sqlite().begin() as db:
        asked = page.compile(db, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]

    assert plan == ["SEARCH subscriber USING COVERING INDEX ix_subscriber_newsletter_id (newsletter=? AND id>?)"]
