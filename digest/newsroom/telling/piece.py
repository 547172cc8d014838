"""Pieces: articles with their text, as telling wants them. Pure; newsroom."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from digest.model import Article, Identifiers
from digest.newsroom.profile import Item
from digest.newsroom.text import cut, tidy

MOST_PIECES = 200
"""Articles of a story that are read and listed; the others are counted."""

READ_AT_MOST = 20_000
"""Characters of an article's text that are read."""

NO_IDENTIFIERS = Identifiers()

_TITLE = 300
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article as it was gathered, plain text throughout; only the title is needed.

    `text` is as much of it as is known, paragraphs on lines of their own; `summary` the feed's few words. `key` tells
    articles apart for good: the DOI, else the canonical address, else the source's own name for it. `identifiers` are
    the article's own, never cited ones. `published` is aware. `journal` says that the text is a paper's abstract.
    `funding`, `conflicts` and `preprint` are what came beside the text.
    """

    title: str
    text: str = ""
    summary: str = ""
    outlet: str | None = None
    url: str | None = None
    key: str = ""
    published: datetime | None = None
    identifiers: Identifiers = NO_IDENTIFIERS
    topic: str | None = None
    journal: bool = False
    retracted: bool | None = None
    preprint: bool | None = None
    funding: str = ""
    conflicts: str = ""

    @property
    def body(self) -> str:
        """The text that is read: the article's, else the feed's few words."""
        return (self.text.strip() and self.text[:READ_AT_MOST]) or self.summary[:READ_AT_MOST]


def key_of(piece: Piece) -> str:
    """What tells this article from all others, whatever it lacks."""
    name = piece.identifiers.doi or piece.key or piece.url or f"{piece.outlet or ''}\n{piece.title}"
    return name.casefold().strip()


def in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Each article once, the earliest first, undated ones last; the order given does not matter."""
    ordered = sorted(pieces, key=lambda piece: (_instant(piece), key_of(piece), piece.title, piece.text))
    return list({key_of(piece): piece for piece in reversed(ordered)}.values())[::-1]


def story_id(pieces: Sequence[Piece]) -> str:
    """The same for as long as the earliest article stays the earliest: "n" and twelve hex digits."""
    first = in_order(pieces)[0]
    return "n" + hashlib.sha256(key_of(first).encode("utf-8", "replace")).hexdigest()[:12]


def item_of(piece: Piece) -> Item:
    """The article as grouping sees it."""
    return Item(
        id=key_of(piece),
        title=piece.title[:_TITLE],
        text=piece.body,
        day=piece.published.date() if piece.published else None,
        outlet=piece.outlet,
        url=piece.url,
    )


def article_of(piece: Piece, copy_of: str | None, text_by: str | None, excerpt: str | None) -> Article:
    """The article as a story lists it; for the names see Article."""
    return Article(
        title=cut(tidy(piece.title[: 4 * _TITLE]), _TITLE) or "Untitled",
        outlet=tidy(piece.outlet[:_TITLE]) or None if piece.outlet else None,
        url=piece.url,
        excerpt=excerpt,
        published=piece.published.date() if piece.published else None,
        copy_of=copy_of,
        text_by=text_by,
    )


def _instant(piece: Piece) -> datetime:
    when = piece.published
    return _LAST if when is None else when if when.tzinfo else when.replace(tzinfo=UTC)
