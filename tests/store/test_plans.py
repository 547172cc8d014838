"""How the database goes about the ledger's queries: claiming must not look at rows that are done, however many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from digest.model import RecipientState
from digest.store import Store, editions, ledger, open_store
from tests.store.samples import LATER, LEASE, NOW, WEEKLY, claim, sending, settle


@pytest.fixture
def running(sqlite_url: str) -> Iterator[tuple[Store, int]]:
    """A run in its middle: some sent, some claimed, some deferred, some still waiting."""
    with open_store(sqlite_url) as store:
        sender = sending(store, 60)
        settle(store, claim(store, sender, 20), RecipientState.SENT)
        settle(store, claim(store, sender, 10), RecipientState.DEFERRED)
        claim(store, sender, 5)
        yield store, sender


def plans(store: Store, statements: list[tuple[str, Any]]) -> str:
    """What SQLite says it does for each statement."""
    lines: list[str] = []
    with store.write() as db:
        for statement, parameters in statements:
            lines += [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return "\n".join(lines)


def recorded(store: Store) -> list[tuple[str, Any]]:
    """The statements that run from now on, their values in them: as SQLite hears them, whoever says them."""
    statements: list[tuple[str, Any]] = []

    def record(statement: str) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT")):
            statements.append((statement, ()))

    def listen(driver: Any, *_: object) -> None:
        driver.set_trace_callback(record)

    event.listen(store.engine, "checkout", listen)
    return statements


def recorded_by_alchemy(store: Store) -> list[tuple[str, Any]]:
    """The statements that run from now on, as SQLAlchemy says them."""
    statements: list[tuple[str, Any]] = []

    def record(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT")):
            statements.append((statement, parameters[0] if many else parameters))

    event.listen(store.engine, "before_cursor_execute", record)
    return statements


def test_claiming_and_settling_touch_only_rows_at_hand(running: tuple[Store, int]) -> None:
    store, sender = running
    statements = recorded(store)

    claims = claim(store, sender, 20, LATER)
    settle(store, claims, RecipientState.SENT)
    with store.write() as db:
        ledger.renew(db, WEEKLY, sender=sender, now=LATER, lease=LEASE)
        ledger.next_due(db, WEEKLY)

    plan = plans(store, statements)
    assert len(claims) == 20
    assert "SCAN recipient" not in plan
    assert "PRIMARY KEY (edition=?)" not in plan  # the whole edition, one by one
    assert "ix_recipient_pending (edition=? AND state=?)" in plan
    assert "ix_recipient_deferred (edition=? AND state=? AND next_at<?)" in plan


def test_closing_touches_only_open_rows(running: tuple[Store, int]) -> None:
    store, sender = running
    statements = recorded(store)

    with store.write() as db:
        ledger.recover(db, WEEKLY, {sender}, NOW + timedelta(hours=1), resend_once=True)
        ledger.resolve_uncertain(db, WEEKLY, resend=False, now=LATER)
        ledger.give_up(db, WEEKLY, LATER)
        ledger.cancel_open(db, WEEKLY, "by hand", LATER)
        editions.cancelled_open(db, "weekly")

    plan = plans(store, statements)
    assert "SCAN recipient" not in plan
    assert "PRIMARY KEY (edition=?)" not in plan


def test_planning_reads_people_in_order(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        statements = recorded(store)

        sending(store, 60)

        planning = [s for s in statements if s[0].startswith("INSERT INTO recipient")]
        assert len(planning) == 1
        assert "ORDER BY" not in plans(store, planning)


def test_postgres_claims_by_the_small_indexes(postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        sender = sending(store, 3000)
        settle(store, claim(store, sender, 2000), RecipientState.SENT)
        with store.write() as db:
            db.execute(text("ANALYZE recipient"))
        statements = recorded_by_alchemy(store)
        claim(store, sender, 20, LATER)

        with store.write() as db:
            lines = [
                row[0]
                for statement, parameters in statements
                if statement.startswith("SELECT") and "recipient" in statement
                for row in db.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            ]

    plan = "\n".join(lines)
    assert "ix_recipient_pending" in plan
    assert "ix_recipient_deferred" in plan
    assert "Seq Scan" not in plan
