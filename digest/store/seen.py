"""What readers may have seen: when a story came in, and in which edition it ran. Edge."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import islice

from sqlalchemy import Connection, select

from digest.model import EditionState
from digest.store import tables as t
from subscribers.tables import insert_new

OUT = (
    EditionState.SEALED,  # waits for its approval with these stories in it: a later edition must not tell them too
    EditionState.APPROVED,
    EditionState.SENDING,
    EditionState.PAUSED,
    EditionState.SENT,
)
"""States in which an edition has its stories to itself."""


def first_seen(db: Connection, newsletter: str, story_ids: Collection[str], today: date) -> dict[str, date]:
    """The day each story was first asked about; those new to the database are written down as of `today`."""
    s = t.story_seen.c
    found: dict[str, date] = {}
    for some in _groups(sorted(set(story_ids))):
        db.execute(
            insert_new(db, t.story_seen),
            [{"newsletter": newsletter, "story": story, "first_seen": today} for story in some],
        )
        days = select(s.story, s.first_seen).where(s.newsletter == newsletter, s.story.in_(some))
        found |= dict(db.execute(days).all())
    return found


def sent_story_ids(db: Connection, newsletter: str, before: date) -> dict[str, str]:
    """Story id → the edition it ran in: editions of slots before `before` that wait, are under way or were sent.

    A story that ran twice is shown with the later one.
    """
    e = t.edition.c
    rows = db.execute(
        select(t.edition_story.c.story, e.id)
        .join(t.edition, t.edition_story.c.edition == e.id)
        .where(e.newsletter == newsletter, e.slot_key < before, e.state.in_([state.value for state in OUT]))
        .order_by(e.slot_key)
    )
    return dict(rows.all())


def _groups(ids: list[str], size: int = 500) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
