"""Migrations: what they make is what the tables say, on both databases; all or nothing, also when two come at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from digest.errors import StoreError
from digest.store import Store, backup, open_any_version, open_store, schema, upgrade
from digest.store.tables import metadata

ROOT = Path(__file__).parents[2]


def test_the_versions_known_are_the_migrations_there_are() -> None:
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))

    revisions = [revision.revision for revision in script.walk_revisions()]

    assert tuple(reversed(revisions)) == schema.VERSIONS


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    """A difference means that a table was changed without a migration: write one in store/migrations/versions."""
    with store.read() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_sqlite_has_the_very_tables_column_by_column(sqlite_url: str, tmp_path: Path) -> None:
    plain = open_store(f"sqlite:///{tmp_path}/plain.db", create=True)
    with plain.write() as db:
        metadata.drop_all(db)
        metadata.create_all(db)

    with open_store(sqlite_url) as migrated:
        assert _definitions(migrated) == _definitions(plain)
    plain.close()


def test_upgrading_a_database_that_is_up_to_date_changes_nothing(store_url: str) -> None:
    with open_store(store_url) as store:
        instance = store.instance_id

    versions = upgrade(store_url)

    assert versions == (schema.VERSIONS[-1], schema.VERSIONS[-1])
    with open_store(store_url) as store:
        assert store.instance_id == instance


def test_an_older_schema_waits_for_the_upgrade(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, "9999"))

    with pytest.raises(StoreError, match="run `digest backup FILE`, then `digest db upgrade`") as refused:
        open_store(store_url)

    assert refused.value.kind == "older"


def test_a_database_that_waits_for_the_upgrade_can_be_copied(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, "9999"))

    with open_any_version(sqlite_url) as older:
        backup(older, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").stat().st_size > 0


def test_upgrading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database here"):
        upgrade(f"sqlite:///{tmp_path}/digest.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_processes_that_create_at_once_get_one_database(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/digest.db" if database == "sqlite" else request.getfixturevalue("empty_postgres_url")
    code = "import sys; from digest.store import open_store; print(open_store(sys.argv[1], create=True).instance_id)"

    processes = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    instances = [process.communicate()[0].strip() for process in processes]

    assert len(set(instances)) == 1
    assert [process.returncode for process in processes] == [0] * 4
    with open_store(url) as store:
        assert store.instance_id == instances[0]


def test_a_migration_that_fails_leaves_nothing(empty_postgres_url: str, tmp_path: Path) -> None:
    for url in (empty_postgres_url, f"sqlite:///{tmp_path}/digest.db"):
        (tmp_path / "digest.db").touch()
        with open_store_bare(url) as store:
            with pytest.raises(StoreError), store.write() as db:
                schema.migrate(db, "x")
                db.execute(text("SELECT * FROM nowhere"))
            with store.read() as db:
                assert schema.is_empty(db)


def open_store_bare(url: str) -> Store:
    from digest.store.engine import parsed
    from digest.store.opening import _bare

    return _bare(parsed(url), 1)


def _definitions(store: Store) -> set[str]:
    with store.read() as db:
        statements = db.scalars(
            text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        )
        return {" ".join(sql.split()) for sql in statements if "alembic_version" not in sql}
