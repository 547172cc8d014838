"""Settings: from file and environment into one frozen value; every mistake named with what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from digest.config import load
from digest.config.durations import format_duration, parse_duration
from digest.config.show import rows
from digest.errors import SettingsError


def _write(folder: Path, text: str, mode: int = 0o644) -> str:
    file = folder / "digest.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return str(file)


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    config = _write(tmp_path, '[newsletter]\nid = "mine"\nname = "From the file"\n[smtp]\nport = 2525\n')

    loaded = load(config, {"DIGEST_NEWSLETTER__NAME": "From the environment", "PATH": "/bin"})

    assert loaded.settings.newsletter.id == "mine"
    assert loaded.settings.newsletter.name == "From the environment"
    assert loaded.settings.newsletter.late_after == timedelta(hours=4)
    assert loaded.settings.smtp.port == 2525
    assert loaded.origins["newsletter.id"] == "digest.toml"
    assert loaded.origins["newsletter.name"] == "environment DIGEST_NEWSLETTER__NAME"
    assert loaded.origins["newsletter.late_after"] == "default"


def test_a_directory_names_the_workspace_and_so_does_digest_config(tmp_path: Path) -> None:
    _write(tmp_path, '[newsletter]\nid = "mine"\n')

    assert load(str(tmp_path), {}).settings.newsletter.id == "mine"
    assert load(None, {"DIGEST_CONFIG": str(tmp_path)}).workspace == tmp_path


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    settings = load(_write(tmp_path, ""), {}).settings

    with pytest.raises(ValidationError):
        settings.newsletter.id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[newsletter]\nshedule = "mon 07:00"\n', '[newsletter] shedule: not a setting; did you mean "schedule"?'),
        ('[newsleter]\nid = "x"\n', 'newsleter: not a setting; did you mean "newsletter"?'),
        ("[smtp.timeouts]\nbodi = 3\n", 'did you mean "body"?'),
        ('[newsletter]\nschedule = "every monday"\n', "every monday"),
        ('[newsletter]\nschedule = "0 7 * * 1"\n', "0 7 * * 1"),
        ('[newsletter]\ntimezone = "Mars/Olympus"\n', '"Mars/Olympus": not a time zone'),
        ('[newsletter]\nlanguage = "xx"\n', '"xx": no catalogue of words for it; there are ar, de, en, es, fr'),
        ('[newsletter]\nlate_after = "soon"\n', '"soon": not a length of time'),
        ('[gather]\nevery = "5m"\n', '[gather] every = "5m": more often than every 10 minutes is not polite'),
        ('[newsletter]\nfrom = "Digest"\n', "not an email address"),
        ('[newsletter]\nfrom = "A <a@example.org>, B <b@example.org>"\n', "not a sender"),
        ('[newsletter]\nname = "Digest\\nBcc: x@example.org"\n', "control character or a line break"),
        ('[newsletter]\nbase_url = "javascript:alert(1)"\n', "not a web address"),
        ("[smtp]\nport = 99999\n", "[smtp] port"),
        ('[smtp]\nport = "many"\n', '[smtp] port = "many": a whole number is wanted'),
        ("[newsletter]\nmax_stories = 0\n", "max_stories = 0: should be greater than or equal to 1"),
        ("[[dkim]]\ndomain = 'example.org'\n", "[dkim] 0.selector"),
        ("[newsletter\n", "not valid TOML"),
        ('[store]\nurl = "mysql://x"\n', '[store] url = "…": not a database; write "sqlite:///digest.db" or'),
        ('[newsletter]\nid = "We ekly"\n', 'small letters, digits and - wanted; write for example "weekly"'),
        ('[newsletter]\nsender_id = "x"\n', "5 to 15 letters or digits wanted"),
        ("[[dkim]]\ndomain = 'example.org'\nselector = 'a b'\nkey_file = 'k'\n", "a DNS label wanted"),
        ('[newsletter]\nname = " "\n', "at least one word is wanted"),
        ("[newsletter]\nschedule = 5\n", "schedule = 5: a text in quotation marks is wanted"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_wish(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as told:
        load(_write(tmp_path, text), {})

    assert says in str(told.value)
    assert "digest.toml" in str(told.value)


def test_a_value_with_line_breaks_is_told_on_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        load(_write(tmp_path, '[newsletter]\nname = "Digest\\r\\nBcc: x@example.org"\n'), {})

    assert len(str(told.value).splitlines()) == 1


def test_a_wrong_variable_is_named_before_its_fault(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r'^environment DIGEST_SMTP__PORT: \[smtp\] port = "many": a whole number'):
        load(_write(tmp_path, ""), {"DIGEST_SMTP__PORT": "many"})


def test_an_unknown_variable_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"DIGEST_SMTP__PASWORD: not a setting; did you mean .DIGEST_SMTP__PASSWORD"
    ):
        load(_write(tmp_path, ""), {"DIGEST_SMTP__PASWORD": "x"})


def test_what_all_variables_have_in_common_suggests_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DIGEST_FOO: not a setting; `digest config` lists all settings"):
        load(_write(tmp_path, ""), {"DIGEST_FOO": "x"})


def test_a_list_that_is_not_json_names_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DIGEST_NOTIFY__TO: cannot be read; write lists and tables as JSON"):
        load(_write(tmp_path, ""), {"DIGEST_NOTIFY__TO": "me@example.org", "DIGEST_NEWSLETTER__NAME": "News"})


def test_a_secret_file_that_is_gone_is_to_be_put_back(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file or directory; put it back, or name another"):
        load(_write(tmp_path, ""), {"DIGEST_SMTP__PASSWORD_FILE": str(tmp_path / "gone")})


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    both = {"DIGEST_SMTP__PASSWORD": "one", "DIGEST_SMTP__PASSWORD_FILE": str(tmp_path / "other")}

    with pytest.raises(SettingsError, match="both are set; one is wanted"):
        load(_write(tmp_path, ""), both)


def test_two_variables_are_no_settings(tmp_path: Path) -> None:
    assert load(_write(tmp_path, ""), {"DIGEST_FAILPOINT": "after_claim", "DIGEST_CONFIG": "/nowhere"}).settings


def test_a_secret_may_come_from_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n", encoding="utf-8")
    environ = {"DIGEST_SMTP__PASSWORD_FILE": str(secret)}
    config = _write(tmp_path, "")

    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by others"):
        load(config, environ)
    secret.chmod(0o600)
    password = load(config, environ).settings.smtp.password

    assert password is not None
    assert password.get_secret_value() == "s3cret"


@pytest.mark.parametrize("text", ['[smtp]\npassword = "s"\n', '[store]\nurl = "postgresql+psycopg://u:p@h/d"\n'])
def test_a_settings_file_with_a_secret_must_be_ours_alone(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="holds a secret and can be read by others"):
        load(_write(tmp_path, text, 0o640), {})

    assert load(_write(tmp_path, text, 0o600), {}).settings


def test_a_settings_file_without_a_secret_may_be_read_by_all(tmp_path: Path) -> None:
    assert load(_write(tmp_path, '[store]\nurl = "postgresql+psycopg://u@h/d"\n', 0o644), {}).settings


def test_secrets_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    text = '[smtp]\npassword = "hunter2"\n[store]\nurl = "postgresql+psycopg://u:hunter2@h/d"\n'
    loaded = load(_write(tmp_path, text, 0o600), {})

    shown = {path: value for path, value, _ in rows(loaded)}

    assert "hunter2" not in repr(shown)
    assert "hunter2" not in repr(loaded.settings)
    assert shown["store.url"] == "postgresql+psycopg://u:********@h/d"
    assert shown["smtp.password"] == "********"


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    found = {path: (value, origin) for path, value, origin in rows(load(_write(tmp_path, "[smtp]\nport = 2525\n"), {}))}

    assert found["smtp.port"] == (2525, "digest.toml")
    assert found["newsletter.late_after"] == ("4h", "default")
    assert found["newsletter.from"][1] == "default"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h 30m", timedelta(minutes=90)),
        ("5d", timedelta(5)),
        ("0", timedelta(0)),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(("text", "hours"), [('"off"', 0), ('"0"', 0), ("0", 0), ('"12h"', 12)])
def test_how_often_sources_are_asked(tmp_path: Path, text: str, hours: int) -> None:
    settings = load(_write(tmp_path, f"[gather]\nevery = {text}\n"), {}).settings

    assert settings.gather.every == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "5", "h", "-5m", "5 years", "9" * 30 + "d", "1.5h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|longer than"):
        parse_duration(text)


def test_an_international_domain_of_the_sender_stands_as_it_goes_on_the_wire(tmp_path: Path) -> None:
    config = _write(tmp_path, '[newsletter]\nfrom = "News <news@exämple.org>"\n[notify]\nto = ["Ada@exämple.org"]\n')

    settings = load(config, {}).settings

    assert settings.newsletter.from_ == '"News" <news@xn--exmple-cua.org>'
    assert settings.notify.to == ("Ada@xn--exmple-cua.org",)


@pytest.mark.parametrize(
    "text",
    [
        '[newsletter]\nfrom = "News <néws@example.org>"\n',
        '[newsletter]\nbase_url = "https://exämple.org"\n',
        '[newsletter]\nbase_url = "https://example.org/a b"\n',
        '[newsletter]\nbase_url = "https://example.org:99999"\n',
        '[web]\nbind = "127.0.0.1:99999"\n',
        '[delivery]\ngive_up_after = "99999999d"\n',
    ],
)
def test_what_could_only_fail_when_sending_is_refused_at_once(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"digest\.toml: "):
        load(_write(tmp_path, text), {})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://digest:hunter2@db/digest",
        "postgresql+psycopg://digest:hunter2/x@db/digest",
        "postgresql+psycopg://digest@db/digest?password=hunter2",
        "postgresql+psycopg:///digest?user=digest&password=hunter2&sslmode=require",
    ],
)
def test_a_database_password_is_a_secret_wherever_it_stands_in_the_url(tmp_path: Path, url: str) -> None:
    readable = _write(tmp_path, f'[store]\nurl = "{url}"\n')
    with pytest.raises(SettingsError, match="chmod 600"):
        load(readable, {})

    shown = {path: value for path, value, _ in rows(load(_write(tmp_path, f'[store]\nurl = "{url}"\n', 0o600), {}))}

    assert "hunter2" not in shown["store.url"]
    assert shown["store.url"].startswith("postgresql+psycopg://")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('url = "https://api.example.org/v1"', "url without a model"),
        ('url = "ftp://api.example.org/v1"\nmodel = "m"', "not an endpoint"),
        ('url = "https://key@api.example.org/v1"\nmodel = "m"', "not an endpoint"),
        ('url = "https://api.example.org/v1?key=x"\nmodel = "m"', "not an endpoint"),
        ('url = "http://93.184.216.34/v1"\nmodel = "m"', "in clear text only to your own network"),
        ('urL = "x"', 'did you mean "url"?'),
        ("max_stories = 0", "[llm] max_stories"),
        ('api_key = "two words"', "not a key"),
        ('deadline = "0s"', "deadline"),
    ],
)
def test_a_mistake_about_the_machine_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as told:
        load(_write(tmp_path, f"[llm]\n{text}\n", 0o600), {})

    assert says in str(told.value)
    assert "two words" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["https://api.example.org/v1/", "http://127.0.0.1:11434/v1", "http://[::1]:8080/v1", "http://ollama:11434/v1"],
)
def test_endpoints_of_ones_own_may_be_asked_in_clear_text(tmp_path: Path, url: str) -> None:
    loaded = load(_write(tmp_path, f'[llm]\nurl = "{url}"\nmodel = "m"\n'), {})

    assert loaded.settings.llm.url == url.rstrip("/")


def test_the_key_of_the_machine_is_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds a secret and can be read by others"):
        load(_write(tmp_path, '[llm]\napi_key = "sk-0123"\n'), {})
    (tmp_path / "key").write_text("sk-4567\n")
    (tmp_path / "key").chmod(0o600)

    loaded = load(_write(tmp_path, ""), {"DIGEST_LLM__API_KEY_FILE": str(tmp_path / "key")})

    assert loaded.settings.llm.api_key is not None
    assert loaded.settings.llm.api_key.get_secret_value() == "sk-4567"
    assert ("llm.api_key", "********", "environment DIGEST_LLM__API_KEY") in list(rows(loaded))
    assert "sk-4567" not in repr(loaded)
