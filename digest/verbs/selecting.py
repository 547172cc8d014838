"""Selecting: all that an edition can be made of, and what is chosen of it. Hall. Called by assemble."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from digest.gather.folder import StoryFile
from digest.model import Slot, Story
from digest.newsroom.compose import Selection, choose
from digest.store import editions, retractions
from digest.verbs.newsdesk import Desk, open_desk
from digest.verbs.parts import Parts
from digest.verbs.rereading import in_machine_words


@dataclass(frozen=True, slots=True)
class Table:
    """All that an edition can be made of: editors' stories, files that cannot be read, and the news desk."""

    own: tuple[Story, ...]
    faulty: tuple[StoryFile, ...]
    desk: Desk

    @property
    def stories(self) -> list[Story]:
        return [*self.own, *(one.story for one in self.desk.stories)]


def lay_out(parts: Parts, slot: Slot, files: list[StoryFile], *, ask: bool) -> Table:
    """Everything on the table for the edition of `slot`.

    Where the settings name a machine, the gathered stories that would be chosen are in its words; with `ask` it is
    asked, which may take minutes: call this outside of any transaction.
    """
    own = tuple(file.parsed.story for file in files if file.parsed)
    table = Table(own, faulty(files), open_desk(parts, slot, own))
    if parts.writing is None:
        return table
    with parts.store.write() as db:
        chosen = table.desk.members([story.id for story in select(parts, db, table, slot).stories])
    said = in_machine_words(parts, chosen, ask=ask)
    stories = tuple(replace(one, story=said.get(one.story.id, one.story)) for one in table.desk.stories)
    return replace(table, desk=replace(table.desk, stories=stories))


def faulty(files: list[StoryFile]) -> tuple[StoryFile, ...]:
    """The files that cannot be read."""
    return tuple(file for file in files if file.parsed is None)


def select(parts: Parts, db: Connection, table: Table, slot: Slot, *, preview: bool = False) -> Selection:
    """Which stories this slot's edition takes, in order, and why not the others. Notes the day each was first seen."""
    now = parts.clock()
    today = now.astimezone(parts.calendar.timezone).date()
    seen = editions.first_seen(db, parts.newsletter, [story.id for story in table.own], today)
    dated = [
        story if story.day or story.added else replace(story, added=seen.get(story.id, today))
        for story in table.stories
    ]
    return choose(
        retractions.marked(db, parts.newsletter, dated),
        slot=slot,
        assembled_on=today,
        limit=parts.max_stories,
        already_sent=editions.sent_story_ids(db, parts.newsletter, slot.key),
        now=now,
        elsewhere=table.desk.elsewhere,
        preview=preview,
    )
