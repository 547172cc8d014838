"""The news desk: recent articles become stories that keep their names, and editors' changes are made to them. Hall.

Bringing all recent articles together takes seconds, so what came of it is kept until an article, an editor's merge or
split, or an edition changes something. What editors and settings say over it is worked out anew each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from digest.model import Slot, Story
from digest.newsroom.changes import applied
from digest.newsroom.coverage import with_coverage
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.past import Past
from digest.newsroom.telling.piece import Piece
from digest.store import articles, gathered, storychanges
from digest.store.gathered import StoryRow
from digest.store.storychanges import ChangeRow
from digest.verbs.comparing import earlier_of, listed_key
from digest.verbs.parts import Parts
from digest.verbs.rounds import RECENT, basis_of, make_round


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A story of the desk, with editors' changes made to it.

    `articles` are all its stored articles, those that it lists first and in its order. `elsewhere` says why it is not
    told by itself (a story file tells the same news); None for most.
    """

    story: Story
    findings: tuple[Finding, ...] = ()
    articles: tuple[int, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The gathered stories for an edition, by name, and how many articles are in stories of so little promise that they
    were not told in full."""

    stories: tuple[Gathered, ...] = ()
    unread: int = 0

    @property
    def elsewhere(self) -> dict[str, str]:
        return {one.story.id: one.elsewhere for one in self.stories if one.elsewhere}

    def members(self, names: Collection[str]) -> dict[str, tuple[int, ...]]:
        """The stored articles of those of these stories that are on the desk."""
        return {one.story.id: one.articles for one in self.stories if one.story.id in names}


def open_desk(parts: Parts, slot: Slot, files: Sequence[Story] = ()) -> Desk:
    """The gathered stories for the edition of `slot`, brought together anew when there is something new.

    `files` are editors' own stories: a gathered one that tells the same news steps back, unless it is pinned.
    """
    with parts.store.read() as db:
        changes = storychanges.all_changes(db, parts.newsletter)
        basis = basis_of(parts, db, slot, changes)
        latest = gathered.latest_round(db, parts.newsletter)
    if latest is None or latest[0] != basis.name:
        make_round(parts, basis)
    with parts.store.read() as db:
        latest = gathered.latest_round(db, parts.newsletter)
        # Another process may have brought together something newer meanwhile: that will do as well.
        name, unread = latest or (basis.name, 0)
        rows = gathered.stories_of(db, parts.newsletter, name)
    own = Past([earlier_of(story) for story in files if not story.dropped])
    said: defaultdict[str, list[ChangeRow]] = defaultdict(list)
    for change in changes:
        said[change.story].append(change)
    return Desk(tuple(_with_changes(parts, row, said[row.story.id], own) for row in rows), unread)


def _with_changes(parts: Parts, row: StoryRow, changes: Sequence[ChangeRow], own: Past) -> Gathered:
    held = [change.change for change in changes if change.undone_at is None]
    story = with_coverage(applied(row.story, held), parts.ratings)
    return Gathered(
        story=story,
        findings=row.findings,
        articles=row.articles,
        changes=tuple(changes),
        elsewhere=None if story.pinned else _told_elsewhere(story, own),
    )


def _told_elsewhere(story: Story, own: Past) -> str | None:
    if story.update_from and not story.update_of:
        return f"told in {story.update_from} already, of the same articles"
    if not own.earlier:
        return None
    same = own.continued_by([_piece(story, number) for number in range(len(story.articles))])
    return f"the same news as {same.id}, a story file, which tells it; pin it to tell it as well" if same else None


def _piece(story: Story, number: int) -> Piece:
    article = story.articles[number]
    return Piece(title=article.title, summary=article.excerpt or "", url=article.url, key=listed_key(article, number))


def why_empty(parts: Parts) -> str | None:
    """What there is though nothing is on the desk, in words; None when no article was ever stored."""
    with parts.store.read() as db:
        count, newest = articles.stored(db, parts.newsletter)
    if not count or newest is None:
        return None
    return f"{count:,} stored articles, the newest of {newest}: only those of the last {RECENT.days} days make stories"
