"""Schema versions: what this program knows, what a database has, and the step from one to the other. Edge.

Migrations are Alembic's, packaged in migrations/versions. Opening a database must stay quick, so the list of versions
is written here too, and Alembic is loaded only to migrate. A test keeps both alike.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy import insert as insert_into

from digest.store.tables import meta

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every schema version in order, the newest last."""

APPLICATION = "health-digest"
_SQLITE_APPLICATION_ID = 0x44494753  # "DIGS", in the file's header
_UPGRADE_LOCK = 0x4449475300000001  # any number nobody else locks


def version_of(db: Connection) -> str | None:
    """The version a database is at; None when it has none."""
    if not inspect(db).has_table("alembic_version"):
        return None
    version: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def is_empty(db: Connection) -> bool:
    """No tables at all: a new database, or one whose creation was cut off."""
    return not inspect(db).get_table_names()


def is_ours(db: Connection) -> bool:
    """A database that this program made, of whatever version."""
    if not inspect(db).has_table("meta") or {"key", "value"} - {c["name"] for c in inspect(db).get_columns("meta")}:
        return False
    if db.dialect.name == "sqlite" and db.scalar(text("PRAGMA application_id")) != _SQLITE_APPLICATION_ID:
        return False
    return db.scalar(select(meta.c.value).where(meta.c.key == "application")) == APPLICATION


def migrate(db: Connection, instance_id: str) -> None:
    """Bring a database to the newest version, inside the caller's transaction: all of it or nothing.

    `instance_id` names a database that is new; one that has a name keeps it. Two processes may do this at once.
    """
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    _run_alembic(db)
    if db.dialect.name == "sqlite":
        db.exec_driver_sql(f"PRAGMA application_id={_SQLITE_APPLICATION_ID}")
    if db.scalar(select(meta.c.value).where(meta.c.key == "application")) is None:
        names = {"application": APPLICATION, "instance": instance_id}
        db.execute(insert_into(meta), [{"key": key, "value": value} for key, value in names.items()])


def instance_of(db: Connection) -> str:
    """The name that a database was given when it was made."""
    return db.scalar(select(meta.c.value).where(meta.c.key == "instance")) or ""


def _run_alembic(db: Connection) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    environment = EnvironmentContext(config, script, fn=lambda heads, _: script._upgrade_revs("head", heads))
    with environment:
        environment.configure(connection=db)
        environment.run_migrations()
