"""Retractions: the records that a user imported, found by a paper's DOI or PubMed number. Edge: the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, func, or_, select, update

from digest.model import Identifiers, Story
from digest.newsroom.retractions import Record, keys_of, papers_of, with_retractions
from digest.store import tables as t
from subscribers.tables import insert_or_replace

_GROUP = 400  # values in one query
_FIELDS = tuple(Record.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much there is: records by nature, the day of the newest, and when the last import was."""

    natures: dict[str, int]
    newest: date | None = None
    imported_at: datetime | None = None


def found(db: Connection, newsletter: str, papers: Iterable[Identifiers]) -> dict[str, tuple[Record, ...]]:
    """All records about these papers, by what each is known by (see `keys_of`); papers without any are left out."""
    r = t.retraction.c
    wanted = sorted({key for paper in papers for key in keys_of(paper)})
    by_key: defaultdict[str, list[Record]] = defaultdict(list)
    for kind, column in (("doi", r.doi), ("pmid", r.pmid)):
        values = [key.partition(" ")[2] for key in wanted if key.startswith(f"{kind} ")]
        for some in _groups(values):
            rows = select(*_columns()).where(r.newsletter == newsletter, column.in_(some)).order_by(r.record)
            for row in db.execute(rows):
                by_key[f"{kind} {getattr(row, kind)}"].append(Record(**row._mapping))
    return {key: tuple(records) for key, records in by_key.items()}


def marked(db: Connection, newsletter: str, stories: Sequence[Story]) -> list[Story]:
    """The stories, those that rest on a retracted paper called so."""
    known = found(db, newsletter, (paper for story in stories for paper in papers_of(story)))
    return [with_retractions(story, known) for story in stories] if known else list(stories)


def listing(db: Connection, newsletter: str, words: str, limit: int) -> list[Record]:
    """The newest records first; with `words`, those of that DOI or PubMed number, or with the words in the title."""
    r = t.retraction.c
    rows = select(*_columns()).where(r.newsletter == newsletter)
    if words:
        keys = [key.partition(" ")[2] for key in keys_of(Identifiers(doi=words, pmid=words))]
        in_title = func.lower(r.title).contains(words.lower(), autoescape=True)
        rows = rows.where(or_(r.doi.in_(keys), r.pmid.in_(keys)) if keys else in_title)
    newest = r.day.desc().nulls_last()
    return [Record(**row._mapping) for row in db.execute(rows.order_by(newest, r.record).limit(limit))]


def held(db: Connection, newsletter: str) -> Held:
    r = t.retraction.c
    counts = select(r.nature, func.count()).where(r.newsletter == newsletter).group_by(r.nature).order_by(r.nature)
    last = db.execute(select(func.max(r.day), func.max(r.imported_at)).where(r.newsletter == newsletter)).one()
    return Held(natures=dict(db.execute(counts).all()), newest=last[0], imported_at=last[1])


# ── an import ────────────────────────────────────────────────────────────────────────────────────


class Intake:
    """One import under way, inside one transaction of the caller's: records come in by the hundred.

    `counts` has added, changed, unchanged and duplicates (a record that stood in the file before: the first counts).
    """

    def __init__(self, db: Connection, newsletter: str, now: datetime) -> None:
        self.counts: Counter[str] = Counter()
        self._db = db
        self._newsletter = newsletter
        self._now = now
        last = db.scalar(select(func.max(t.retraction.c.import_number)).where(t.retraction.c.newsletter == newsletter))
        self._number = (last or 0) + 1

    def take(self, records: Sequence[Record]) -> None:
        """Some hundreds of records at most."""
        r = t.retraction.c
        fresh = {record.record: record for record in reversed(records)}
        rows = select(*_columns(), r.import_number).where(r.newsletter == self._newsletter, r.record.in_(list(fresh)))
        there = {row.record: row for row in self._db.execute(rows)}
        sorted_out: dict[str, list[Record]] = {"added": [], "changed": [], "unchanged": [], "duplicates": []}
        for name, record in fresh.items():
            sorted_out[self._news(record, there.get(name))].append(record)
        self.counts.update({what: len(some) for what, some in sorted_out.items()})
        self.counts["duplicates"] += len(records) - len(fresh)
        self._write(sorted_out["added"] + sorted_out["changed"])
        self._name([record.record for record in sorted_out["unchanged"]])

    def remove_others(self) -> int:
        """Forget the records that this import did not name; returns how many."""
        r = t.retraction.c
        gone = delete(t.retraction).where(r.newsletter == self._newsletter, r.import_number != self._number)
        return self._db.execute(gone).rowcount

    def _news(self, record: Record, row: Row[*tuple[Any, ...]] | None) -> str:
        if row is None:
            return "added"
        if row.import_number == self._number:
            return "duplicates"
        return "unchanged" if all(getattr(record, name) == getattr(row, name) for name in _FIELDS) else "changed"

    def _write(self, records: Sequence[Record]) -> None:
        if not records:
            return
        ours = {"newsletter": self._newsletter, "imported_at": self._now, "import_number": self._number}
        row = insert_or_replace(self._db, t.retraction)
        # By hand: asdict copies deeply, and takes as long as all the rest.
        self._db.execute(row, [{**{name: getattr(record, name) for name in _FIELDS}, **ours} for record in records])

    def _name(self, records: Sequence[str]) -> None:
        """This import names them; nothing else about them is new."""
        if records:
            r = t.retraction.c
            named = update(t.retraction).where(r.newsletter == self._newsletter, r.record.in_(records))
            self._db.execute(named.values(imported_at=self._now, import_number=self._number))


def _columns() -> list[Column[Any]]:
    return [t.retraction.c[name] for name in _FIELDS]


def _groups(values: list[str]) -> Iterator[list[str]]:
    return (values[at : at + _GROUP] for at in range(0, len(values), _GROUP))
