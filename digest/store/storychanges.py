"""Editors' changes to gathered stories, in their order, each of which can be undone. Edge: the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from digest.store import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change: what it changes (newsroom/changes.py, `merge` or `split`), who made it and who undid it."""

    id: int
    story: str
    at: datetime
    by: str
    change: Mapping[str, Any]
    undone_at: datetime | None = None
    undone_by: str | None = None


def all_changes(db: Connection, newsletter: str, story: str | None = None) -> list[ChangeRow]:
    """Every change, or those of one story, the oldest first, undone ones too."""
    c = t.story_change.c
    wanted = select(t.story_change).where(c.newsletter == newsletter).order_by(c.id)
    rows = db.execute(wanted if story is None else wanted.where(c.story == story))
    return [
        ChangeRow(
            id=row.id, story=row.story, at=row.at, by=row.by, change=json.loads(row.change),
            undone_at=row.undone_at, undone_by=row.undone_by,
        )
        for row in rows
    ]  # fmt: skip


def add(db: Connection, newsletter: str, story: str, change: Mapping[str, Any], *, by: str, now: datetime) -> None:
    values = {"newsletter": newsletter, "story": story, "at": now, "by": by, "change": json.dumps(change)}
    db.execute(insert(t.story_change), values)


def undo_last(db: Connection, newsletter: str, story: str, *, by: str, now: datetime) -> ChangeRow | None:
    """Take back the latest change of a story that still holds; None when there is none."""
    last = next((row for row in reversed(all_changes(db, newsletter, story)) if row.undone_at is None), None)
    if last is not None:
        c = t.story_change.c
        held = update(t.story_change).where(c.id == last.id, c.undone_at.is_(None))
        db.execute(held.values(undone_at=now, undone_by=by))
    return last
