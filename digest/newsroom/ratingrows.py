"""A rater's table → outlets, and a tally of how every word in it was understood. Pure (newsroom).

Called by verbs.outlets. Takes the tables that go round of Media Bias/Fact Check (source, url, bias, factual
reporting …) and AllSides (news_source, rating …), and others with such columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from digest.errors import InputError
from digest.model import Outlet
from digest.newsroom.ratinghosts import home_of
from digest.newsroom.ratingwords import Leaning, bias_of, factuality_of
from digest.newsroom.text import cut, single_line

_T = TypeVar("_T")

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "name", "news source", "outlet", "publication", "source name", "media", "newspaper", "source", "site name",
    ),
    "url": (
        "url", "website", "domain", "host", "homepage", "site", "source url", "link", "source url normalized",
    ),
    "bias": (
        "bias", "bias rating", "media bias", "political bias", "allsides rating", "allsides bias rating", "rating",
        "rating num",
    ),
    "factuality": (
        "factual reporting", "factuality", "factual", "fact", "facts", "factual reporting rating", "mbfc factuality",
    ),
}  # fmt: skip
"""What is understood, each with the names under which tables carry it, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → column, from 0. `left_out` names the columns that are not read."""

    places: Mapping[str, int]
    left_out: tuple[str, ...]


def find_columns(header: Sequence[str], file: str) -> Columns:
    """Which column holds what. Raises InputError when it is no table of ratings."""
    names = [" ".join(re.split(r"[\s_\-.:\ufeff]+", name.strip().casefold())).strip() for name in header]
    places: dict[str, int] = {}
    for what, known in FIELDS.items():
        found = next((names.index(name) for name in known if name in names), None)
        if found is not None:
            places[what] = found
    if not {"name", "url"} & places.keys() or not {"bias", "factuality"} & places.keys():
        shown = ", ".join(repr(single_line(name)[:30]) for name in header[:8])
        wanted = "one that names the outlet (name, source, url) and one that rates it (bias, rating, factual reporting)"
        raise InputError(f"columns {shown}: {wanted} are wanted; rename them", file=file)
    rest = (single_line(name)[:40] for place, name in enumerate(header) if place not in places.values())
    return Columns(places, tuple(filter(None, rest)))


@dataclass(slots=True)
class Tally:
    """How a table was understood: (column, word, meaning) → how often, and rows of which something was not.

    `rows` is the sum of `rated`, `unrated`, `duplicates` and `rejected`.
    """

    rows: int = 0
    rated: int = 0
    unrated: int = 0
    duplicates: int = 0
    rejected: int = 0
    words: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    not_understood: list[tuple[int, str]] = field(default_factory=list)


class Table:
    """Rows taken in one by one, then `outlets`."""

    def __init__(self, columns: Columns, *, rater: str, rated_on: date, leaning: Leaning = "side") -> None:
        self.tally = Tally()
        self._columns = columns
        self._rater = rater
        self._rated_on = rated_on
        self._leaning = leaning
        self._rows: dict[str, tuple[int, Outlet]] = {}

    def refuse(self, row: int, why: str) -> None:
        """A row that could not even be read."""
        self.tally.rows += 1
        self.tally.rejected += 1
        self.tally.not_understood.append((row, why))

    def take(self, row: int, cells: Sequence[str]) -> None:
        if len(cells) <= max(self._columns.places.values()):
            self.refuse(row, f"{len(cells)} cells: too few; is a line break outside of quotation marks?")
            return
        said = {what: cells[place].strip() for what, place in self._columns.places.items()}
        name = cut(single_line(said.get("name", "")), 100).lstrip("=+-@' ")  # no spreadsheet takes it for a formula
        home = home_of(said.get("url", name))
        name = name or home or ""
        if not name:
            self.refuse(row, "names no outlet")
            return
        self.tally.rows += 1
        outlet = Outlet(
            name=name,
            hosts=(home,) if home else (),
            bias=self._read(row, name, "bias", said, lambda word: bias_of(word, self._leaning)),
            factuality=self._read(row, name, "factuality", said, factuality_of),
            rater=self._rater,
            rated_on=self._rated_on,
        )
        self._keep(row, outlet)

    def _read(
        self, row: int, name: str, what: str, said: Mapping[str, str], meaning: Callable[[str], _T | None]
    ) -> _T | None:
        if what not in said:
            return None
        word = cut(single_line(said[what]), 40)
        try:
            value = meaning(said[what][:100])
        except KeyError:
            self.tally.words[what, word.casefold(), "not understood"] += 1
            self.tally.not_understood.append((row, f"{name}: {what}: {word!r}: not in our table of words; unrated"))
            return None
        self.tally.words[what, word.casefold(), str(value or "unrated")] += 1
        return value

    def _keep(self, row: int, outlet: Outlet) -> None:
        if outlet.bias is None and outlet.factuality is None:
            self.tally.unrated += 1
            return
        key = outlet.name.casefold()
        before = self._rows.get(key)
        if before is None:
            self.tally.rated += 1
            self._rows[key] = (row, outlet)
            return
        self.tally.duplicates += 1
        first, kept = before
        self._rows[key] = (first, replace(kept, hosts=tuple(dict.fromkeys(kept.hosts + outlet.hosts))))
        if (kept.bias, kept.factuality) != (outlet.bias, outlet.factuality):
            self.tally.not_understood.append((row, f"{outlet.name}: rated otherwise in row {first}, which counts"))

    def outlets(self) -> tuple[Outlet, ...]:
        """All that are rated, by name. A host that several claim is nobody's: no article is put to the wrong one."""
        outlets = [outlet for _, outlet in self._rows.values()]
        claims = Counter(host for outlet in outlets for host in outlet.hosts)
        return tuple(
            replace(outlet, hosts=tuple(host for host in outlet.hosts if claims[host] == 1))
            for outlet in sorted(outlets, key=lambda outlet: outlet.name.casefold())
        )

    def shared_hosts(self) -> tuple[str, ...]:
        """Hosts that several outlets claim, the most claimed first."""
        claims = Counter(host for _, outlet in self._rows.values() for host in outlet.hosts)
        return tuple(host for host, count in claims.most_common() if count > 1)


def words_in_order(tally: Tally) -> Iterable[tuple[str, str, str, int]]:
    """(column, word, meaning, how often): by column, the most frequent first."""
    return (
        (*key, count) for key, count in sorted(tally.words.items(), key=lambda item: (item[0][0], -item[1], item[0]))
    )
