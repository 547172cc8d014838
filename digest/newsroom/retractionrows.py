"""Rows of Retraction Watch's list → records, however dirty they are. Pure (newsroom).

The columns are those of the public file: Record ID, Title, RetractionDate, RetractionDOI, OriginalPaperDOI,
OriginalPaperPubMedID, RetractionNature, Reason, and others that are not needed. Dates are written month first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from digest.errors import InputError
from digest.newsroom.retractions import Nature, Record, plain_pmid, whole_doi
from digest.newsroom.text import cut, single_line

_T = TypeVar("_T")

_COLUMNS = {
    "record": "Record ID",
    "title": "Title",
    "day": "RetractionDate",
    "notice_doi": "RetractionDOI",
    "doi": "OriginalPaperDOI",
    "pmid": "OriginalPaperPubMedID",
    "nature": "RetractionNature",
    "reason": "Reason",
}
_NATURES: Mapping[str, Nature] = {
    "retraction": "retraction",
    "expressionofconcern": "expression of concern",
    "correction": "correction",
    "reinstatement": "reinstatement",
}
_NOTHING = frozenset({"", "0", "0.0", "unavailable", "unknown", "none", "na", "n/a", "nan", "null", "-"})
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: +\d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", re.ASCII)


class RowError(ValueError):
    """A row that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Read:
    """A row's record, None when it names its paper neither by DOI nor by PubMed number; `unread` are cells that could
    not be understood, as words, and were taken as empty."""

    record: Record | None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → column, from 0."""

    places: Mapping[str, int]
    width: int

    def read(self, cells: Sequence[str]) -> Read:
        """One row. Raises RowError."""
        if len(cells) > self.width or len(cells) <= max(self.places.values()):
            raise RowError(f"{len(cells)} cells: {self.width} are wanted; is a comma outside of quotation marks?")
        return _read({field: cells[place].strip() for field, place in self.places.items()})


def find_columns(header: Sequence[str], file: str) -> Columns:
    """Which column holds what. Raises InputError when it is no such list."""
    by_name = {_squeezed(name): place for place, name in reversed(list(enumerate(header)))}
    places = {field: by_name[_squeezed(name)] for field, name in _COLUMNS.items() if _squeezed(name) in by_name}
    if "nature" not in places or not {"doi", "pmid"} & places.keys():
        shown = ", ".join(repr(single_line(name)[:30]) for name in header[:8])
        wanted = "RetractionNature, and OriginalPaperDOI or OriginalPaperPubMedID"
        raise InputError(f"columns {shown} …: {wanted} are wanted; take the Retraction Watch CSV as it is", file=file)
    return Columns(places, len(header))


def _read(cells: Mapping[str, str]) -> Read:
    unread: list[str] = []
    nature = _NATURES.get(_squeezed(cells["nature"]))
    if nature is None:
        wanted = "Retraction, Expression of concern, Correction or Reinstatement"
        raise RowError(f"RetractionNature: {_shown(cells['nature'])}: one of {wanted} is wanted")
    doi = _cell(cells, "doi", whole_doi, unread)
    pmid = _cell(cells, "pmid", plain_pmid, unread)
    if doi is None and pmid is None:
        return Read(None, tuple(unread))
    record = Record(
        record=_number(cells, nature, doi, pmid),
        nature=nature,
        title=cut(single_line(cells.get("title", "")), 300),
        doi=doi,
        pmid=pmid,
        day=_cell(cells, "day", _day, unread),
        reason=_reason(cells.get("reason", "")),
        notice_doi=whole_doi(cells.get("notice_doi", "")),
    )
    return Read(record, tuple(unread))


def _cell(cells: Mapping[str, str], field: str, read: Callable[[str], _T | None], unread: list[str]) -> _T | None:
    text = cells.get(field, "")
    if text.casefold() in _NOTHING:
        return None
    value = read(text)
    if value is None:
        unread.append(f"{_COLUMNS[field]}: {_shown(text)}: not understood, taken as empty")
    return value


def _day(text: str) -> date | None:
    try:
        if found := _AMERICAN.fullmatch(text):
            return date(int(found[3]), int(found[1]), int(found[2]))
        found = _ISO.fullmatch(text)
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _reason(text: str) -> str:
    """ "+Concerns/Issues About Data;+Duplication of Image;" as words."""
    return cut(single_line(", ".join(part.strip(" +") for part in text.split(";") if part.strip(" +"))), 200)


def _number(cells: Mapping[str, str], nature: str, doi: str | None, pmid: str | None) -> str:
    """What the list calls the record; where it has no such column, a name made of what the record says."""
    named = single_line(cells.get("record", "")).removesuffix(".0")
    if named and len(named) <= 40:
        return named
    said = "\n".join((nature, doi or "", pmid or "", cells.get("day", "")))
    return f"#{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_\-\ufeff]+", "", name).casefold()


def _shown(text: str) -> str:
    return repr(cut(single_line(text), 60))
