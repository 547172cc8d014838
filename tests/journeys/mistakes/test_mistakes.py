"""What operators get wrong, or what disks do to them: one clear line, the right exit code, nothing made worse."""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.stage import COMMAND, Workspace, copy, environment
from tests.smtpd import SmtpServer


@pytest.fixture
def mine(initialised: Workspace, tmp_path: Path) -> Workspace:
    return copy(initialised, tmp_path / "w")


def one_line(err: str) -> str:
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    return err


def test_settings_that_are_not_there(mine: Workspace) -> None:
    said = mine.run("--config", "nowhere/digest.toml", "send", code=2)

    assert "no such settings file" in one_line(said.err)
    assert "digest init" in said.err


def test_a_database_that_is_gone_while_its_traces_remain_is_not_made_anew(mine: Workspace) -> None:
    (mine.folder / "digest.db").unlink()
    (mine.folder / "digest.db-wal").write_bytes(b"")

    said = mine.run("send", code=1)

    assert "digest.db" in one_line(said.err)
    assert not (mine.folder / "digest.db").exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda file: file.write_bytes(b"not a database at all" * 500), id="other bytes"),
        pytest.param(lambda file: os.truncate(file, 5000), id="cut off"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:8192] + os.urandom(130_000)), id="overwritten"),
        pytest.param(lambda file: os.truncate(file, 0), id="emptied"),
    ],
)
def test_a_damaged_database_is_refused_and_left_alone(mine: Workspace, damage) -> None:  # type: ignore[no-untyped-def]
    database = mine.folder / "digest.db"
    damage(database)
    before = database.read_bytes()

    said = mine.run("send", code=1)

    assert "digest.db" in one_line(said.err)
    assert database.read_bytes() == before


def test_settings_without_their_database_get_a_new_one_by_one_command(mine: Workspace) -> None:
    elsewhere = {"DIGEST_STORE__URL": "sqlite:///other.db"}

    told = one_line(mine.run("status", code=1, env=elsewhere).err)
    made = mine.run("db", "create", env=elsewhere)

    assert "`digest db create`" in told
    assert "other.db: made" in made.out
    mine.run("subscribers", "import", "samples/subscribers.csv", env=elsewhere)
    assert "`digest db create`" in one_line(mine.run("init", ".", code=2).err)
    one_line(mine.run("db", "create", code=1).err)


def test_no_new_database_is_made_beside_the_traces_of_an_old_one(mine: Workspace) -> None:
    (mine.folder / "digest.db").unlink()

    told = mine.run("db", "create", code=1)

    assert "put the database or a backup back" in one_line(told.err)
    assert not (mine.folder / "digest.db").exists()


def test_a_workspace_that_does_not_fit_the_disk_leaves_no_half_key(mine: Workspace) -> None:
    done = subprocess.run(
        [COMMAND, "init", "small"],
        cwd=mine.folder,
        env=environment(),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )

    assert done.returncode == 2
    assert "cannot be written: File too large" in one_line(done.stderr)
    assert [path for path in (mine.folder / "small").rglob("*") if path.is_file()] == []


def test_a_newer_schema_is_refused(mine: Workspace) -> None:
    with sqlite3.connect(mine.folder / "digest.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    assert "newer" in one_line(mine.run("send", code=1).err)


def test_somebody_elses_database_is_refused(mine: Workspace) -> None:
    (mine.folder / "digest.db").unlink()
    with sqlite3.connect(mine.folder / "digest.db") as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    database.close()

    one_line(mine.run("send", code=1).err)


def test_a_port_that_is_taken(mine: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        serve = mine.run("serve", "--no-send", "--bind", f"127.0.0.1:{port}", code=2)
        mailbox = mine.run("mailbox", "--port", str(port), code=2)

    assert str(port) in one_line(serve.err)
    assert str(port) in one_line(mailbox.err)


def _as_anybody() -> None:
    """As root nothing is read-only: so let even root's processes be bound by the modes of files (capabilities(7))."""
    drop_from_bounding_set, overrides, reads = 24, 1, 2
    for capability in (overrides, reads):
        ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.mark.parametrize(
    ("of", "mode", "says"),
    [
        pytest.param("digest.db", 0o444, "digest.db: not readable and writable for this user", id="file read-only"),
        pytest.param("digest.db", 0o000, "digest.db: not readable and writable for this user", id="somebody else's"),
        pytest.param(".", 0o555, "digest.db: it cannot be", id="folder read-only"),
        pytest.param("digest.db.senders", 0o555, "digest.db.senders", id="no place for locks"),
    ],
)
def test_a_database_that_cannot_be_written_is_told_and_nothing_is_sent(
    workspace: Workspace, relay: SmtpServer, of: str, mode: int, says: str
) -> None:
    workspace.readers(5)
    edition = workspace.approved()
    usual = (workspace.folder / of).stat().st_mode
    (workspace.folder / of).chmod(mode)

    done = subprocess.run(
        [COMMAND, "send", edition],
        cwd=workspace.folder,
        env=environment(workspace.env),
        capture_output=True,
        text=True,
        preexec_fn=_as_anybody,
    )

    (workspace.folder / of).chmod(usual)
    assert done.returncode == 1
    assert says in one_line(done.stderr)
    assert relay.connections == 0
    workspace.run("send", edition)
    assert len(relay.recipients()) == 5


@pytest.mark.slow
def test_a_full_disk_stops_before_anything_leaves(workspace: Workspace, relay: SmtpServer) -> None:
    workspace.readers(50)
    edition = workspace.approved()
    room = (workspace.folder / "digest.db").stat().st_size

    done = subprocess.run(
        [COMMAND, "send", edition],
        cwd=workspace.folder,
        env=environment(workspace.env),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room // 16, room // 16)),
    )

    assert done.returncode == 1
    one_line(done.stderr)
    assert relay.accepted == []

    workspace.run("send", edition)
    assert workspace.status()["sent"] == 50


def test_a_word_that_is_no_text_is_a_mistake_of_usage(mine: Workspace) -> None:
    words: list[str | bytes] = [str(COMMAND), "status", b"weekly-\xff"]

    done = subprocess.run(words, cwd=mine.folder, env=environment(mine.env), capture_output=True, text=True)

    assert done.returncode == 2
    assert "not UTF-8 text" in one_line(done.stderr)


def test_a_user_without_a_name_may_approve(workspace: Workspace) -> None:
    nameless = {**environment(workspace.env), "LOGNAME": "", "USER": "", "LNAME": "", "USERNAME": ""}
    code = "import os, sys; os.getuid = lambda: 987654; from digest.cli.app import main; main(['approve'])"
    workspace.run("assemble")

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.folder, env=nameless, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["sned"], "Did you mean `digest send`?"),
        (["status", "--config", "digest.toml"], "digest --config PATH COMMAND"),
        (["status", "--jsn"], "see `digest status --help`"),
        (["--config", "evil\x1b[31mname", "status"], "evil"),
        (["hurl"], "digest --help"),
        (["story", "show", "nothing"], "no such story"),
        (["send", "weekly-1999-01-01"], "no such edition"),
        (["send", "weekly-1999-01-01", "--due"], "exclude each other"),
        (["send", "--wait", "soon"], "length of time"),
        (["assemble", "--slot", "2026-13-01"], "not a date"),
        (["story", "add", "nowhere.txt"], "nowhere.txt"),
        (["demo", "--dir", "/proc/demo"], "/proc/demo: No such file or directory; check the path"),
        (["subscribers", "import", "nowhere.csv"], "nowhere.csv"),
        (["subscribers", "add", "not an address"], "not an address"),
    ],
)
def test_wrong_words_on_the_command_line(mine: Workspace, words: list[str], complaint: str) -> None:
    said = mine.run(*words, code=None)

    assert said.code in (1, 2)
    assert complaint in one_line(said.err)
    assert "\x1b[31m" not in said.err
