"""Compose: the stories of the week chosen, ranked and made into an edition. Pure (newsroom)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.errors import EditionError
from digest.model import Edition, Slot, Story
from digest.newsroom.ranking import Chosen, LeftOut, day_of, ranked, score_of
from digest.newsroom.text import cut, tidy

__all__ = ["Chosen", "LeftOut", "Selection", "choose", "compose", "reading_minutes", "score_of"]

WEEK = timedelta(days=7)
_WORDS_PER_MINUTE = 230
_SUBJECT = 120
_PREHEADER = 140


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
    elsewhere: Mapping[str, str] | None = None,
    preview: bool = False,
) -> Selection:
    """The stories of the slot's edition: pinned ones first, then by score, then by id (`ranked`); at most `limit`.

    A story's week is the seven days before `assembled_on`, that day and the first of the seven included, so that
    what came in after last week's assembly is not lost; a story without any date counts as new. `already_sent`
    says in which edition a story ran before, `elsewhere` why a story is not told by itself. An embargo holds until it
    has passed by `now`, except in a preview. Every story is either chosen or left out with a reason. The score is
    explained at `score_of`.
    """
    left_out: list[LeftOut] = []
    fit: list[Chosen] = []
    for story in _each_once(stories, left_out):
        reason = _reason_against(story, slot, assembled_on, already_sent, None if preview else now)
        reason = reason or (elsewhere or {}).get(story.id)
        if reason is None:
            fit.append(score_of(story, assembled_on))
        else:
            left_out.append(LeftOut(story, reason))
    chosen, over = ranked(fit, limit)
    return Selection(tuple(chosen), tuple(sorted([*left_out, *over], key=lambda left: left.story.id)))


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
    day = day_of(story)
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
