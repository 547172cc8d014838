"""Pages of articles: whose page is still to be read, and what came of reading it. Edge: the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import chain, zip_longest

from sqlalchemy import Connection, select, update

from digest.store import tables as t
from digest.store.articles import PAGE, StoredArticle


def waiting(
    db: Connection, newsletter: str, sources: Collection[str], since: datetime, limit: int
) -> tuple[list[StoredArticle], int]:
    """Articles of these sources that came in since then and whose page was not read: one of each source in turn, the
    newest first, at most `limit`; and how many others there are."""
    a = t.article.c
    columns = [a[name] for name in StoredArticle.__dataclass_fields__]
    rows = select(*columns).where(a.newsletter == newsletter, a.source.in_(sorted(sources)), a.added_at >= since)
    found: dict[str, list[StoredArticle]] = {}
    for row in db.execute(rows.where(a.url.is_not(None)).order_by(a.day.desc(), a.id)):
        if PAGE not in row.details:
            found.setdefault(row.source, []).append(StoredArticle(**row._mapping))
    turns = [one for one in chain.from_iterable(zip_longest(*found.values())) if one is not None]
    return turns[:limit], len(turns[limit:])


def note(db: Connection, article: StoredArticle, told: str, text: str | None = None) -> None:
    """Write down what came of an article's page, with its text where that is to be kept."""
    values = {"details": {**article.details, PAGE: told}, **({"text": text} if text is not None else {})}
    db.execute(update(t.article).where(t.article.c.id == article.id).values(**values))
