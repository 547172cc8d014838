"""What is known of a story, in words for a screen and as JSON. Door."""

from __future__ import annotations

from datetime import date
from typing import Any

from digest.cli.output import bold, counted, dim, say
from digest.gather.folder import StoryFile
from digest.model import Story
from digest.newsroom.ranking import score_of
from digest.verbs.newsdesk import Gathered

LISTED = 30
"""Gathered stories that are listed unless all are asked for."""


def evidence_words(story: Story) -> str:
    """The evidence in words, as it was understood; what is not known is left out."""
    e = story.evidence
    words = [str(e.study_type)]
    if e.retracted:
        words.append("retracted")
    if e.preprint:
        words.append("preprint")
    if e.peer_reviewed:
        words.append("peer-reviewed")
    if e.trials:
        words.append(f"{e.trials} trials")
    if e.participants:
        words.append(f"{e.participants.qualifier or ''} {e.participants.value:,} participants".strip())
    if e.publisher:
        words.append(e.publisher)
    if e.comparison:
        words.append(e.comparison)
    return ", ".join(words)


def coverage_words(story: Story) -> str:
    """Who covers it: the outlets we rated, else what a page reported."""
    c = story.coverage
    numbers, unit = (c.counts, "") if c.counts else (c.reported, "%")
    if numbers is None:
        return "not known"
    said = f"left {numbers.left}{unit}, center {numbers.center}{unit}, right {numbers.right}{unit}"
    return said if c.counts is None or not c.counts.unrated else f"{said}, {c.counts.unrated} unrated"


def factuality_words(story: Story) -> str:
    """How factual those are who cover it: our own counts, else the word of a page."""
    counts = ", ".join(f"{word} {outlets}" for word, outlets in story.coverage.factuality_counts)
    return counts or story.coverage.factuality or "not known"


def day_words(story: Story) -> str:
    return str(story.day or story.added or "new")


def marks(story: Story) -> str:
    return ", ".join(word for word, on in (("pinned", story.pinned), ("dropped", story.dropped)) if on) or "–"


def marks_of(one: Gathered) -> str:
    """A gathered story's marks: also that an editor changed it, that it goes on from another, or is told elsewhere."""
    story, edited = one.story, any(change.undone_at is None for change in one.changes)
    said = {
        "pinned": story.pinned,
        "dropped": story.dropped,
        "edited": edited and not (story.pinned or story.dropped),
        "update": story.update_of is not None,
        "told elsewhere": one.elsewhere is not None,
    }
    return ", ".join(word for word, on in said.items() if on) or "–"


def told_by(story: Story) -> str:
    outlets = {article.outlet or article.url for article in story.articles if article.copy_of is None}
    return counted(len(outlets), "outlet")


def file_json(file: StoryFile) -> dict[str, Any]:
    if file.parsed is None:
        return {"file": file.path.name, "error": str(file.error)}
    story = file.parsed.story
    return {"file": file.path.name, **_listed_json(story)}


def gathered_json(one: Gathered, today: date) -> dict[str, Any]:
    choice = score_of(one.story, today)
    return {
        "file": None,
        **_listed_json(one.story),
        "score": choice.score,
        "reasons": list(choice.reasons),
        "elsewhere": one.elsewhere,
        "update_of": one.story.update_of,
        "update_from": one.story.update_from,
        "changes": sum(change.undone_at is None for change in one.changes),
        "findings": [
            {"rule": f.rule, "message": f.message, "sources": list(f.sources), "quote": f.quote} for f in one.findings
        ],
    }


def _listed_json(story: Story) -> dict[str, Any]:
    return {
        "id": story.id, "headline": story.headline, "date": story.day, "added": story.added,
        "pinned": story.pinned, "dropped": story.dropped, "articles_total": story.articles_total,
    }  # fmt: skip


def tell_story(story: Story) -> None:
    """All of a story, its articles numbered."""
    say(bold(story.headline))
    if story.update_of:
        say(dim(f"goes on from {story.update_of}" + (f" in {story.update_from}" if story.update_from else "")))
    if story.machine_written:
        say(dim("has words of a machine, from the articles listed"))
    if story.summary:
        say(story.summary)
    for number, point in enumerate(story.key_points, 1):
        say(f"  {dim(f'{number})')} {point.text}" + (dim(f" [{point.source}]") if point.source else ""))
    for number, article in enumerate(story.articles, 1):
        whose = article.copy_of or article.text_by
        copied = f"  text by {whose}" if whose else ""
        place = f"  {article.outlet or 'outlet not known'}  {article.url or 'no link'}{copied}"
        say(f"  {number}. {article.title}{dim(place)}")
    if story.articles_total > len(story.articles):
        say(f"  and {story.articles_total - len(story.articles)} more articles")
    say(f"  evidence    {evidence_words(story)}")
    for about, said in (("funding", story.evidence.funding), ("conflicts", story.evidence.conflicts)):
        if said:
            say(f"  {about:<12}{said}")
    say(f"  coverage    {coverage_words(story)}")
    say(f"  factuality  {factuality_words(story)}")


def tell_gathered(one: Gathered, today: date) -> None:
    """What speaks for a gathered story, what an editor should look out for, and what editors changed."""
    choice = score_of(one.story, today)
    say(f"  score       {choice.score:g}: {'; '.join(choice.reasons)}")
    if one.elsewhere:
        say(f"  not in an edition: {one.elsewhere}")
    for finding in one.findings:
        at = f" [{', '.join(map(str, finding.sources))}]" if finding.sources else ""
        say(f"  look        {finding.rule}: {finding.message}{dim(at)}")
    held = [change for change in one.changes if change.undone_at is None]
    if held:
        say(dim(f"  {counted(len(held), 'change')} by editors; `digest story history {one.story.id}`"))
