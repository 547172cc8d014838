"""The edition as a reader meets it: which articles are shown, numbered and linked, what each line says. Pure.

Both the HTML and the text part are printed from this, so that they say the same and link to the same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from digest.model import Article, Edition, KeyPoint, Story
from digest.render.bias import CoverageView, coverage_view
from digest.render.body import Block, body_html, body_text
from digest.render.evidence import EvidenceView, evidence_view
from digest.render.links import safe_url
from digest.render.words import Words

LEAD_ARTICLES = 8  # shown at most with the lead story, beside those that key points cite
FURTHER_ARTICLES = 5
FURTHER_KEY_POINTS = 3
LONGEST_EXCERPT = 240  # characters; about four lines on a phone


@dataclass(frozen=True, slots=True)
class Source:
    """An article in a story's list: `number` counts from 1 as shown. `url` None: plainly unlinked."""

    number: int
    title: str
    outlet: str | None
    url: str | None
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """A key point and the article that it rests on, if somebody said which."""

    text: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story. `articles` says how many there are; `more` counts those that are not shown."""

    lead: bool
    kicker: str
    headline: str
    summary: str | None
    points: tuple[Point, ...]
    sources: tuple[Source, ...]
    linked: bool  # whether any of the sources has a link
    articles: str | None
    more: str | None
    body_html: Markup
    body_blocks: tuple[Block, ...]
    body_links: tuple[tuple[int, str], ...]  # (number of the footnote, URL)
    evidence: EvidenceView
    coverage: CoverageView | None


@dataclass(frozen=True, slots=True)
class EditionView:
    """The masthead's words and the stories in order, lead first."""

    subject: str
    preheader: str
    intro: str
    day: str
    number: str
    reading: str
    stories: tuple[StoryView, ...]


def edition_view(edition: Edition, words: Words) -> EditionView:
    """Raises InputError for a story body that is too long or nested too deeply."""
    minutes = max(1, edition.reading_minutes)
    return EditionView(
        subject=edition.subject,
        preheader=edition.preheader,
        intro=edition.intro,
        day=words.day(edition.slot.key),
        number=words.say("No. %(n)s", n=words.number(edition.number)),
        reading=words.count("%(n)s min read", "%(n)s min read", minutes),
        stories=tuple(story_view(story, words, lead=at == 0) for at, story in enumerate(edition.stories)),
    )


def story_view(story: Story, words: Words, *, lead: bool) -> StoryView:
    points = story.key_points if lead else story.key_points[:FURTHER_KEY_POINTS]
    sources = _sources(story.articles, points, LEAD_ARTICLES if lead else FURTHER_ARTICLES, excerpts=lead)
    shown = tuple(sources.values())
    total = max(story.articles_total, len(story.articles))
    more = total - len(shown)
    blocks, links = body_text(story.body, first_note=len(shown) + 1)
    return StoryView(
        lead=lead,
        kicker=story.topic or (words.say("Lead story") if lead else ""),
        headline=story.headline,
        summary=story.summary,
        points=tuple(Point(point.text, sources.get(point.source or 0)) for point in points),
        sources=shown,
        linked=any(source.url for source in shown),
        articles=words.count("%(n)s article", "%(n)s articles", total) if total else None,
        more=words.count("%(n)s more on the web", "%(n)s more on the web", more) if more else None,
        body_html=body_html(story.body),
        body_blocks=blocks,
        body_links=tuple(enumerate(links, start=len(shown) + 1)),
        evidence=evidence_view(story.evidence, words),
        coverage=coverage_view(story.coverage, words),
    )


def _sources(
    articles: Sequence[Article], points: Sequence[KeyPoint], most: int, *, excerpts: bool
) -> dict[int, Source]:
    """The shown articles by their place in the story (from 1): those that points cite, then the first ones."""
    cited = {point.source for point in points if point.source and point.source <= len(articles)}
    free = [place for place in range(1, len(articles) + 1) if place not in cited]
    places = sorted(cited | set(free[: max(0, most - len(cited))]))
    return {place: _source(at, articles[place - 1], excerpts=excerpts) for at, place in enumerate(places, start=1)}


def _source(number: int, article: Article, *, excerpts: bool) -> Source:
    excerpt = shorten(article.excerpt, LONGEST_EXCERPT) if excerpts and article.excerpt else None
    return Source(number, article.title, article.outlet or None, safe_url(article.url), excerpt)


def shorten(text: str, most: int) -> str:
    """At most `most` characters, cut after a sentence where one ends late enough, else between words with "…"."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    sentence = max(head.rfind(end) for end in (". ", "? ", "! ")) + 1
    if sentence > most // 2:
        return head[:sentence]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(" ,;:–—-") + "…"
