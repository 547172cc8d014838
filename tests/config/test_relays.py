"""Settings of several relays, and of limits by domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config import load
from digest.config.show import rows
from digest.errors import SettingsError
from digest.wiring import relay

FALLBACK = '[smtp]\nhost = "one.example.org"\n[[smtp.fallback]]\nhost = "two.example.org"\nusername = "me"\n'


def _write(folder: Path, text: str, mode: int = 0o644) -> str:
    file = folder / "digest.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return str(file)


def test_relays_that_stand_in_are_listed_in_their_order(tmp_path: Path) -> None:
    text = FALLBACK + '[[smtp.fallback]]\nhost = "three.example.org"\nport = 465\nsecurity = "tls"\n'

    smtp = load(_write(tmp_path, text), {}).settings.smtp

    assert [(relay.host, relay.port, relay.security) for relay in smtp.fallback] == [
        ("two.example.org", 587, "starttls"),
        ("three.example.org", 465, "tls"),
    ]


def test_each_relay_logs_in_in_its_own_way(tmp_path: Path) -> None:
    text = FALLBACK.replace("[smtp]\n", '[smtp]\nauth = "xoauth2"\nusername = "us"\n')

    smtp = load(_write(tmp_path, text), {"DIGEST_SMTP__PASSWORD": "a token"}).settings.smtp

    relays = [relay(table, smtp, tmp_path) for table in (smtp, *smtp.fallback)]
    assert [(each.auth, each.username, each.password) for each in relays] == [
        ("xoauth2", "us", "a token"),
        ("password", "me", None),
    ]


def test_limits_are_given_by_domain(tmp_path: Path) -> None:
    text = (
        '[smtp]\nper_domain = {"Gmail.com" = {connections = 2, messages_per_second = 5}, "gmx.net" = {connections = 1}}'
    )

    limits = load(_write(tmp_path, text), {}).settings.smtp.per_domain

    assert {name: (limit.connections, limit.messages_per_second) for name, limit in limits.items()} == {
        "gmail.com": (2, 5.0),
        "gmx.net": (1, None),
    }


def test_both_may_come_from_the_environment_as_json(tmp_path: Path) -> None:
    environ = {
        "DIGEST_SMTP__PER_DOMAIN": '{"gmail.com": {"connections": 3}}',
        "DIGEST_SMTP__FALLBACK": '[{"host": "two.example.org", "password": "hunter2"}]',
    }

    smtp = load(_write(tmp_path, ""), environ).settings.smtp

    assert smtp.per_domain["gmail.com"].connections == 3
    assert smtp.fallback[0].password is not None
    assert smtp.fallback[0].password.get_secret_value() == "hunter2"


def test_the_relays_may_come_from_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "relays.json"
    file.write_text('[{"host": "two.example.org"}]', encoding="utf-8")
    file.chmod(0o600)

    smtp = load(_write(tmp_path, ""), {"DIGEST_SMTP__FALLBACK_FILE": str(file)}).settings.smtp

    assert smtp.fallback[0].host == "two.example.org"


def test_a_file_with_their_password_must_be_private_and_it_is_never_shown(tmp_path: Path) -> None:
    text = FALLBACK + 'password = "hunter2"\n'

    with pytest.raises(SettingsError, match="holds a secret"):
        load(_write(tmp_path, text), {})
    shown = list(rows(load(_write(tmp_path, text, 0o600), {})))

    assert "hunter2" not in repr(shown)
    assert "two.example.org" in repr(shown)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[smtp]\nper_domain = {"gmail.com" = {conections = 2}}\n', 'did you mean "connections"?'),
        ('[smtp]\nper_domain = {"gmail.com" = {connections = 0}}\n', "greater than or equal to 1"),
        ('[smtp]\nper_domain = {"me@gmail.com" = {connections = 1}}\n', "not a domain"),
        ('[smtp]\nper_domain = {"bücher.example" = {connections = 1}}\n', "not a domain in ASCII"),
        ("[[smtp.fallback]]\nport = 25\n", "Field required"),
        ('[[smtp.fallback]]\nhost = "a.example"\nhots = "b"\n', 'did you mean "host"?'),
        ('[smtp]\nfallback = "two.example.org"\n', "fallback"),
        ('[smtp]\nauth = "oauth"\n', "'password' or 'xoauth2'"),
        ('[smtp]\nauth = "xoauth2"\n', 'smtp: auth = "xoauth2" without username; add the account'),
        ('[[smtp.fallback]]\nhost = "a.example"\nauth = "xoauth2"\n', "without username; add the account"),
        ("[smtp]\nwindow = 0\n", "window = 0: should be greater than or equal to 1"),
        ("[smtp]\nwindow = 65\n", "window = 65: should be less than or equal to 64"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as told:
        load(_write(tmp_path, text), {})

    assert says in str(told.value)


def test_a_password_is_not_repeated_in_a_complaint_about_it(tmp_path: Path) -> None:
    text = FALLBACK + "password = 123456\n"

    with pytest.raises(SettingsError) as told:
        load(_write(tmp_path, text, 0o600), {})

    assert "123456" not in str(told.value)
