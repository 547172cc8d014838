"""Reading story files: an editor's Markdown with front matter becomes a story. Pure (newsroom).

What cannot be used is refused with its line, so that an editor can put it right; nothing is guessed. Text is
text: whatever looks like mark-up or template syntax in a headline or title stays the letters that it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import PurePath
from typing import TypedDict

from digest.errors import InputError
from digest.model import Article, Coverage, KeyPoint, Notice, Story
from digest.newsroom.evidence import read_evidence
from digest.newsroom.frontmatter import Value, read_yaml, split_front_matter
from digest.newsroom.links import article_url
from digest.newsroom.parsed import (
    MAX_ARTICLES,
    MAX_BYTES,
    MAX_HEADLINE,
    MAX_KEY_POINTS,
    MAX_TEXT,
    Parsed,
    story_text,
)
from digest.newsroom.storyevidence import coverage_from, evidence_from
from digest.newsroom.text import slug, strip_controls

_MAX_BODY = 50_000
KEYS = (
    "headline",
    "summary",
    "topic",
    "key_points",
    "evidence",
    "articles",
    "articles_total",
    "coverage",
    "date",
    "added",
    "not_before",
    "pinned",
    "dropped",
    "weight",
    "update_of",
    "update_from",
    "machine_written",
)
_ARTICLE_KEYS = ("outlet", "title", "url", "excerpt", "published", "copy_of", "text_by")


class _Handling(TypedDict):
    """How the newsroom is to treat a story, and how it came about."""

    day: date | None
    added: date | None
    not_before: datetime | None
    pinned: bool
    dropped: bool
    weight: int
    update_of: str | None
    update_from: str | None
    machine_written: bool


def parse_story_file(text: str, name: str) -> Parsed:
    """Read a story file; its id is the slug of the file's stem, its `origin` is `name`.

    The evidence is what its key says; what the key does not name is read from the story's own words.
    Raises InputError with file and line for what cannot be used, unknown keys included.
    """
    if len(text) > MAX_BYTES:
        raise InputError("larger than 1 MB: no story is that long; keep one story to a file", file=name)
    split = split_front_matter(text.removeprefix("\ufeff"), name)
    top = read_yaml(strip_controls(split.head), name, split.line)
    fields = top.fields(KEYS)
    articles = _articles(fields.get("articles"))
    story = Story(
        id=slug(PurePath(name.replace("\\", "/")).stem),
        headline=_headline(fields.get("headline"), name, split.line),
        summary=_text(fields, "summary"),
        topic=_text(fields, "topic", 60),
        key_points=_key_points(fields.get("key_points"), len(articles)),
        articles=articles,
        articles_total=_total(fields.get("articles_total"), len(articles)),
        coverage=coverage_from(fields["coverage"]) if "coverage" in fields else Coverage(),
        body=_body(split.body, name, split.body_line),
        origin=name,
        **_handling(fields),
    )
    detected = read_evidence(story_text(story))
    evidence = evidence_from(fields["evidence"], detected) if "evidence" in fields else detected
    return Parsed(replace(story, evidence=evidence), tuple(_advice(fields.get("key_points"), story)))


def _headline(value: Value | None, name: str, line: int) -> str:
    headline = None if value is None else value.text(MAX_HEADLINE)
    if headline is None:
        place = line if value is None else value.line
        raise InputError("headline: missing; write for example headline: What was found", file=name, line=place)
    return headline


def _text(fields: dict[str, Value], key: str, at_most: int = MAX_TEXT) -> str | None:
    return fields[key].text(at_most) if key in fields else None


def _handling(fields: dict[str, Value]) -> _Handling:
    def flag(key: str) -> bool:
        return bool(fields[key].flag()) if key in fields else False

    return _Handling(
        day=fields["date"].day() if "date" in fields else None,
        added=fields["added"].day() if "added" in fields else None,
        not_before=fields["not_before"].instant() if "not_before" in fields else None,
        pinned=flag("pinned"),
        dropped=flag("dropped"),
        weight=(fields["weight"].whole(-100, 100) or 0) if "weight" in fields else 0,
        update_of=_text(fields, "update_of", 100),
        update_from=_text(fields, "update_from", 100),
        machine_written=flag("machine_written"),
    )


def _key_points(value: Value | None, articles: int) -> tuple[KeyPoint, ...]:
    if value is None:
        return ()
    items = list(value.items())
    if len(items) > MAX_KEY_POINTS:
        raise value.refuse(f"{len(items)} of them; three to five are wanted, at most {MAX_KEY_POINTS} are read")
    return tuple(point for item in items if (point := _key_point(item, articles)) is not None)


def _key_point(item: Value, articles: int) -> KeyPoint | None:
    """A text, or a mapping with `text` and `source`, which counts the story's articles from 1."""
    if not item.is_mapping:
        text = item.text(MAX_TEXT)
        return None if text is None else KeyPoint(text)
    fields = item.fields(("text", "source"))
    text = _text(fields, "text")
    if text is None:
        raise item.refuse("a text is wanted")
    source = fields.get("source")
    if source is None or source.missing:
        return KeyPoint(text)
    if articles == 0:
        raise source.refuse("the story lists no article that it could point at")
    return KeyPoint(text, source.whole(1, articles))


def _articles(value: Value | None) -> tuple[Article, ...]:
    if value is None:
        return ()
    items = list(value.items())
    if len(items) > MAX_ARTICLES:
        raise value.refuse(f"{len(items)} of them; at most {MAX_ARTICLES} are read")
    return tuple(_article(item) for item in items)


def _article(item: Value) -> Article:
    fields = item.fields(_ARTICLE_KEYS)
    title = _text(fields, "title", MAX_HEADLINE)
    if title is None:
        raise item.refuse("an article with a title is wanted")
    return Article(
        title=title,
        outlet=_text(fields, "outlet", 100),
        url=_url(fields.get("url")),
        excerpt=_text(fields, "excerpt"),
        published=fields["published"].day() if "published" in fields else None,
        copy_of=_text(fields, "copy_of", 100),
        text_by=_text(fields, "text_by", 100),
    )


def _url(value: Value | None) -> str | None:
    if value is None:
        return None
    text = value.text(4000)
    try:
        return None if text is None else article_url(text)
    except ValueError as error:
        raise value.refuse(str(error)) from None


def _total(value: Value | None, listed: int) -> int:
    total = None if value is None else value.whole(0, 1_000_000)
    if value is not None and total is not None and total < listed:
        raise value.refuse(f"{listed} articles are listed; write at least that number, or nothing")
    return listed if total is None else total


def _body(text: str, name: str, line: int) -> str | None:
    body = "\n".join(row.rstrip() for row in strip_controls(text).split("\n")).strip("\n")
    if len(body) > _MAX_BODY:
        raise InputError(f"body of {len(body)} characters: at most {_MAX_BODY} are read", file=name, line=line)
    return body or None


def _advice(value: Value | None, story: Story) -> list[Notice]:
    """A word to the editor where nothing is wrong but a reader would be served better."""
    count = len(story.key_points)
    if value is None or 3 <= count <= 5:
        return []
    return [Notice(value.line, f"key_points: {count}", "three to five key points read best")]
