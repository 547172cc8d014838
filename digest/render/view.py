"""The edition as a reader meets it: which articles are shown, numbered and linked, what each line says. Pure.

Both the HTML and the text part are printed from this, so that they say the same and link to the same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from markupsafe import Markup

from digest.model import Article, Edition, KeyPoint, Story
from digest.render.bias import CoverageView, coverage_view
from digest.render.body import Block, body_html, body_text
from digest.render.evidence import EvidenceView, evidence_view
from digest.render.links import safe_url
from digest.render.shorten import shorten
from digest.render.words import Words

LEAD_ARTICLES = 8  # shown at most with the lead story, beside those that key points cite
FURTHER_ARTICLES = 5
FURTHER_KEY_POINTS = 3
LONGEST_EXCERPT = 240  # characters; about four lines on a phone
LONGEST_STATEMENT = 120  # of who paid and who gains, with stories beyond the lead
LONGEST_NAME = 90


@dataclass(frozen=True, slots=True)
class Source:
    """An article in a story's list: `number` counts from 1 as shown. `url` None: plainly unlinked.

    `text_by` says whose text it prints, if it is somebody else's.
    """

    number: int
    title: str
    outlet: str | None
    url: str | None
    excerpt: str | None
    text_by: str | None

    @property
    def name(self) -> str:
        """Outlet and headline: what a key point's number stands for."""
        return shorten(f"{self.outlet}: {self.title}" if self.outlet else self.title, LONGEST_NAME)


@dataclass(frozen=True, slots=True)
class Point:
    """A key point and the article that it rests on, if somebody said which."""

    text: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where an update's story was told before: in words, with the address of that edition on the web."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story. `articles` says how many there are; `more` counts those that are not shown.

    `update` says that it goes on with an earlier story, which `earlier` leads to where that is known. `by_machine`
    says that a machine wrote the summary, for letterheads that tell.
    """

    lead: bool
    kicker: str
    headline: str
    update: str | None
    earlier: Earlier | None
    by_machine: str | None
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


def edition_view(edition: Edition, words: Words, *, archive: str, tell_machine: bool) -> EditionView:
    """`archive` is what the addresses of editions on the web begin with, without a slash at its end.

    Raises InputError for a story body that is too long or nested too deeply.
    """
    minutes = max(1, edition.reading_minutes)
    return EditionView(
        subject=edition.subject,
        preheader=edition.preheader,
        intro=edition.intro,
        day=words.day(edition.slot.key),
        number=words.say("No. %(n)s", n=words.number(edition.number)),
        reading=words.count("%(n)s min read", "%(n)s min read", minutes),
        stories=tuple(
            story_view(story, words, lead=at == 0, archive=archive, tell_machine=tell_machine)
            for at, story in enumerate(edition.stories)
        ),
    )


def story_view(story: Story, words: Words, *, lead: bool, archive: str, tell_machine: bool) -> StoryView:
    points = story.key_points if lead else story.key_points[:FURTHER_KEY_POINTS]
    sources = _sources(story.articles, points, words, lead=lead)
    shown = tuple(sources.values())
    total = max(story.articles_total, len(story.articles))
    more = total - len(shown)
    blocks, links = body_text(story.body, first_note=len(shown) + 1)
    return StoryView(
        lead=lead,
        kicker=story.topic or (words.say("Lead story") if lead else ""),
        headline=story.headline,
        update=words.say("Update of an earlier story") if story.update_of else None,
        earlier=_earlier(story.update_from, words, archive) if story.update_of else None,
        by_machine=machine_line(story, words) if tell_machine else None,
        summary=story.summary,
        points=tuple(Point(point.text, sources.get(point.source or 0)) for point in points),
        sources=shown,
        linked=any(source.url for source in shown),
        articles=words.count("%(n)s article", "%(n)s articles", total) if total else None,
        more=words.count("%(n)s more on the web", "%(n)s more on the web", more) if more else None,
        body_html=body_html(story.body),
        body_blocks=blocks,
        body_links=tuple(enumerate(links, start=len(shown) + 1)),
        evidence=evidence_view(story.evidence, words, longest=LONGEST_EXCERPT if lead else LONGEST_STATEMENT),
        coverage=coverage_view(story.coverage, words, reprints=reprints(story)),
    )


def machine_line(story: Story, words: Words) -> str | None:
    """What readers are told of a story that a machine wrote words of."""
    return words.say("Summary written by a machine from the articles listed.") if story.machine_written else None


def reprints(story: Story) -> int:
    """Articles that print somebody else's text; they are listed, and their outlets are not counted for them."""
    return sum(article.copy_of is not None for article in story.articles)


def _earlier(edition: str | None, words: Words, archive: str) -> Earlier | None:
    """An edition's id ends with the day of its slot: "weekly-2026-11-16"."""
    if not edition:
        return None
    try:
        day = date.fromisoformat(edition[-10:])
    except ValueError:
        return None
    return Earlier(words.say("edition of %(day)s", day=words.short_day(day)), f"{archive}/{quote(edition, safe='')}")


def _sources(articles: Sequence[Article], points: Sequence[KeyPoint], words: Words, *, lead: bool) -> dict[int, Source]:
    """The shown articles by their place in the story (from 1): those that points cite, then the first ones."""
    most = LEAD_ARTICLES if lead else FURTHER_ARTICLES
    cited = {point.source for point in points if point.source and point.source <= len(articles)}
    free = [place for place in range(1, len(articles) + 1) if place not in cited]
    places = sorted(cited | set(free[: max(0, most - len(cited))]))
    return {place: _source(at, articles[place - 1], words, excerpt=lead) for at, place in enumerate(places, start=1)}


def _source(number: int, article: Article, words: Words, *, excerpt: bool) -> Source:
    whose = article.copy_of or article.text_by
    return Source(
        number=number,
        title=article.title,
        outlet=article.outlet or None,
        url=safe_url(article.url),
        excerpt=shorten(article.excerpt, LONGEST_EXCERPT) if excerpt and article.excerpt else None,
        text_by=words.say("text by %(name)s", name=whose) if whose else None,
    )
