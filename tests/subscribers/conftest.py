"""A book of subscribers to try things on: once on SQLite, once on PostgreSQL, always empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event

from subscribers import book
from subscribers.keys import KeyRing
from subscribers.tables import metadata
from tests.subscribers.samples import LETTER, NOW, Join


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    numbers = count()
    return KeyRing.parse(KeyRing.generate(lambda size: bytes([next(numbers)]) * size))


@pytest.fixture(scope="session")
def _on_postgresql(postgres_server: URL) -> Iterator[Engine]:
    server = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE people")
    engine = create_engine(postgres_server.set(database="people"))
    metadata.create_all(engine)
    yield engine
    engine.dispose()
    server.dispose()


def on_sqlite() -> Engine:
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    metadata.create_all(engine)
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection inside a transaction that is rolled back at the end."""
    engine: Engine = on_sqlite() if request.param == "sqlite" else request.getfixturevalue("_on_postgresql")
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
    if request.param == "sqlite":
        engine.dispose()


@pytest.fixture
def join(db: Connection, ring: KeyRing) -> Join:
    """Add somebody to the weekly letter, active unless told otherwise; gives their number."""

    def join(
        address: str, *, confirmed: bool = True, newsletter: str = LETTER, name: str = "", topics: Sequence[str] = ()
    ) -> int:
        result = book.add(
            db, ring, newsletter, address, name=name, topics=topics, confirmed=confirmed, how="form", proof="192.0.2.1",
            now=NOW,
        )  # fmt: skip
        assert result.subscriber is not None
        return result.subscriber.id

    return join
