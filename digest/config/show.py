"""Showing settings: every effective value with where it came from, secrets masked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from digest.config.load import Loaded

_MASK = "********"


def rows(loaded: Loaded) -> Iterator[tuple[str, Any, str]]:
    """(dotted name, value, origin) for each setting, in the order of the schema; secrets are masked."""
    for path, value in flat(loaded.settings.model_dump(by_alias=True, mode="json")):
        yield path, _masked(path, value), _origin(loaded.origins, path)


def _origin(origins: Mapping[str, str], path: str) -> str:
    while path not in origins and "." in path:
        path = path.rpartition(".")[0]
    return origins.get(path, "default")


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value) for each leaf of nested tables."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _masked(path: str, value: Any) -> Any:
    if path.endswith(("password", "api_key")) and value is not None:
        return _MASK
    if path == "store.url":
        return mask_url(str(value))
    return value


def mask_url(url: str) -> str:
    """A database URL without its password."""
    url = re.sub(r"(://[^:/@]*):[^@]*@", rf"\1:{_MASK}@", url)
    return re.sub(r"([?&](?:ssl)?password=)[^&]*", rf"\1{_MASK}", url)
