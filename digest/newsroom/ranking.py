"""Ranking: which stories of the week come first, as sums that can be read aloud. Pure (newsroom). Called by compose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log2

from digest.model import Article, Story, StudyType
from digest.newsroom.links import host_of

STRENGTH: dict[StudyType, int] = {
    "systematic review": 6,
    "meta-analysis": 6,
    "guideline": 6,
    "randomised trial": 5,
    "cohort": 3,
    "case-control": 3,
    "cross-sectional": 2,
    "case report": 1,
    "animal": 1,
    "in vitro": 1,
}
UPDATE = 2.0
"""Points that a story loses when an earlier edition told its beginning."""

ON_TOPIC = 2.0
"""Points that a story loses for each one on its topic that stands before it."""

FROM_ONE_OUTLET = 3
"""Stories of an edition that one and the same outlet alone may tell."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A story of the edition, with its score and what the score is made of, as words with points."""

    story: Story
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A story that is not in the edition, and why, in words for an editor."""

    story: Story
    reason: str


def score_of(story: Story, assembled_on: date) -> Chosen:
    """The score, as a sum that can be read aloud:

    - 10 for each point of `weight`, the editor's own word;
    - breadth: 4 × log2(1 + independent outlets), at most 20; outlets that print somebody's text do not count. Where
      not all articles are listed, or without outlets, the number of articles stands in;
    - evidence: 6 for systematic reviews, meta-analyses and guidelines, 5 for randomised trials, 3 for cohorts and
      case-control studies, 2 for cross-sectional ones, 1 for case reports, animal and cell studies; none for what was
      retracted;
    - 3 less for a preprint, 2 less for the update of a story that ran before;
    - freshness: 6 less one for each day of age;
    - 1 each for a summary and for three key points or more.

    Copies and a retraction are named among the reasons without points: they have none.
    """
    day = day_of(story)
    age = 0 if day is None else abs((assembled_on - day).days)
    breadth, voices = _breadth(story)
    gone = story.evidence.retracted is True
    parts = {
        f"weight {story.weight}": 10.0 * story.weight,
        breadth: min(20.0, round(4 * log2(1 + voices), 1)),
        story.evidence.study_type: 0.0 if gone else float(STRENGTH.get(story.evidence.study_type, 0)),
        "preprint": -3.0 if story.evidence.preprint else 0.0,
        f"update of {story.update_of}": -UPDATE if story.update_of else 0.0,
        f"{age} day{'s' * (age != 1)} old": float(max(0, 6 - age)),
        "summary": 1.0 if story.summary else 0.0,
        "key points": 1.0 if len(story.key_points) >= 3 else 0.0,
    }
    reasons = ("pinned",) * story.pinned + tuple(f"{name} {points:+g}" for name, points in parts.items() if points)
    pointless = (("retracted",) if gone else ()) + tuple(_copies(story))
    return Chosen(story, round(sum(parts.values()), 1), (*reasons, *pointless))


def ranked(fit: Sequence[Chosen], limit: int) -> tuple[list[Chosen], list[LeftOut]]:
    """The edition's stories in order, and those that do not get in.

    Pinned ones come first, then by score, then by id; each story on a topic that stands already loses points, and of
    stories that one outlet alone tells only the best few get in (pinned ones always do, as far as there is room).
    """
    left = sorted(fit, key=_rank)
    chosen: list[Chosen] = []
    left_out: list[LeftOut] = []
    topics: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    while left and len(chosen) < limit:
        best = min((_balanced(choice, topics) for choice in left), key=_rank)
        left = [choice for choice in left if choice.story is not best.story]
        outlet = _sole_outlet(best.story)
        if outlet and alone[outlet] >= FROM_ONE_OUTLET and not best.story.pinned:
            only = f"{_as_written(best.story, outlet)} alone tells it, and {FROM_ONE_OUTLET} stories before it"
            left_out.append(LeftOut(best.story, f"{only}: score {best.score:g}"))
            continue
        chosen.append(best)
        topics.update([best.story.topic.casefold()] if best.story.topic else [])
        alone.update([outlet] if outlet else [])
    over = f"over the limit of {limit} stories"
    left_out += [LeftOut(choice.story, f"{over}: score {_balanced(choice, topics).score:g}") for choice in left]
    return chosen, left_out


def day_of(story: Story) -> date | None:
    return story.day or story.added


def _rank(choice: Chosen) -> tuple[bool, float, str]:
    return not choice.story.pinned, -choice.score, choice.story.id


def _balanced(choice: Chosen, topics: Counter[str]) -> Chosen:
    before = topics[choice.story.topic.casefold()] if choice.story.topic else 0
    if not before or choice.story.pinned:
        return choice
    loss = ON_TOPIC * before
    reason = f"{before} on {choice.story.topic} before it {-loss:+g}"
    return replace(choice, score=round(choice.score - loss, 1), reasons=(*choice.reasons, reason))


def _breadth(story: Story) -> tuple[str, int]:
    """How widely it is told, in words and in independent voices."""
    listed = story.articles
    outlets = {name for article in listed if (name := _outlet(article))}
    if len(listed) < story.articles_total or not outlets or not all(map(_outlet, listed)):
        count = max(story.articles_total, len(listed))
        return f"{count} article{'s' * (count != 1)}", count
    own = {name for article in listed if article.copy_of is None and (name := _outlet(article))}
    told = f"{len(outlets)} outlet{'s' * (len(outlets) != 1)}"
    return (told if own == outlets else f"{told}, {len(own)} independent"), len(own)


def _copies(story: Story) -> Iterator[str]:
    for name, count in Counter(article.copy_of for article in story.articles if article.copy_of).most_common():
        yield f"−copy of {name} text ×{count}"


def _sole_outlet(story: Story) -> str | None:
    """The outlet that tells the story when no other does; None too when not all articles are known."""
    if len(story.articles) < story.articles_total:
        return None
    outlets = {_outlet(article) for article in story.articles if article.copy_of is None}
    return outlets.pop() if len(outlets) == 1 else None


def _as_written(story: Story, outlet: str) -> str:
    return next((a.outlet for a in story.articles if a.outlet and _outlet(a) == outlet), outlet)


def _outlet(article: Article) -> str:
    return (article.outlet or (host_of(article.url) if article.url else "")).casefold()
