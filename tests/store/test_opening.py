"""Opening a database, or refusing to: never a fresh ledger beside an old one, never somebody else's database."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.errors import SettingsError, StoreError
from digest.store import create, open_store, senders, upgrade
from tests.store.samples import NOW, add_people


@pytest.fixture
def file(tmp_path: Path, sqlite_url: str) -> Path:
    """The file of a database that is in order and closed."""
    path = tmp_path / "digest.db"
    assert sqlite_url == f"sqlite:///{path}"
    return path


def refusal(file: Path, *, create: bool = False) -> StoreError:
    """How opening this database is refused, now and when it is asked to be created; the file must stay as it is."""
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(StoreError) as refused:
        open_store(f"sqlite:///{file}", create=create)
    assert (file.read_bytes() if file.is_file() else None) == before
    return refused.value


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def test_a_missing_database_is_not_made_by_looking(tmp_path: Path) -> None:
    refused = refusal(tmp_path / "digest.db")

    assert (refused.kind, str(refused).count("\n")) == ("missing", 0)
    assert "`digest db create` makes a new one" in str(refused)
    assert list(tmp_path.iterdir()) == []


def test_a_new_database_can_be_opened_and_is_its_owners_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/digest.db"

    with open_store(url, create=True) as made, open_store(url) as opened, open_store(url, create=True) as again:
        assert made.instance_id == opened.instance_id == again.instance_id != ""
        assert (made.dialect, made.url_shown) == ("sqlite", str(tmp_path / "digest.db"))

    assert stat.S_IMODE((tmp_path / "digest.db").stat().st_mode) == 0o600


def test_a_path_with_odd_characters_is_one_path(tmp_path: Path) -> None:
    folder = tmp_path / "100% käse? #1 & more"
    folder.mkdir()

    open_store(f"sqlite:///{folder}/digest.db".replace("?", "%3F"), create=True).close()

    assert {path.name for path in folder.iterdir()} == {"digest.db", "digest.db.senders"}


def test_a_relative_path_counts_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    open_store("sqlite:///digest.db", create=True).close()

    assert (tmp_path / "digest.db").exists()


@pytest.mark.parametrize("trace", ["digest.db-wal", "digest.db-journal", "digest.db.senders", "digest.db.bak"])
def test_no_fresh_ledger_beside_an_old_ones_traces(tmp_path: Path, trace: str) -> None:
    (tmp_path / trace).write_bytes(b"old")

    refused = refusal(tmp_path / "digest.db", create=True)

    assert (refused.kind, trace in str(refused)) == ("missing", True)
    assert not (tmp_path / "digest.db").exists()


def test_a_database_that_was_deleted_is_missed(file: Path) -> None:
    file.unlink()

    assert "put the database or a backup back" in str(refusal(file, create=True))


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert "is a folder" in str(refusal(tmp_path, create=True))


def test_a_file_cut_off_at_its_creation_is_made_on_demand_only(tmp_path: Path) -> None:
    file = tmp_path / "digest.db"
    file.touch()

    assert refusal(file).kind == "missing"
    open_store(f"sqlite:///{file}", create=True).close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    refused = refusal(tmp_path / "no" / "such" / "folder" / "digest.db", create=True)

    assert "cannot be created" in str(refused)


# ── whose it is, and what state it is in ─────────────────────────────────────────────────────────


def test_a_damaged_header_is_refused(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[:100] = b"\0" * 100
    file.write_bytes(content)

    refused = refusal(file, create=True)

    assert (refused.kind, "restore the last backup" in str(refused)) == ("corrupt", True)


def test_text_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "digest.db"
    file.write_text("Dear diary,\n" * 1000)

    assert refusal(file, create=True).kind == "corrupt"


def test_a_damaged_page_is_refused(file: Path) -> None:
    with open_store(f"sqlite:///{file}") as store:
        add_people(store, 500)
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 20] = b"\xa5" * 4096 * 17
    file.write_bytes(content)

    assert refusal(file).kind == "corrupt"


def test_a_file_cut_short_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: 4096 * 9 + 100])

    assert refusal(file).kind == "corrupt"


@pytest.mark.parametrize(
    "tables",
    [
        "CREATE TABLE note (text TEXT)",
        "CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('application', 'health-digest')",
        "CREATE TABLE meta (id INTEGER)",
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001')",
    ],
)
def test_another_programs_database_is_left_alone(tmp_path: Path, tables: str) -> None:
    file = tmp_path / "digest.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(tables)
    connection.close()

    refused = refusal(file, create=True)

    assert (refused.kind, "another program" in str(refused)) == ("foreign", True)


def test_a_newer_schema_is_refused(file: Path) -> None:
    set_version(file, "9999")

    refused = refusal(file, create=True)

    assert (refused.kind, "install the newer version" in str(refused)) == ("newer", True)
    with pytest.raises(StoreError, match="newer version"):
        upgrade(f"sqlite:///{file}")


def set_version(file: Path, version: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])
    connection.close()


# ── going back in time ───────────────────────────────────────────────────────────────────────────


def test_a_restored_backup_asks_before_it_is_used(file: Path) -> None:
    backup = file.with_name("yesterday")
    shutil.copy(file, backup)
    with open_store(f"sqlite:///{file}") as store:
        senders.register(store, NOW).finish(NOW)
    shutil.copy(backup, file)

    refused = refusal(file)

    assert (refused.kind, "digest db accept" in str(refused)) == ("restored", True)
    open_store(f"sqlite:///{file}", accept_restored=True).close()
    open_store(f"sqlite:///{file}").close()


def test_another_database_put_in_its_place_asks_too(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    open_store(f"sqlite:///{other}/digest.db", create=True).close()
    shutil.copy(other / "digest.db", file)

    assert refusal(file).kind == "restored"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"instance": "x"}', b"\xff\xfe"])
def test_an_unreadable_marker_is_written_anew(file: Path, content: bytes) -> None:
    marker = file.with_name("digest.db.senders") / "known.json"
    marker.write_bytes(content)

    with open_store(f"sqlite:///{file}") as store:
        assert json.loads(marker.read_text()) == {"instance": store.instance_id, "sender": 0}


def test_a_database_that_moved_without_its_marker_is_at_home(file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(file, elsewhere)

    open_store(f"sqlite:///{elsewhere}/digest.db").close()


# ── PostgreSQL, and URLs ─────────────────────────────────────────────────────────────────────────


def test_a_database_is_created_once_and_never_over_another(tmp_path: Path, empty_postgres_url: str) -> None:
    for url in (f"sqlite:///{tmp_path}/new.db", empty_postgres_url):
        create(url)

        with pytest.raises(StoreError, match="is there already: nothing was made"):
            create(url)
        with open_store(url) as opened:
            assert opened.instance_id


def test_an_empty_postgres_database_is_filled_on_demand_only(empty_postgres_url: str) -> None:
    with pytest.raises(StoreError, match="an empty database: `digest db create`"):
        open_store(empty_postgres_url)

    with open_store(empty_postgres_url, create=True) as made, open_store(empty_postgres_url) as opened:
        assert made.instance_id == opened.instance_id != ""


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("DROP TABLE meta", "foreign"),
        ("UPDATE meta SET value = 'another' WHERE key = 'application'", "foreign"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer"),
    ],
)
def test_a_foreign_or_newer_postgres_database_is_left_alone(postgres_url: str, change: str, kind: str) -> None:
    with open_store(postgres_url) as store, store.write() as db:
        db.execute(text(change))

    with pytest.raises(StoreError) as refused:
        open_store(postgres_url, create=True)

    assert refused.value.kind == kind


def test_a_server_that_is_not_there_is_a_lost_connection(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="that the server runs") as refused:
        open_store(f"postgresql://ada:secret@/digest?host={tmp_path}")

    assert refused.value.kind == "connection"
    assert "secret" not in str(refused.value)


def test_a_missing_postgres_database_is_named(postgres_url: str) -> None:
    with pytest.raises(StoreError, match=r'"nowhere_\d+" does not exist'):
        open_store(postgres_url.replace("/digest_test_", "/nowhere_"), create=True)


@pytest.mark.parametrize(
    "url", ["", "digest.db", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg://host/db"]
)
def test_a_url_that_is_none_of_ours_is_a_setting_to_correct(url: str) -> None:
    with pytest.raises(SettingsError, match=r"write for example .sqlite:///digest\.db"):
        open_store(url, create=True)
