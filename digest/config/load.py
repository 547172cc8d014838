"""Reading settings: digest.toml, environment and secret files become one frozen value, with where each came from.

Edge: the only code that reads digest.toml and DIGEST_… variables.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import EnvSettingsSource

from digest.config.schema import Settings
from digest.errors import SettingsError

FILE_NAME = "digest.toml"
_NOT_SETTINGS = {"DIGEST_CONFIG", "DIGEST_FAILPOINT"}
_SECRETS = ("smtp.password", "smtp.fallback", "store.url", "llm.api_key")
_MAX_BYTES = 1_000_000
# Before the host, where it may hold slashes, or among the parameters (RFC 3986; libpq takes both).
_PASSWORD = re.compile(r"://[^:/@]*:[^@]+@|[?&](ssl)?password=[^&]")
_WISHES = {  # where pydantic's words are for programmers
    "int_parsing": "a whole number is wanted",
    "int_type": "a whole number is wanted",
    "float_parsing": "a number is wanted",
    "float_type": "a number is wanted",
    "bool_parsing": "true or false is wanted",
    "bool_type": "true or false is wanted",
    "string_type": "a text in quotation marks is wanted",
    "tuple_type": "a list in square brackets is wanted",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, the workspace they belong to, and the origin of each ("newsletter.id" → "digest.toml")."""

    settings: Settings
    workspace: Path
    file: Path
    origins: Mapping[str, str]


def load(config: str | None, environ: Mapping[str, str]) -> Loaded:
    """Read the settings of a workspace.

    `config` is a settings file or a workspace directory; None means DIGEST_CONFIG, else ./digest.toml.
    Raises SettingsError, one line per fault.
    """
    file = _find(config or environ.get("DIGEST_CONFIG"))
    from_file = _read_toml(file)
    from_environment = _read_environment(environ)
    _refuse_readable_secrets(file, from_file)
    values = _merge(from_file, from_environment)
    origins = dict.fromkeys(_leaves(Settings().model_dump(by_alias=True)), "default")
    origins |= dict.fromkeys(_leaves(from_file), file.name)
    origins |= {path: f"environment DIGEST_{path.upper().replace('.', '__')}" for path in _leaves(from_environment)}
    try:
        settings = Settings(**values)
    except ValidationError as fault:
        raise SettingsError("\n".join(_explain(fault, file.name, origins))) from None
    return Loaded(settings=settings, workspace=file.parent, file=file, origins=origins)


def _find(config: str | None) -> Path:
    path = Path(config) if config else Path(FILE_NAME)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise SettingsError(
            f"{path}: no such settings file; make a workspace with `digest init DIR` or name one with --config"
        )
    return path.absolute()


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        data = file.read_bytes()
        if len(data) > _MAX_BYTES:
            raise SettingsError(f"{file.name}: larger than 1 MB; this cannot be a settings file")
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as fault:
        raise SettingsError(f"{file}: cannot be read: {fault.strerror}; check its owner and mode") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file.name}: not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError(f"{file.name}: not valid TOML: {fault}") from None


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {name: value for name, value in environ.items() if name.startswith("DIGEST_") and name not in _NOT_SETTINGS}
    for path in _SECRETS:
        name = "DIGEST_" + path.upper().replace(".", "__")
        if file := ours.pop(f"{name}_FILE", None):
            if name in ours:
                raise SettingsError(f"{name} and {name}_FILE: both are set; one is wanted; unset the other")
            ours[name] = _read_secret_file(f"{name}_FILE", Path(file))
    known = set(_known_variables())
    for name in ours:
        if name not in known:
            raise SettingsError(f"{name}: not a setting{_nearest(name, known, 'DIGEST_')}")
    source = EnvSettingsSource(Settings, case_sensitive=False, env_prefix="DIGEST_", env_nested_delimiter="__")
    source.env_vars = {name.lower(): value for name, value in ours.items()}
    try:
        values = source()
    except ValueError as fault:
        raise SettingsError(_not_json(str(fault), ours)) from None
    return values


def _not_json(fault: str, ours: Mapping[str, str]) -> str:
    """Which variables cannot be read as JSON; the reader of the environment names but their table."""
    table = next((t for t in Settings.model_fields if f'"{t}"' in fault), "")
    names = ", ".join(name for name in ours if name.startswith(f"DIGEST_{table.upper()}"))
    return f"environment: {names}: cannot be read; write lists and tables as JSON: '[\"editor@example.org\"]'"


def _known_variables() -> Iterator[str]:
    for table, info in Settings.model_fields.items():
        yield f"DIGEST_{table.upper()}"
        model = info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for path in _field_paths(model):
                yield f"DIGEST_{table.upper()}__{path.upper()}"


def _field_paths(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from (f"{info.alias or name}__{path}" for path in _field_paths(info.annotation))


def read_private(file: Path, what: str) -> bytes:
    """Read a key file. Refused when group or others may read it, or when it is not ours (owner check)."""
    try:
        status = file.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise SettingsError(f"{file}: {what} can be read by others; run: chmod 600 {file}")
        if status.st_uid not in (os.geteuid(), 0):
            raise SettingsError(f"{file}: {what} belongs to another user; run: chown $(id -un) {file}")
        return file.read_bytes()
    except OSError as fault:
        raise SettingsError(f"{file}: {what} cannot be read: {fault.strerror}; put it back, or name another") from None


def _read_secret_file(name: str, file: Path) -> str:
    try:
        return read_private(file, f"the secret of {name}").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: the secret of {name} is not UTF-8 text") from None


def _refuse_readable_secrets(file: Path, values: dict[str, Any]) -> None:
    smtp = values.get("smtp")
    relays = [smtp, *_tables(smtp.get("fallback"))] if isinstance(smtp, dict) else []
    password = any(relay.get("password") for relay in relays)
    url = values.get("store", {}).get("url") if isinstance(values.get("store"), dict) else None
    llm = values.get("llm")
    key = isinstance(llm, dict) and llm.get("api_key")
    holds = password or key or (isinstance(url, str) and has_password(url))
    if holds and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SettingsError(f"{file.name}: holds a secret and can be read by others; run: chmod 600 {file}")


def _tables(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def has_password(url: str) -> bool:
    """Whether a database URL carries a password."""
    return bool(_PASSWORD.search(url))


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _explain(fault: ValidationError, file: str, origins: Mapping[str, str]) -> Iterator[str]:
    for error in fault.errors():
        names = [str(part) for part in error["loc"] if part not in ("function-after", "function-before")]
        path = ".".join(names)
        origin = origins.get(path, file)
        place = f"{origin}:" if origin.startswith("environment") else f"{file}:"
        table = f"[{names[0]}] " if len(names) > 1 else ""
        key = ".".join(names[1:]) if len(names) > 1 else names[0]
        if error["type"] == "extra_forbidden":
            yield f"{place} {table}{key}: not a setting{_nearest(names[-1], _names_at(Settings, names[:-1]))}"
            continue
        wish = _WISHES.get(error["type"]) or error["msg"].removeprefix("Value error, ").replace(
            "Input should", "should"
        )
        value = "…" if path in _SECRETS or path.endswith("password") else error["input"]
        shown = "" if isinstance(value, (dict, BaseModel, SecretStr)) else f" = {_as_written(value)}"
        yield f"{place} {table}{key}{shown}: {wish}"


def _as_written(value: Any) -> str:
    """Much as it stands in the file, and on one line whatever it holds."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _names_at(model: type[BaseModel], names: list[str]) -> set[str]:
    is_key = False  # of a table whose names are the user's own
    for name in names:
        if name.isdigit() or is_key:
            is_key = False
            continue
        info = next((i for n, i in model.model_fields.items() if name in (n, i.alias)), None)
        found = _model_in(info.annotation) if info else None
        if found is None:
            return set()
        model = found
        is_key = info is not None and get_origin(info.annotation) is dict
    return {info.alias or name for name, info in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for arg in get_args(annotation) if (m := _model_in(arg))), None)


def _nearest(name: str, known: set[str], prefix: str = "") -> str:
    """The known name that is most like this one; what all have in common must not count."""
    names = [other.removeprefix(prefix) for other in sorted(known)]
    close = difflib.get_close_matches(name.removeprefix(prefix), names, n=1, cutoff=0.5)
    return f'; did you mean "{prefix}{close[0]}"?' if close else "; `digest config` lists all settings"
