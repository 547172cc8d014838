"""Stored articles, and stories told elsewhere, in the form in which telling and comparing want them. Hall; pure."""

from __future__ import annotations

from digest.gather.canonical import canonical_url
from digest.model import Article, Identifiers, Story
from digest.newsroom.profile import Item
from digest.newsroom.telling.past import Earlier
from digest.newsroom.telling.piece import Piece
from digest.store.articles import StoredArticle


def piece_of(article: StoredArticle) -> Piece:
    """A stored article as telling wants it."""
    details = article.details
    return Piece(
        title=article.title,
        text=article.text,
        summary=article.summary,
        outlet=article.outlet,
        url=article.url,
        key=canonical_url(article.url) if article.url else f"article {article.id}",
        published=article.published,
        identifiers=Identifiers(
            doi=article.doi, pmid=details.get("pmid"), trial=details.get("trial"), pmcid=details.get("pmcid")
        ),
        topic=article.topic,
        journal=article.kind == "journal",
        retracted=True if details.get("retracted") else None,
        preprint=True if "Preprint" in (details.get("types") or ()) else None,
        funding="; ".join(details.get("funding") or ()),
        conflicts=details.get("conflicts") or "",
    )


def earlier_of(story: Story, edition: str = "") -> Earlier:
    """A story that was told, or is told elsewhere, as something to compare articles with: its own words first."""
    said = " ".join(point.text for point in story.key_points)
    itself = Item(id=f"story {story.id}", title=story.headline, text=f"{story.summary or ''} {said}", day=story.day)
    listed = [
        Item(
            id=listed_key(article, number).casefold(),
            title=article.title,
            text=article.excerpt or "",
            day=article.published,
            outlet=article.outlet,
            url=article.url,
        )
        for number, article in enumerate(story.articles)
    ]
    return Earlier(
        id=story.id,
        headline=story.headline,
        edition=edition,
        day=story.day,
        items=(itself, *listed),
        identifiers=story.evidence.identifiers,
    )


def listed_key(article: Article, number: int) -> str:
    """What an article that a story lists is known by: its address, else its words."""
    return canonical_url(article.url) if article.url else f"{number} {article.outlet or ''} {article.title}"
