"""Somebody who changes settings: mistakes are named, secrets stay secret, the environment wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.stage import Workspace, copy


@pytest.fixture
def mine(initialised: Workspace, tmp_path: Path) -> Workspace:
    return copy(initialised, tmp_path / "w")


def change(workspace: Workspace, old: str, new: str) -> None:
    file = workspace.folder / "digest.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_a_key_that_others_can_read_is_refused(mine: Workspace) -> None:
    key = mine.folder / "keys" / "secret.key"
    key.chmod(0o640)

    said = mine.run("status", code=2)

    assert said.err == f"error: {key}: the key file can be read by others; run: chmod 600 {key}\n"


def test_a_dkim_key_that_others_can_read_is_refused(mine: Workspace) -> None:
    key = mine.folder / "keys" / "dkim-rsa.pem"
    key.chmod(0o604)

    said = mine.run("send", code=2)

    assert f"chmod 600 {key}" in said.err
    assert "PRIVATE" not in said.err


def test_a_dkim_key_that_is_none_is_named(mine: Workspace) -> None:
    key = mine.folder / "keys" / "dkim-rsa.pem"
    key.write_text("junk")

    said = mine.run("send", code=2)

    assert said.err.startswith(f"error: {key}: not readable as a key: ")


def test_an_unknown_setting_names_the_nearest_known_one(mine: Workspace) -> None:
    change(mine, 'approval = "required"', 'aproval = "auto"')

    said = mine.run("config", code=2)

    assert said.err == 'error: digest.toml: [newsletter] aproval: not a setting; did you mean "approval"?\n'


def test_an_unknown_variable_names_the_nearest_known_one(mine: Workspace) -> None:
    said = mine.run("config", code=2, env={"DIGEST_SMTP__PASWORD": "hunter2"})

    assert said.err == 'error: DIGEST_SMTP__PASWORD: not a setting; did you mean "DIGEST_SMTP__PASSWORD"?\n'


def test_a_wrong_value_says_what_is_wanted(mine: Workspace) -> None:
    change(mine, 'schedule = "mon 07:00"', 'schedule = "0 7 * * 1"')

    said = mine.run("config", code=2)

    assert said.err.startswith('error: digest.toml: [newsletter] schedule = "0 7 * * 1": ')
    assert "mon 07:00" in said.err
    assert said.err.count("\n") == 1


def test_the_environment_wins_and_secrets_are_masked(mine: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    env = {
        "DIGEST_SMTP__PASSWORD_FILE": str(secret),
        "DIGEST_STORE__URL": "postgresql+psycopg://digest:hunter3@db.example/digest",
        "DIGEST_NEWSLETTER__FROM": "News <news@example.com>",
        "DIGEST_SMTP__CONNECTIONS": "7",
    }

    told = mine.run("config", "--json", env=env)

    assert "hunter" not in told.out + told.err
    settings = told.json
    assert settings["smtp.password"]["value"] == "********"
    assert settings["smtp.password"]["origin"].startswith("environment DIGEST_SMTP__PASSWORD")
    assert settings["newsletter.from"]["value"] == "News <news@example.com>"
    assert settings["smtp.connections"] == {"value": 7, "origin": "environment DIGEST_SMTP__CONNECTIONS"}
    assert settings["newsletter.id"] == {"value": "weekly", "origin": "digest.toml"}
    assert settings["newsletter.per_subscriber_timezone"]["origin"] == "default"


def test_a_secret_file_that_others_can_read_is_refused(mine: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)

    said = mine.run("config", code=2, env={"DIGEST_SMTP__PASSWORD_FILE": str(secret)})

    assert f"chmod 600 {secret}" in said.err
    assert "hunter2" not in said.err


def test_settings_that_hold_a_secret_are_refused_when_others_can_read_them(mine: Workspace) -> None:
    change(mine, "connections = 4", 'password = "hunter2"')

    said = mine.run("config", code=2)

    assert "digest.toml: holds a secret and can be read by others" in said.err
    assert "hunter2" not in said.err

    (mine.folder / "digest.toml").chmod(0o600)
    assert "hunter2" not in mine.run("config").out
