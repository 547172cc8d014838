"""Editors' changes to gathered stories: what was said over the automatic words, and said again after each fetch. Pure.

Newsroom. A change is a mapping of what it changes to the new value, as JSON has it:

- `headline`, `summary`, `topic`, `body`: a text; `summary`, `topic` and `body` may be null (none);
- `pinned`, `dropped`: true or false; `weight`: a whole number; `not_before`: an instant or null;
- `evidence`: front-matter keys and values, null for "not known";
- `points`: all key points, from now on these; `point`: one of them rewritten, `was` → `text` (null takes it out).

A key point names its article by address or title, since articles are numbered anew whenever more come in. What a
rewritten point replaced may be gone after a fetch: the editor's words then stand at the same place all the same.

Two kinds are about articles, by their numbers in the database: `merge` (`articles` belong to this story from now on)
and `split` (`articles` belong to the story `into`, the `rest` stays).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import yaml

from digest.errors import UsageError
from digest.model import Article, Evidence, KeyPoint, Story
from digest.newsroom.frontmatter import read_yaml
from digest.newsroom.parsed import MAX_KEY_POINTS
from digest.newsroom.storyevidence import evidence_from

Change = Mapping[str, Any]

_TEXTS = ("headline", "summary", "topic", "body")
_FLAGS = ("pinned", "dropped", "weight")


def applied(story: Story, changes: Iterable[Change]) -> Story:
    """The story with the changes made to it, in their order."""
    for change in changes:
        story = _one(story, change)
    return story


def bindings(changes: Iterable[tuple[str, Change]]) -> dict[int, str]:
    """Article → the story that an editor put it in, from (story, change) in order; the latest word counts."""
    bound: dict[int, str] = {}
    for story, change in changes:
        if "merge" in change:
            bound |= dict.fromkeys(change["merge"]["articles"], story)
        if "split" in change:
            bound |= dict.fromkeys(change["split"]["rest"], story)
            bound |= dict.fromkeys(change["split"]["articles"], change["split"]["into"])
    return bound


def _one(story: Story, change: Change) -> Story:
    plain = {key: change[key] for key in (*_TEXTS, *_FLAGS) if key in change}
    if "not_before" in change:
        instant = change["not_before"]
        plain["not_before"] = None if instant is None else datetime.fromisoformat(instant)
    if "evidence" in change:
        plain["evidence"] = evidence_said(change["evidence"], story.evidence)
    if "points" in change:
        plain["key_points"] = tuple(_point(point, story.articles) for point in change["points"])[:MAX_KEY_POINTS]
    if "point" in change:
        plain["key_points"] = _rewritten(story, change["point"])
    return replace(story, **plain)


def evidence_said(said: Mapping[str, Any], evidence: Evidence) -> Evidence:
    """`evidence` with an editor's words over it, spelled as in front matter. Raises InputError for what is none."""
    written = yaml.safe_dump(dict(said), allow_unicode=True, sort_keys=False)
    return evidence_from(read_yaml(written, "evidence", 1), evidence)


def _rewritten(story: Story, change: Mapping[str, Any]) -> tuple[KeyPoint, ...]:
    points = list(story.key_points)
    place = next((place for place, point in enumerate(points) if point.text == change["was"]), None)
    new = [] if change["text"] is None else [_point(change, story.articles)]
    if place is not None:
        points[place : place + 1] = new
    elif new:
        place = min(int(change["place"]), len(points))
        # What it replaced is told no more; neither shall the list grow by what an editor wrote.
        points[place : place + 1] = new
    return tuple(points)


def _point(said: Mapping[str, Any], articles: tuple[Article, ...]) -> KeyPoint:
    wanted = said.get("article")
    keys = [article_key(article) for article in articles]
    return KeyPoint(said["text"], keys.index(wanted) + 1 if wanted in keys else None)


def article_key(article: Article) -> str:
    """What tells a story's articles apart when they are numbered anew."""
    return article.url or f"{article.outlet or ''}\n{article.title}"


# ── what an editor wrote, as a change ────────────────────────────────────────────────────────────


def point_change(story: Story, number: int, text: str | None, source: int | None) -> dict[str, Any]:
    """One key point rewritten (`text`), taken out (None) or added (the number after the last).

    `source` counts the story's articles from 1; None keeps the point's own. Raises UsageError for numbers that there
    are not.
    """
    points = story.key_points
    if not 1 <= number <= len(points) + (text is not None):
        raise UsageError(f"point {number}: {story.id} has {len(points)} key points; write one of their numbers")
    if number > MAX_KEY_POINTS:
        raise UsageError(f"point {number}: at most {MAX_KEY_POINTS} key points are read; three to five are wanted")
    old = points[number - 1] if number <= len(points) else None
    cited = source if source is not None else old.source if old else None
    return {
        "point": {
            "was": old.text if old else None,
            "text": text,
            "place": number - 1,
            "article": _cited(story, cited),
        }
    }


def _cited(story: Story, source: int | None) -> str | None:
    if source is None:
        return None
    if not 1 <= source <= len(story.articles):
        raise UsageError(f"article {source}: {story.id} lists {len(story.articles)}; write one of their numbers")
    return article_key(story.articles[source - 1])


def difference(old: Story, new: Story, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The change that makes `new` of `old`, in what editors may change; {} for none.

    `evidence` is what front matter would say of the new evidence, read where it differs.
    """
    found: dict[str, Any] = {
        key: getattr(new, key) for key in (*_TEXTS, *_FLAGS) if getattr(new, key) != getattr(old, key)
    }
    if new.not_before != old.not_before:
        found["not_before"] = None if new.not_before is None else new.not_before.isoformat()
    if new.key_points != old.key_points:
        found |= _points_difference(old, new)
    if replace(new.evidence, spans=()) != replace(old.evidence, spans=()):
        found["evidence"] = dict(evidence)
    return found


def _points_difference(old: Story, new: Story) -> dict[str, Any]:
    """One point rewritten where that is all; else the whole list is the editor's own from now on."""
    before, after = old.key_points, new.key_points
    changed = [place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]]
    if len(before) == len(after) and len(changed) == 1:
        point = after[changed[0]]
        return point_change(old, changed[0] + 1, point.text, point.source)
    return {"points": [{"text": point.text, "article": _cited(old, point.source)} for point in after]}
