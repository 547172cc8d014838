"""One story out of the articles that tell it, and what an editor should know about it. Pure; newsroom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from digest.model import Article, KeyPoint, Story
from digest.newsroom.coverage import coverage_of
from digest.newsroom.outlets import Ratings
from digest.newsroom.telling.copies import Voice, voices
from digest.newsroom.telling.disagreement import disagreements
from digest.newsroom.telling.findings import Finding
from digest.newsroom.telling.headline import bare_title, headline_of
from digest.newsroom.telling.hints import hints
from digest.newsroom.telling.past import Earlier, fresh
from digest.newsroom.telling.piece import MOST_PIECES, READ_AT_MOST, Piece, article_of, in_order, story_id
from digest.newsroom.telling.points import telling_sentences
from digest.newsroom.telling.saying import fit
from digest.newsroom.telling.sentences import read_sentences
from digest.newsroom.telling.studied import evidence_in, evidence_of, with_spans

EXCERPT = 300
"""Characters of an article's excerpt."""

READ_IN_ALL = 400_000
"""Characters that are read of all articles of a story together; with many articles, less of each."""


@dataclass(frozen=True, slots=True)
class Told:
    """A story, what editors should see about it, and the pieces in the order of its articles."""

    story: Story
    findings: tuple[Finding, ...]
    pieces: tuple[Piece, ...]


def story_of(
    pieces: Sequence[Piece], ratings: Ratings, *, today: date | None = None, earlier: Earlier | None = None
) -> Story:
    """The story alone; see `tell`."""
    return tell(pieces, ratings, today=today, earlier=earlier).story


def tell(
    pieces: Sequence[Piece], ratings: Ratings, *, today: date | None = None, earlier: Earlier | None = None
) -> Told:
    """The story that these articles tell, in words of theirs, each key point with the number of its article.

    Articles with a text of their own come first, by date; copies follow and name whose text they are. Only the former
    are read, count as coverage and date the story: its day is that of the newest, no later than `today`. With an
    `earlier` story only what it did not have is told, marked as its update. The order of `pieces` changes nothing.
    Raises ValueError when there is no article, or none that the earlier story did not have.
    """
    new = in_order(fresh(pieces, earlier))
    if not new:
        raise ValueError("no article to tell a story of")
    listed = _shortened(new[:MOST_PIECES])
    heard = voices(listed)
    own = [piece for piece, voice in zip(listed, heard, strict=True) if voice.of is None]
    ordered = (*own, *(piece for piece, voice in zip(listed, heard, strict=True) if voice.of is not None))
    sentences = telling_sentences(own)
    read = [evidence_in(piece) for piece in own]
    articles = tuple(_articles(listed, heard))
    headline = headline_of(own)
    story = Story(
        id=story_id(new),
        headline=headline,
        summary=sentences.summary.text if sentences.summary else None,
        topic=_topic(own),
        key_points=tuple(KeyPoint(saying.text, saying.piece + 1) for saying in sentences.points),
        articles=articles,
        articles_total=len(new),
        coverage=coverage_of(articles, ratings),
        evidence=evidence_of(own, read),
        day=_day(own, today),
        update_of=earlier.id if earlier else None,
        update_from=earlier.edition if earlier else None,
    )
    places = range(1, len(own) + 1)
    found = (*disagreements(own, read, places), *hints(headline, own, story.evidence, places))
    return Told(with_spans(story), found, ordered)


def _shortened(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with no more text than can be read in reasonable time."""
    each = min(READ_AT_MOST, READ_IN_ALL // len(pieces))
    return [
        replace(piece, title=piece.title[:1_000], text=piece.text[:each], summary=piece.summary[:each])
        for piece in pieces
    ]


def _articles(pieces: Sequence[Piece], heard: Sequence[Voice]) -> list[Article]:
    """Those with a text of their own first; the points count on it."""
    made = [article_of(piece, voice.of, voice.by, _excerpt(piece)) for piece, voice in zip(pieces, heard, strict=True)]
    titled = [
        replace(article, title=bare_title(piece) or article.title) for article, piece in zip(made, pieces, strict=True)
    ]
    return sorted(titled, key=lambda article: article.copy_of is not None)


def _excerpt(piece: Piece) -> str | None:
    """The first sentences, whole, as far as they fit: cut within one, a number could read otherwise."""
    found = ""
    for sentence in read_sentences(piece.body[:2_000], piece.title)[:4]:
        longer = f"{found} {sentence.text}".strip()
        if len(longer) > EXCERPT or not fit(sentence.text):
            break
        found = longer
    return found or None


def _topic(pieces: Sequence[Piece]) -> str | None:
    topics = Counter(piece.topic for piece in pieces if piece.topic)
    return topics.most_common(1)[0][0] if topics else None


def _day(pieces: Sequence[Piece], today: date | None) -> date | None:
    """Of the newest article; feeds that are ahead of the clock count as today's."""
    days = [piece.published.date() for piece in pieces if piece.published]
    newest = max(days, default=None)
    return min(newest, today) if newest and today else newest
