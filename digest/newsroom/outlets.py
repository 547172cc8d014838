"""Outlets: who publishes what, with the bias and factuality that a ratings file gives them. Pure (newsroom).

Ratings belong to the publication, never to an article, and never come from us: an outlet that no file rates is
unrated, and shown as such.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any, get_args

from digest.errors import InputError
from digest.model import Article, Bias, Factuality, Outlet
from digest.newsroom.links import host_of
from digest.newsroom.text import single_line

_KEYS = ("name", "hosts", "bias", "factuality", "rater", "rated_on")
_BIASES: tuple[str, ...] = get_args(Bias)
FACTUALITIES: tuple[Factuality, ...] = get_args(Factuality)
"""The words of the factuality scale, best first."""
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.ASCII)
_LARGEST = 5_000_000
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def parse_outlets(text: str, name: str) -> tuple[Outlet, ...]:
    """Read a ratings file: TOML with `[[outlet]]` tables of name, hosts, bias, factuality, rater and rated_on.

    Raises InputError, with the line of the table, for unknown keys, words outside the scales and hosts that are
    addresses; and when two tables claim the same name or host.
    """
    if len(text) > _LARGEST:
        raise InputError(f"{len(text)} characters: at most {_LARGEST} are read", file=name)
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_LINE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        raise InputError(f"not TOML: {_TOML_LINE.sub('', str(error)).strip()}", file=name, line=line) from None
    except RecursionError:
        raise InputError("nested too deeply", file=name) from None
    rows = tables.pop("outlet", [])
    if tables or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("only tables [[outlet]] are wanted", file=name)
    lines = [number for number, row in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*outlet\s*\]\]", row)]
    places = lines if len(lines) == len(rows) else [None] * len(rows)
    outlets = tuple(_outlet(row, name, place) for row, place in zip(rows, places, strict=True))
    _refuse_twins(outlets, places, name)
    return outlets


def _outlet(row: dict[str, Any], file: str, line: int | None) -> Outlet:
    def refuse(what: str) -> InputError:
        return InputError(what, file=file, line=line)

    for key in row:
        if key not in _KEYS:
            near = difflib.get_close_matches(key.lower(), _KEYS, n=1)
            wish = f"did you mean {near[0]}?" if near else f"known are {', '.join(_KEYS)}"
            raise refuse(f"outlet: {single_line(key)[:60]}: not a known key; {wish}")
    name, rater = (_words(row.get(key), key, refuse) for key in ("name", "rater"))
    if name is None:
        raise refuse("outlet: a name is wanted")
    return Outlet(
        name=name,
        hosts=_hosts(row.get("hosts", []), name, refuse),
        bias=_word_of(_BIASES, row.get("bias"), f"{name}: bias", refuse),
        factuality=_word_of(FACTUALITIES, row.get("factuality"), f"{name}: factuality", refuse),
        rater=rater,
        rated_on=_day(row.get("rated_on"), name, refuse),
    )


def shipped_outlets() -> tuple[Outlet, ...]:
    """The fictional outlets that come with the package, for samples; a part of the code that happens to be TOML."""
    return parse_outlets((files("digest.newsroom") / "outlets.toml").read_text(encoding="utf-8"), "outlets.toml")


Refuse = Callable[[str], InputError]


def _words(value: object, key: str, refuse: Refuse) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 120:
        raise refuse(f"outlet: {key}: a text of at most 120 characters is wanted")
    return single_line(value) or None


def _word_of(scale: tuple[str, ...], value: object, what: str, refuse: Refuse) -> Any:
    word = value.strip().lower() if isinstance(value, str) else value
    if word in (None, "", "unrated"):
        return None
    if word not in scale:
        raise refuse(f"{what}: {str(value)[:60]!r}: one of {', '.join(scale)} is wanted")
    return word


def _hosts(value: object, name: str, refuse: Refuse) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise refuse(f'{name}: hosts: a list is wanted, such as ["example.org"]')
    hosts = []
    for host in value:
        plain = host.strip().lower().removeprefix("www.") if isinstance(host, str) else ""
        if not _HOST.fullmatch(plain) or len(plain) > 253:
            raise refuse(f'{name}: hosts: {str(host)[:60]!r}: a host without https:// is wanted, such as "example.org"')
        hosts.append(plain)
    return tuple(dict.fromkeys(hosts))


def _day(value: object, name: str, refuse: Refuse) -> date | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = False
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise refuse(f"{name}: rated_on: a date such as 2026-11-18 is wanted")


def _refuse_twins(outlets: tuple[Outlet, ...], places: Sequence[int | None], file: str) -> None:
    seen: set[str] = set()
    for outlet, line in zip(outlets, places, strict=True):
        for claim in (f"name {outlet.name.casefold()}", *(f"host {host}" for host in outlet.hosts)):
            if claim in seen:
                raise InputError(f"{claim}: belongs to two outlets; keep one of them", file=file, line=line)
            seen.add(claim)


@dataclass(frozen=True, slots=True)
class Ratings:
    """Rated outlets, found by host and by name; a later outlet stands in for an earlier one of its name or host."""

    outlets: tuple[Outlet, ...] = ()
    _names: dict[str, Outlet] = field(init=False, repr=False, compare=False)
    _hosts: dict[str, Outlet] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {outlet.name.casefold(): outlet for outlet in self.outlets}
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_hosts", {host: outlet for outlet in names.values() for host in outlet.hosts})

    def find(self, article: Article) -> Outlet | None:
        """Whose article this is: by the link's host or a domain above it, else by the outlet's name."""
        if article.url is not None and (outlet := self._by_host(host_of(article.url))) is not None:
            return outlet
        if article.outlet is None:
            return None
        name = article.outlet.casefold()
        return self._names.get(name) or self._by_host(name)

    def _by_host(self, host: str) -> Outlet | None:
        """`news.example.org` belongs to whoever has `example.org`, unless somebody has it to themselves."""
        while "." in host:
            if host in self._hosts:
                return self._hosts[host]
            host = host.partition(".")[2]
        return None
