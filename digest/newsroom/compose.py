"""Compose: the stories of the week chosen, ranked and made into an edition. Pure (newsroom)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log2

from digest.errors import EditionError
from digest.model import Edition, Slot, Story, StudyType
from digest.newsroom.text import cut, tidy

WEEK = timedelta(days=7)
_WORDS_PER_MINUTE = 230
_SUBJECT = 120
_PREHEADER = 140
_STRENGTH: dict[StudyType, int] = {
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


@dataclass(frozen=True, slots=True)
class Selection:
    """What an edition is made of, lead first, and everything that it is not made of."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(choice.story for choice in self.chosen)


def choose(
    stories: Sequence[Story],
    *,
    slot: Slot,
    assembled_on: date,
    limit: int,
    already_sent: Mapping[str, str],
    now: datetime,
    preview: bool = False,
) -> Selection:
    """The stories of the slot's edition: pinned ones first, then by score, then by id; at most `limit`.

    A story's week is the seven days before `assembled_on`, that day and the first of the seven included, so that
    what came in after last week's assembly is not lost; a story without any date counts as new. `already_sent`
    says in which edition a story ran before. An embargo holds until it has passed by `now`, except in a preview.
    Every story is either chosen or left out with a reason. The score is explained at `score_of`.
    """
    left_out: list[LeftOut] = []
    fit: list[Chosen] = []
    for story in _each_once(stories, left_out):
        reason = _reason_against(story, slot, assembled_on, already_sent, None if preview else now)
        if reason is None:
            fit.append(score_of(story, assembled_on))
        else:
            left_out.append(LeftOut(story, reason))
    fit.sort(key=lambda choice: (not choice.story.pinned, -choice.score, choice.story.id))
    over = f"over the limit of {limit} stories"
    left_out += [LeftOut(choice.story, f"{over}: score {choice.score:g}") for choice in fit[limit:]]
    return Selection(tuple(fit[:limit]), tuple(sorted(left_out, key=lambda left: left.story.id)))


def score_of(story: Story, assembled_on: date) -> Chosen:
    """The score, as a sum that can be read aloud:

    - 10 for each point of `weight`, the editor's own word;
    - breadth: 4 × log2(1 + articles), at most 20;
    - evidence: 6 for systematic reviews, meta-analyses and guidelines, 5 for randomised trials, 3 for cohorts and
      case-control studies, 2 for cross-sectional ones, 1 for case reports, animal and cell studies;
    - 3 less for a preprint;
    - freshness: 6 less one for each day of age;
    - 1 each for a summary and for three key points or more.
    """
    count = max(story.articles_total, len(story.articles))
    age = 0 if _day_of(story) is None else abs((assembled_on - (_day_of(story) or assembled_on)).days)
    parts = {
        f"weight {story.weight}": 10.0 * story.weight,
        f"{count} article{'s' * (count != 1)}": min(20.0, round(4 * log2(1 + count), 1)),
        story.evidence.study_type: float(_STRENGTH.get(story.evidence.study_type, 0)),
        "preprint": -3.0 if story.evidence.preprint else 0.0,
        f"{age} day{'s' * (age != 1)} old": float(max(0, 6 - age)),
        "summary": 1.0 if story.summary else 0.0,
        "key points": 1.0 if len(story.key_points) >= 3 else 0.0,
    }
    reasons = ("pinned",) * story.pinned + tuple(f"{name} {points:+g}" for name, points in parts.items() if points)
    return Chosen(story, round(sum(parts.values()), 1), reasons)


def compose(
    selection: Selection,
    *,
    newsletter_id: str,
    slot: Slot,
    number: int,
    subject: str | None = None,
    preheader: str | None = None,
    intro: str = "",
) -> Edition:
    """The edition of a slot. Subject and preheader come from the lead story where no one wrote them.

    Raises EditionError when there is no story and no subject of an editor's own.
    """
    stories = selection.stories
    if not stories and subject is None:
        raise EditionError(f"{newsletter_id} {slot.key}: no story to send; add one with `digest story add`")
    return Edition(
        id=f"{newsletter_id}-{slot.key}",
        newsletter=newsletter_id,
        slot=slot,
        number=number,
        subject=tidy(subject) if subject is not None else cut(stories[0].headline, _SUBJECT),
        preheader=tidy(preheader) if preheader is not None else _preheader(stories),
        intro=tidy(intro),
        stories=stories,
        reading_minutes=reading_minutes(stories),
    )


def reading_minutes(stories: Sequence[Story]) -> int:
    """Whole minutes at 230 words a minute, rounded up, at least 1. Counts what a reader sees of each story."""
    words = sum(len(text.split()) for story in stories for text in _shown(story))
    return max(1, -(-words // _WORDS_PER_MINUTE))


def _reason_against(
    story: Story, slot: Slot, assembled_on: date, already_sent: Mapping[str, str], now: datetime | None
) -> str | None:
    day = _day_of(story)
    if story.dropped:
        return "dropped by an editor"
    if story.id in already_sent:
        return f"already ran in {already_sent[story.id]}"
    if now is not None and story.not_before is not None and story.not_before > now:
        waits = "take it in with --refresh after that" if story.not_before <= slot.instant else "after this edition"
        return f"embargoed until {story.not_before.isoformat(timespec='minutes')}: {waits}"
    if day is not None and day < assembled_on - WEEK:
        return f"of {day}, more than seven days before {assembled_on}: an older week"
    if day is not None and day > assembled_on:
        return f"of {day}, after {assembled_on}: a later week"
    return None


def _day_of(story: Story) -> date | None:
    return story.day or story.added


def _each_once(stories: Sequence[Story], left_out: list[LeftOut]) -> Iterator[Story]:
    """Stories in order of their ids; of those with one id or one headline the pinned or first one."""
    seen: dict[str, str] = {}
    for story in sorted(stories, key=lambda story: (story.dropped, not story.pinned, story.id)):
        headline = story.headline.casefold()
        if story.dropped or (headline not in seen and story.id not in seen.values()):
            if not story.dropped:
                seen[headline] = story.id
            yield story
        else:
            twin = seen.get(headline, story.id)
            left_out.append(LeftOut(story, f"the same story as {twin}: same headline or id"))


def _preheader(stories: Sequence[Story]) -> str:
    """The lead's summary, else the headlines that follow it: what an inbox shows beside the subject."""
    if not stories:
        return ""
    text = stories[0].summary or " · ".join(story.headline for story in stories[1:4])
    return cut(text, _PREHEADER)


def _shown(story: Story) -> Iterator[str]:
    yield story.headline
    yield story.summary or ""
    yield story.body or ""
    yield from (point.text for point in story.key_points)
    for article in story.articles:
        yield article.title
        yield article.excerpt or ""
