"""Gathered stories as they are kept: which articles they have, how they were told, what readers have had. Edge.

A *round* is one bringing-together of all recent articles, named by a hash of what it was made of. A story is in the
latest round that it was told in; its name outlives the rounds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from digest.model import EditionState, Story
from digest.newsroom.telling.findings import Finding
from digest.store import tables as t
from digest.store.codec import story_from_json, story_to_json
from digest.store.seen import OUT
from subscribers.tables import insert_new

_T = TypeVar("_T")
_GROUP = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A story as it was told from its articles, without editors' changes and without coverage.

    `articles` are the stored articles' ids, those that the story lists first and in its order. `told_of` is the hash
    of what it was told from.
    """

    story: Story
    articles: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    told_of: str = ""


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


def state(db: Connection, newsletter: str, since: date) -> str:
    """A word that is another one whenever an article of that day or later came in or changed."""
    a = t.article.c
    row = db.execute(
        select(func.count(), func.max(a.id), func.max(a.changed_at)).where(a.newsletter == newsletter, a.day >= since)
    ).one()
    return repr([str(value) for value in row])


def latest_round(db: Connection, newsletter: str) -> tuple[str, int] | None:
    """The round that is kept, and how many of its articles are in stories that were not told in full."""
    n = t.newsroom.c
    row = db.execute(select(n.round, n.unread).where(n.newsletter == newsletter)).one_or_none()
    return None if row is None or row.round is None else (row.round, row.unread or 0)


def stories_of(db: Connection, newsletter: str, round: str) -> list[StoryRow]:
    """The stories of a round, by name."""
    s = t.story.c
    rows = db.execute(select(s.content, s.told_of).where(s.newsletter == newsletter, s.round == round).order_by(s.id))
    return [_row(row.content, row.told_of) for row in rows]


def names_on_desk(db: Connection, newsletter: str) -> set[str]:
    """The names of the stories of the round that is kept."""
    s, n = t.story.c, t.newsroom.c
    kept = select(s.id).join(t.newsroom, (n.newsletter == s.newsletter) & (n.round == s.round))
    return set(db.scalars(kept.where(s.newsletter == newsletter)))


def told_before(db: Connection, newsletter: str, names: Collection[str]) -> dict[str, StoryRow]:
    """Stories by name as they were told the last time, whichever round that was in."""
    s = t.story.c
    found: dict[str, StoryRow] = {}
    for some in _groups(sorted(names)):
        rows = select(s.id, s.content, s.told_of).where(s.newsletter == newsletter, s.id.in_(some))
        found |= {row.id: _row(row.content, row.told_of) for row in db.execute(rows)}
    return found


def keep_round(
    db: Connection, newsletter: str, round: str, members: Mapping[int, str], stories: Sequence[StoryRow]
) -> None:
    """Write down what a round came to: article → story, and the stories that were told in full."""
    unread = len(members) - sum(len(row.articles) for row in stories)
    _keep(db, t.story_article, [{"newsletter": newsletter, "article": a, "story": s} for a, s in members.items()])
    values = [
        {
            "newsletter": newsletter, "id": row.story.id, "content": _content(row), "told_of": row.told_of,
            "round": round,
        }
        for row in stories
    ]  # fmt: skip
    _keep(db, t.story, values)
    _keep(db, t.newsroom, [{"newsletter": newsletter, "round": round, "unread": unread}])


def names_of(db: Connection, newsletter: str, articles: Collection[int]) -> dict[int, str]:
    """Article → the story that it belonged to the last time."""
    m = t.story_article.c
    found: dict[int, str] = {}
    for some in _groups(sorted(articles)):
        rows = select(m.article, m.story).where(m.newsletter == newsletter, m.article.in_(some))
        found |= dict(db.execute(rows).all())
    return found


def names_taken(db: Connection, newsletter: str) -> set[str]:
    """Every name that a story has or had."""
    m = t.story_article.c
    return set(db.scalars(select(m.story).where(m.newsletter == newsletter).distinct()))


# ── what readers have had ────────────────────────────────────────────────────────────────────────


def note_told(db: Connection, edition: str, articles: Mapping[str, Sequence[int]], stories: Collection[str]) -> None:
    """Which articles stand behind an edition's stories: those given, and of its other `stories` as they were."""
    e = t.edition_article
    db.execute(delete(e).where(e.c.edition == edition, or_(e.c.story.not_in(stories), e.c.story.in_(articles))))
    rows = [{"edition": edition, "article": a, "story": s} for s, ids in articles.items() for a in ids]
    if rows:
        db.execute(insert_new(db, e), rows)


def told_articles(db: Connection, newsletter: str, slot: date) -> dict[int, str]:
    """Article → story, for what editions of other slots told: those under way or sent, and those before `slot`."""
    e, x = t.edition.c, t.edition_article.c
    under_way = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)
    rows = db.execute(
        select(x.article, x.story)
        .join(t.edition, x.edition == e.id)
        .where(
            e.newsletter == newsletter,
            e.slot_key != slot,
            or_(e.state.in_([s.value for s in under_way]), (e.slot_key < slot) & e.state.in_([s.value for s in OUT])),
        )
    )
    return dict(rows.all())


# ── below: rows ──────────────────────────────────────────────────────────────────────────────────


def _content(row: StoryRow) -> str:
    found = [[f.rule, f.message, list(f.sources), f.quote] for f in row.findings]
    return json.dumps({"story": story_to_json(row.story), "articles": list(row.articles), "findings": found})


def _row(content: str, told_of: str) -> StoryRow:
    said = json.loads(content)
    return StoryRow(
        story=story_from_json(said["story"]),
        articles=tuple(said["articles"]),
        findings=tuple(Finding(rule, message, tuple(at), quote) for rule, message, at, quote in said["findings"]),
        told_of=told_of,
    )


def _keep(db: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows; of those that are there already, replace the columns given."""
    if not rows:
        return
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    db.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), [dict(row) for row in rows])


def _groups(values: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while some := list(islice(rest, _GROUP)):
        yield some
