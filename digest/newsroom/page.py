"""Pasted pages: what a person copies from a news aggregator's story page, read into a story. Pure (newsroom).

A page has no grammar, so each line is first known by its form (heading, bullet, bias line, noise …) and then by where
it stands. Every line ends in the story or in a notice; nothing is made up to fill a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.errors import InputError
from digest.model import Article, KeyPoint, Notice, Story
from digest.newsroom.decoding import decode
from digest.newsroom.evidence import read_evidence
from digest.newsroom.frontmatter import has_front_matter
from digest.newsroom.noise import clean
from digest.newsroom.pagearticles import read_articles
from digest.newsroom.pagecoverage import coverage_reported
from digest.newsroom.pagelines import Line, page_lines
from digest.newsroom.pagesections import NOT_UNDERSTOOD, REPEATED, Sections, sort_lines
from digest.newsroom.parsed import MAX_BYTES, MAX_HEADLINE, MAX_KEY_POINTS, MAX_TEXT, Parsed, story_text
from digest.newsroom.storyreading import parse_story_file
from digest.newsroom.text import cut, slug, tidy

_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def read_story(data: bytes, name: str) -> Parsed:
    """A story from the bytes of a file: a story file when its first line is `---`, else a pasted page.

    Raises InputError with file and, where it helps, the line.
    """
    text, notices = decode(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parsed = parse_story_file(text, name) if has_front_matter(text) else parse_page(text, name)
    return replace(parsed, notices=_in_order([*notices, *parsed.notices]))


def parse_page(text: str, name: str) -> Parsed:
    """Read a pasted page; the story's id is the slug of its headline, its `origin` is `name`.

    Raises InputError when there is no headline, or when it is no such page at all (too big, or HTML).
    """
    if len(text) > MAX_BYTES:
        raise InputError("larger than 1 MB: no story is that long; keep one story to a file", file=name)
    if _HTML.match(text):
        raise InputError("HTML: the text of the page is wanted; copy it from the browser's window", file=name, line=1)
    sections = sort_lines(page_lines(text.removeprefix("\ufeff"), name))
    notices = sections.notices
    head = _read_head(sections, name)
    points = tuple(_key_points(sections.points, notices))
    summary = _summary(head.summary, notices)
    about = "\n".join([head.headline.text, summary or "", *(point.text for point in points)])
    articles, told = read_articles(_without_repeats([*head.articles, *sections.articles], notices), about)
    coverage, contradictions = coverage_reported(sections.facts)
    notices += [*told, *contradictions]
    story = Story(
        id=slug(head.headline.text),
        headline=head.headline.text,
        summary=summary,
        key_points=points,
        articles=tuple(articles),
        articles_total=_total(sections, articles, notices),
        coverage=coverage,
        origin=name,
    )
    return Parsed(replace(story, evidence=read_evidence(story_text(story))), _in_order(notices))


@dataclass(frozen=True, slots=True)
class _Head:
    headline: Line
    summary: list[Line]
    articles: list[Line]  # articles of a page that does not say where they begin


def _read_head(sections: Sections, name: str) -> _Head:
    """The headline, then the summary; on a page without an articles heading also the articles."""
    lines = sections.head
    if not lines:
        raise InputError("no headline found: the first line should be the headline", file=name, line=1)
    position = _headline(lines[: sections.before_points or len(lines)] or lines)
    headline = lines[position]
    if len(headline.text) > MAX_HEADLINE:
        wish = f"a headline of {len(headline.text)} characters: at most {MAX_HEADLINE} are wanted"
        raise InputError(wish, file=name, line=headline.number)
    head = _Head(headline, [], [])
    for line in lines[:position]:
        _place(head, line, not line.is_title, sections)
    rest = lines[position + 1 :]
    for number, line in enumerate(rest):
        below_points = sections.before_points is not None and position + 1 + number >= sections.before_points
        if head.articles or _begins_articles(line, rest[number + 1 :], head, below_points, sections):
            head.articles.append(line)
        else:
            wanted = not line.is_title and not below_points if head.summary else line.is_sentence or line.words >= 8
            _place(head, line, wanted, sections)
    return head


def _place(head: _Head, line: Line, in_summary: bool, sections: Sections) -> None:
    if in_summary:
        head.summary.append(line)
    else:
        sections.notices.append(Notice(line.number, cut(line.text, 200), NOT_UNDERSTOOD))


def _headline(lead: Sequence[Line]) -> int:
    """Which line of the lead is the headline: the first, unless it is a word of navigation or running text."""
    if lead[0].words >= 3 and (lead[0].is_title or lead[0].words < 15):
        return 0
    titles = [number for number, line in enumerate(lead) if line.is_title and line.words >= 3]
    return titles[0] if titles else 0


def _begins_articles(line: Line, after: Sequence[Line], head: _Head, below_points: bool, sections: Sections) -> bool:
    """Whether a headline-like line opens the list of articles on a page that has no "11 Articles" line."""
    if sections.articles_named or not line.is_title or not after:
        return False
    if below_points and (head.summary or line.words < 12):
        return any(not other.is_title for other in after)
    return bool(head.summary) and not after[0].is_title


def _summary(lines: Sequence[Line], notices: list[Notice]) -> str | None:
    texts = []
    for line in lines:
        cleaned = clean(line.text)
        notices += [Notice(line.number, cut(text, 200), kind) for text, kind in cleaned.left_out]
        texts.append(cleaned.kept)
    summary = tidy(" ".join(filter(None, texts)))
    if len(summary) > MAX_TEXT:
        notices.append(Notice(lines[0].number, cut(summary, 200), f"summary cut at {MAX_TEXT} characters"))
    return cut(summary, MAX_TEXT) or None


def _key_points(lines: Sequence[Line], notices: list[Notice]) -> Iterator[KeyPoint]:
    for number, line in enumerate(lines):
        cleaned = clean(line.text)
        notices += [Notice(line.number, cut(text, 200), kind) for text, kind in cleaned.left_out]
        if number >= MAX_KEY_POINTS:
            notices.append(Notice(line.number, cut(line.text, 200), f"more than {MAX_KEY_POINTS} key points; left out"))
        elif cleaned.kept:
            yield KeyPoint(cut(tidy(cleaned.kept), MAX_TEXT))


def _without_repeats(lines: Sequence[Line], notices: list[Notice]) -> list[Line]:
    """The lines of the articles without those that merely repeat the line before."""
    kept: list[Line] = []
    for line in lines:
        if kept and kept[-1].text.casefold() == line.text.casefold():
            notices.append(Notice(line.number, cut(line.text, 200), REPEATED))
        else:
            kept.append(line)
    return kept


def _total(sections: Sections, articles: Sequence[Article], notices: list[Notice]) -> int:
    """How many articles cover the story: what the page says, and never fewer than it lists."""
    listed = len(articles)
    if sections.total is None or sections.total_line is None:
        return listed + (sections.more or 0)
    if sections.total < listed:
        line = sections.total_line
        notices.append(Notice(line.number, line.text, f"the page lists {listed} articles; that number is taken"))
    return max(sections.total, listed)


def _in_order(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    return tuple(sorted(notices, key=lambda notice: notice.line))
