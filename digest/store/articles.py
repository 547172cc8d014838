"""Articles: what sources brought, each stored once, and what is new among it. Edge: the database.

An article is known by its DOI, by its canonical address, by its source's own name for it, and at last by its words: the
same words from the same outlet are the same article, from another outlet they are a copy, which is kept and marked.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, func, insert, select, text, update

from digest.gather.candidate import Candidate
from digest.gather.canonical import canonical_url
from digest.gather.copies import Copies
from digest.gather.source import Source
from digest.model import Article
from digest.newsroom.links import host_of
from digest.newsroom.text import content_words
from digest.store import tables as t
from subscribers.tables import insert_new

COPIES_WITHIN = timedelta(days=14)
"""How far back a text can be copied from; older ones are not compared."""

PAGE = "page"
"""In an article's details: what came of reading its page (see articlepages.py)."""

_T = TypeVar("_T")

_GROUP = 400  # values in one query
_SHORT_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as it is kept. `day` is when it was published, else when it came in; never in the future.

    `copy_of` is the id of the article whose text it repeats, for another outlet. `details` holds what journals tell
    (see Candidate). `kind` is that of its source: of a "journal" it is the study itself.
    """

    id: int
    source: str
    kind: str
    outlet: str | None
    topic: str | None
    title: str
    summary: str
    text: str
    url: str | None
    doi: str | None
    published: datetime | None
    day: date
    added_at: datetime
    changed_at: datetime | None
    copy_of: int | None
    details: Mapping[str, Any]

    def article(self) -> Article:
        """The article as it travels on in a story."""
        return Article(
            title=self.title, outlet=self.outlet, url=self.url, excerpt=self.summary or None, published=self.day
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a source's items: ids of the new articles, and how many were changed, or known as they were."""

    new: tuple[int, ...] = ()
    changed: int = 0
    known: int = 0
    copies: int = 0  # among the new ones


def keep(
    db: Connection, newsletter: str, source: Source, items: Sequence[Candidate], *, copies: Copies, now: datetime
) -> Kept:
    """Store a source's items, those that are not there already; bring those up to date that it has changed.

    `copies` holds the texts of the round so far; empty, it is filled from the database when it is first needed.
    """
    if db.dialect.name == "postgresql":  # SQLite's writers exclude each other anyway
        db.execute(text("LOCK TABLE article_key IN SHARE ROW EXCLUSIVE MODE"))
    keyed = list(zip(items, _keys(source, items), strict=True))
    desk = _Desk(
        db,
        newsletter,
        source,
        copies,
        now,
        _undated_day(items, now),
        _known(db, newsletter, {key for _, keys in keyed for key in keys}),
    )
    for item, keys in keyed:
        desk.take(item, keys)
    desk.write_keys()
    return Kept(new=tuple(desk.new), changed=desk.changed, known=desk.known, copies=desk.copied)


def recent(db: Connection, newsletter: str, since: date) -> list[StoredArticle]:
    """Articles of that day and later, oldest first; within a day in the order in which they came in."""
    columns = [t.article.c[name] for name in StoredArticle.__dataclass_fields__]
    a = t.article.c
    rows = db.execute(select(*columns).where(a.newsletter == newsletter, a.day >= since).order_by(a.day, a.id))
    return [StoredArticle(**row._mapping) for row in rows]


def stored(db: Connection, newsletter: str) -> tuple[int, date | None]:
    """How many articles there are, and the day of the newest."""
    row = db.execute(select(func.count(), func.max(t.article.c.day)).where(t.article.c.newsletter == newsletter)).one()
    return row[0], row[1]


def get(db: Connection, newsletter: str, ids: Iterable[int]) -> list[StoredArticle]:
    """These articles, in the order of their ids; ids that there are not are left out."""
    columns = [t.article.c[name] for name in StoredArticle.__dataclass_fields__]
    found: list[StoredArticle] = []
    for some in _groups(sorted(set(ids))):
        rows = select(*columns).where(t.article.c.newsletter == newsletter, t.article.c.id.in_(some))
        found += [StoredArticle(**row._mapping) for row in db.execute(rows.order_by(t.article.c.id))]
    return found


def shorten_old(db: Connection, newsletter: str, before: date) -> int:
    """Keep only the beginning of texts from before that day. What they are known by stays: none comes in again."""
    a = t.article.c
    old = update(t.article).where(a.newsletter == newsletter, a.day < before, func.length(a.text) > _SHORT_TEXT)
    return db.execute(old.values(text=func.substr(a.text, 1, _SHORT_TEXT))).rowcount


# ── what an article is known by ──────────────────────────────────────────────────────────────────


def _keys(source: Source, items: Sequence[Candidate]) -> list[list[str]]:
    """The names of each item, surest first. A link or guid that several items of a feed share names none of them."""
    links, guids = _shared(items)
    found = []
    for item in items:
        names = [f"doi {item.doi}"] if item.doi else []
        if item.url and (link := canonical_url(item.url)) not in links:
            names.append(f"url {link}")
        if item.guid and item.guid not in guids:
            names.append(f"guid {source.url} {item.guid}")
        found.append([_hashed(name) for name in names or [f"words {source.url} {item.title} {item.text}"]])
    return found


def _shared(items: Sequence[Candidate]) -> tuple[set[str], set[str]]:
    """Links and guids that stand for several items. An item that stands in a feed twice is one item."""
    by_link: defaultdict[str, set[str]] = defaultdict(set)
    by_guid: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        link = canonical_url(item.url) if item.url else ""
        if link:
            by_link[link].add(item.guid or item.title)
        if item.guid:
            by_guid[item.guid].add(link or item.title)
    return {link for link, told in by_link.items() if len(told) > 1}, {
        guid for guid, told in by_guid.items() if len(told) > 1
    }


def _hashed(name: str) -> str:
    # Addresses may be longer than a database's index can hold.
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:48]


def _known(db: Connection, newsletter: str, keys: set[str]) -> dict[str, Row[Any]]:
    """For each key that there is, the article it belongs to."""
    a, k = t.article.c, t.article_key.c
    found: dict[str, Row[Any]] = {}
    for some in _groups(sorted(keys)):
        rows = db.execute(
            select(k.key, a.id, a.source, a.title, a.url, a.fingerprint, a.details)
            .join(t.article, a.id == k.article)
            .where(k.newsletter == newsletter, k.key.in_(some))
        )
        found |= {row.key: row for row in rows}
    return found


def _groups(values: list[_T]) -> Iterable[list[_T]]:
    return (values[at : at + _GROUP] for at in range(0, len(values), _GROUP))


# ── one source's items, one after the other ──────────────────────────────────────────────────────


@dataclass(slots=True)
class _Desk:
    db: Connection
    newsletter: str
    source: Source
    copies: Copies
    now: datetime
    undated_day: date
    rows: dict[str, Row[Any]]
    new: list[int] = field(default_factory=list)
    changed: int = 0
    known: int = 0
    copied: int = 0
    _keys: dict[str, int] = field(default_factory=dict)

    def take(self, item: Candidate, keys: list[str]) -> None:
        number = self._known_number(item, keys)
        if number is None:
            number = self._arrived(item)
        for key in keys:
            self._keys.setdefault(key, number)

    def _known_number(self, item: Candidate, keys: list[str]) -> int | None:
        """The article that an item is: one of before, or one that came in a moment ago."""
        row = next((self.rows[key] for key in keys if key in self.rows and _is_it(self.rows[key], item)), None)
        if row is not None:
            self._again(row, item)
            return int(row.id)
        twin = next((self._keys[key] for key in keys if key in self._keys and key not in self.rows), None)
        self.known += twin is not None
        return twin

    def write_keys(self) -> None:
        values = [{"newsletter": self.newsletter, "key": key, "article": number} for key, number in self._keys.items()]
        if fresh := [value for value in values if value["key"] not in self.rows]:
            self.db.execute(insert_new(self.db, t.article_key), fresh)

    def _again(self, row: Row[Any], item: Candidate) -> None:
        """Known. Only its own source may change it: two feeds that tell it differently would take turns for ever."""
        values: dict[str, Any] = {}
        if row.source == self.source.name and row.fingerprint != (mark := _fingerprint(item)):
            values = {"title": item.title, "summary": item.summary, "text": item.text, "fingerprint": mark}
            values["changed_at"] = self.now
            values |= {"details": pageless(row.details)} if PAGE in row.details else {}  # its page is read again
        if item.details and not pageless(row.details):
            values["details"] = {**row.details, **item.details}
        if values:
            self.db.execute(update(t.article).where(t.article.c.id == row.id).values(**values))
            self.changed += 1
        else:
            self.known += 1

    def _arrived(self, item: Candidate) -> int:
        if not self.copies.filled:
            _fill(self.db, self.newsletter, self.copies, self.now)
        outlet = _outlet(self.source, item)
        published = item.published if item.published and item.published <= self.now else None
        day = published.date() if published else self.now.date() if item.published else self.undated_day
        original = self.copies.original_of(item.text) if day >= (self.now - COPIES_WITHIN).date() else None
        owner = _owner(outlet, item.url)
        if original is not None and self.copies.owner(original) == owner:
            if self._alike(original, item.title):
                self.known += 1
                return original
            original = None  # the same words under every headline are an outlet's furniture
        number = self._inserted(item, outlet, published, day, original)
        self.copies.add(number, item.text, owner)
        return number

    def _alike(self, number: int, title: str) -> bool:
        other = self.db.scalar(select(t.article.c.title).where(t.article.c.id == number))
        return _titles_alike(str(other), title)

    def _inserted(
        self, item: Candidate, outlet: str, published: datetime | None, day: date, copy_of: int | None
    ) -> int:
        values = {
            "newsletter": self.newsletter, "source": self.source.name, "kind": self.source.kind, "outlet": outlet,
            "topic": self.source.topic, "title": item.title, "summary": item.summary, "text": item.text,
            "url": item.url, "doi": item.doi, "published": published, "day": day, "added_at": self.now,
            "copy_of": copy_of, "details": dict(item.details), "fingerprint": _fingerprint(item),
        }  # fmt: skip
        number: int = self.db.execute(insert(t.article).returning(t.article.c.id), values).scalar_one()
        self.new.append(number)
        self.copied += copy_of is not None
        return number


def pageless(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details that sources tell."""
    return {name: value for name, value in details.items() if name != PAGE}


def _undated_day(items: Sequence[Candidate], now: datetime) -> date:
    """The day that items without a date count for: today; or, where most of a source's items have one, that of its
    oldest: what has none there is no news but a page of the site, its "About us"."""
    told = [item.published.date() for item in items if item.published and item.published <= now]
    return min(told) if 2 * len(told) > len(items) else now.date()


def _is_it(row: Row[Any], item: Candidate) -> bool:
    """Whether an item under a known key is that article. Feeds use a link or a guid again for other news."""
    same_link = bool(row.url and item.url and canonical_url(row.url) == canonical_url(item.url))
    return same_link or not (row.url and item.url) or _titles_alike(row.title, item.title) or bool(item.doi)


def _titles_alike(one: str, other: str) -> bool:
    first, second = content_words(one), content_words(other)
    return one.casefold() == other.casefold() or 2 * len(first & second) > min(len(first), len(second))


def _fingerprint(item: Candidate) -> str:
    return hashlib.sha256("\n".join((item.title, item.summary, item.text)).encode("utf-8", "replace")).hexdigest()


def _outlet(source: Source, item: Candidate) -> str:
    """Who published it: as the item says, as the settings say, else the source, or the host where it is another's."""
    named = item.outlet or source.outlet
    if named:
        return named
    host = host_of(item.url) if item.url else ""
    home = host_of(source.url)
    return source.name if not host or host.split(".")[-2:] == home.split(".")[-2:] else host


def _owner(outlet: str, url: str | None) -> str:
    return (outlet or (host_of(url) if url else "")).casefold()


def _fill(db: Connection, newsletter: str, copies: Copies, now: datetime) -> None:
    a = t.article.c
    since = (now - COPIES_WITHIN).date()
    rows = select(a.id, a.text, a.outlet, a.url).where(a.newsletter == newsletter, a.day >= since, a.copy_of.is_(None))
    for row in db.execute(rows.order_by(a.id)):
        copies.add(row.id, row.text, _owner(row.outlet or "", row.url))
    copies.filled = True
