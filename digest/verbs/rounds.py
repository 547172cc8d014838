"""A round: all recent articles are brought together into stories, and the promising ones told. Hall.

What it came to is kept under a hash of all that it was made of, so that nothing is done twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection

from digest import __version__
from digest.model import Coverage, Slot
from digest.newsroom.changes import bindings
from digest.newsroom.naming import Nearest, majority, named, story_name
from digest.newsroom.outlets import Ratings
from digest.newsroom.promise import promise_of
from digest.newsroom.telling.past import Earlier, Past
from digest.newsroom.telling.piece import Piece, item_of, key_of
from digest.newsroom.telling.tell import Told, tell
from digest.store import articles, editions, gathered
from digest.store.articles import StoredArticle
from digest.store.gathered import StoryRow
from digest.store.storychanges import ChangeRow
from digest.verbs.comparing import earlier_of, piece_of
from digest.verbs.grouping import bring_together, grouped_by
from digest.verbs.parts import Parts

RECENT = timedelta(days=14)
"""How far back articles are brought together: the week of an edition, and the one before it."""

REMEMBERED = timedelta(days=60)
"""How far back an edition may have told the beginning of a story."""

READ_CLOSELY = 400
"""Stories that are told in full, the most promising first; each takes some ten milliseconds."""

_MOST_EDITIONS = 30


@dataclass(frozen=True, slots=True)
class Basis:
    """What a round is made of, apart from the articles themselves; `name` is the hash of all of it."""

    name: str
    today: date
    told: Mapping[int, str]
    bound: Mapping[int, str]
    touched: frozenset[str]
    earlier: tuple[Earlier, ...]


def basis_of(parts: Parts, db: Connection, slot: Slot, changes: Sequence[ChangeRow]) -> Basis:
    """The basis of the round for the edition of `slot`, as things are now."""
    today = parts.clock().astimezone(parts.calendar.timezone).date()
    held = [row for row in changes if row.undone_at is None]
    bound = bindings((row.story, row.change) for row in held)
    touched = frozenset(row.story for row in held) | frozenset(bound.values())
    told = gathered.told_articles(db, parts.newsletter, slot.key)
    since = slot.key - REMEMBERED
    ran = [
        row
        for row in editions.listing(db, parts.newsletter, _MOST_EDITIONS)
        if since <= row.edition.slot.key < slot.key and row.state in editions.OUT
    ]
    earlier = [earlier_of(story, row.edition.id) for row in reversed(ran) for story in row.edition.stories]
    made_of = [
        __version__,
        str(today),
        gathered.state(db, parts.newsletter, today - RECENT),
        repr(sorted(told.items())),
        repr(sorted(bound.items())),
        repr(sorted(touched)),
        repr([row.hash for row in ran]),
        grouped_by(parts.embed),
    ]
    name = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
    return Basis(name, today, told, bound, touched, tuple(earlier))


def make_round(parts: Parts, basis: Basis) -> None:
    """Group what is recent and not told yet, name the groups, tell the promising ones, and keep what came of it."""
    with parts.store.read() as db:
        recent = articles.recent(db, parts.newsletter, basis.today - RECENT)
        before = gathered.names_of(db, parts.newsletter, [article.id for article in recent])
    pieces = {article.id: piece_of(article) for article in recent}
    members = _named(parts, recent, pieces, basis, before)
    by_story: defaultdict[str, list[int]] = defaultdict(list)
    for article, name in members.items():
        by_story[name].append(article)
    chosen = _promising(by_story, pieces, basis)
    with parts.store.read() as db:
        known = gathered.told_before(db, parts.newsletter, chosen)
    past = Past(basis.earlier)
    rows = [
        _told(name, {number: pieces[number] for number in by_story[name]}, past, basis.today, known.get(name))
        for name in chosen
    ]
    with parts.store.write() as db:
        gathered.keep_round(db, parts.newsletter, basis.name, members, rows)


# ── grouping and naming ──────────────────────────────────────────────────────────────────────────


def _named(
    parts: Parts,
    recent: Sequence[StoredArticle],
    pieces: Mapping[int, Piece],
    basis: Basis,
    before: Mapping[int, str],
) -> dict[int, str]:
    """Article → story, for what readers have not had. A copy goes where its original is, also among what they had."""
    original = {article.id: article.copy_of for article in recent if article.copy_of in pieces}
    new = [article for article in recent if article.id not in basis.told]
    own = [article.id for article in new if article.id not in original or article.id in basis.bound]
    grouped = bring_together([replace(item_of(pieces[number]), id=str(number)) for number in own], parts.embed)
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number in own:
        groups[grouped[str(number)]].append(number)
    for number in (article.id for article in new if article.id not in own):
        first = original[number]
        if first not in basis.told and str(first) in grouped:
            groups[grouped[str(first)]].append(number)
    with parts.store.read() as db:
        taken = gathered.names_taken(db, parts.newsletter) | set(basis.bound.values())
    fresh = _Names(pieces, taken)
    nearest = _nearest(pieces)
    return named(list(groups.values()), before=before, bound=basis.bound, nearest=nearest, fresh=fresh.of)


class _Names:
    """Gives names that nobody has."""

    def __init__(self, pieces: Mapping[int, Piece], taken: set[str]) -> None:
        self._pieces = pieces
        self._taken = taken

    def of(self, articles: Collection[int]) -> str:
        first = self._pieces[min(articles)]
        name = story_name(first.title, key_of(first), self._taken)
        self._taken.add(name)
        return name


def _nearest(pieces: Mapping[int, Piece]) -> Nearest:
    def nearest(article: int, among: Mapping[str, Sequence[int]]) -> str:
        """Between an editor's stories the article's words decide; where they say nothing, the larger one."""
        stories = [
            Earlier(id=name, headline="", edition="", items=tuple(item_of(pieces[number]) for number in numbers))
            for name, numbers in among.items()
        ]
        found = Past(stories).continued_by([pieces[article]])
        return found.id if found else majority(article, among)

    return nearest


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def _promising(by_story: Mapping[str, Sequence[int]], pieces: Mapping[int, Piece], basis: Basis) -> list[str]:
    """The stories to be told in full: those that an editor touched, then the most promising."""
    promise = {name: promise_of([pieces[a] for a in ids], basis.today) for name, ids in by_story.items()}
    ranked = sorted(by_story, key=lambda name: (name not in basis.touched, -promise[name], name))
    return ranked[:READ_CLOSELY]


def _told(name: str, mine: Mapping[int, Piece], past: Past, today: date, known: StoryRow | None) -> StoryRow:
    """The story of these articles, by their numbers; not told anew when it was told of the very same before."""
    earlier = past.continued_by(list(mine.values()))
    made_of = repr([__version__, sorted(mine.items()), earlier and earlier.id])
    told_of = hashlib.sha256(made_of.encode()).hexdigest()
    if known is not None and known.told_of == told_of:
        return known
    told = _tell(list(mine.values()), earlier, today)
    # Without update_of: readers have had all of it, and it is not to be told again.
    story = replace(told.story, id=name, coverage=Coverage(), update_from=earlier.edition if earlier else None)
    if story.day is None:
        story = replace(story, added=today)
    number_of = {key_of(mine[number]): number for number in sorted(mine, reverse=True)}
    listed = [number_of[key_of(piece)] for piece in told.pieces]
    rest = sorted(set(mine) - set(listed))
    return StoryRow(story=story, articles=(*listed, *rest), findings=told.findings, told_of=told_of)


def _tell(pieces: Sequence[Piece], earlier: Earlier | None, today: date) -> Told:
    try:
        return tell(pieces, Ratings(), today=today, earlier=earlier)
    except ValueError:  # an editor's story told these very articles: there is nothing that is new
        return tell(pieces, Ratings(), today=today)
