"""The articles of a pasted page: titles paired with their excerpts, and what stands between them. Pure (newsroom).

A page says of most articles no more than a title and an excerpt; outlet, date and link are taken where they stand
on lines of their own and never guessed from a title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest

from digest.model import Article, Notice
from digest.newsroom.articlemarks import Mark, read_mark
from digest.newsroom.noise import clean
from digest.newsroom.pagelines import Line
from digest.newsroom.parsed import MAX_ARTICLES, MAX_HEADLINE, MAX_TEXT
from digest.newsroom.text import content_words, cut, tidy


@dataclass(slots=True)
class _Draft:
    """An article while its lines are being put together."""

    title: Line | None = None
    excerpt: list[Line] = field(default_factory=list)
    outlet: str | None = None
    url: str | None = None
    published: date | None = None
    closed: bool = False  # a mark after its excerpt: what follows is another article
    marks: list[Line] = field(default_factory=list)
    unused: list[Line] = field(default_factory=list)  # marks that say again, otherwise, what is known already

    def take(self, line: Line, mark: Mark) -> None:
        pairs = ((self.outlet, mark.outlet), (self.url, mark.url), (self.published, mark.published))
        again = any(known is not None and told is not None and known != told for known, told in pairs)
        (self.unused if again else self.marks).append(line)
        self.outlet = self.outlet or mark.outlet
        self.url = self.url or mark.url
        self.published = self.published or mark.published
        self.closed = self.closed or bool(self.excerpt)


def read_articles(lines: Sequence[Line], about: str) -> tuple[list[Article], list[Notice]]:
    """Articles in the page's order. `about` is what the story itself says; chatter shares no word with it."""
    notices: list[Notice] = []
    marks: dict[int, Mark] = {}
    for line in lines:
        mark = read_mark(line.text)
        if mark is not None:
            marks[line.number] = mark
            notices += [Notice(line.number, cut(line.text, 200), message) for message in mark.left_out]
    marks |= _names(lines, marks)
    drafts = _drafts(lines, marks)
    titled = [draft for draft in drafts if draft.title is not None]
    for draft in titled[MAX_ARTICLES:]:
        assert draft.title is not None
        notices.append(
            Notice(draft.title.number, cut(draft.title.text, 200), f"over {MAX_ARTICLES} articles; left out")
        )
    for draft in drafts:
        lost = draft.unused if draft.title is not None else [*draft.marks, *draft.unused]
        notices += [Notice(line.number, cut(line.text, 200), "belongs to no article; left out") for line in lost]
    articles = [_article(draft, about, notices) for draft in titled[:MAX_ARTICLES]]
    return _without_repeats(articles, titled[:MAX_ARTICLES], notices), notices


def _drafts(lines: Sequence[Line], marks: dict[int, Mark]) -> list[_Draft]:
    first = marks.get(lines[0].number) if lines else None
    texts = [line for line in lines if line.number not in marks]
    following = {line.number: after for line, after in zip_longest(texts, texts[1:])}
    gaps = any(line.gap for line in texts[1:])
    drafts = [_Draft()]
    for line in lines:
        current = drafts[-1]
        mark = marks.get(line.number)
        if mark is not None:
            if first is not None and current.title is not None and _opens(mark, first):
                drafts.append(current := _Draft())
            current.take(line, mark)
        elif current.title is None:
            current.title = line
        elif first is None and current.closed:
            drafts.append(_Draft(title=line))
        elif _belongs(line, following[line.number], current, gaps):
            current.excerpt.append(line)
        else:
            drafts.append(_Draft(title=line))
    return drafts


def _opens(mark: Mark, first: Mark) -> bool:
    """On a page where a mark stands above each title: whether this one does, being of the same kind as the first."""
    if first.outlet is not None:
        return mark.outlet is not None
    if first.url is not None:
        return mark.url is not None
    return (mark.published is None) == (first.published is None)


def _belongs(line: Line, after: Line | None, current: _Draft, gaps: bool) -> bool:
    """Whether a line is (more of) the current article's excerpt, and not the next title.

    Running text is excerpt, a headline is a title; a title with a full stop shows by the running text after it.
    """
    if not current.excerpt:
        return not line.is_title or (gaps and not line.gap)
    if line.is_title or (gaps and line.gap):
        return False
    return line.words >= 30 or after is None or after.is_title


def _names(lines: Sequence[Line], marks: dict[int, Mark]) -> dict[int, Mark]:
    """Outlets on lines of their own above the titles, but only where every article of the page has one.

    Each excerpt must have a title above it and each such title a short name (with or without marks between them):
    a single exception, and the short lines are titles.
    """
    texts = [line for line in lines if line.number not in marks]
    rows = [texts[start : start + 3] for start in range(0, len(texts), 3)]
    if not all(len(row) == 3 and _is_name(row[0]) and _is_heading(row[1]) and not row[2].is_title for row in rows):
        return {}
    if any(mark.outlet for mark in marks.values()):
        return {}
    return {name.number: Mark(outlet=name.text) for name, *_ in rows}


def _is_name(line: Line) -> bool:
    return line.words <= 4 and len(line.text) <= 40 and not line.text.endswith(("?", "!", ".", ":"))


def _is_heading(line: Line) -> bool:
    return line.is_title and line.words >= 4


def _article(draft: _Draft, about: str, notices: list[Notice]) -> Article:
    assert draft.title is not None
    title = draft.title.text
    if len(title) > MAX_HEADLINE:
        notices.append(Notice(draft.title.number, cut(title, 200), "title shortened"))
        title = cut(title, MAX_HEADLINE)
    excerpts = [text for line in draft.excerpt if (text := _excerpt(line, title, about, notices))]
    return Article(
        title=title,
        outlet=draft.outlet,
        url=draft.url,
        excerpt=cut(tidy(" ".join(excerpts)), MAX_TEXT) or None,
        published=draft.published,
    )


def _excerpt(line: Line, title: str, about: str, notices: list[Notice]) -> str | None:
    """What a reader may see of an excerpt: no noise, and nothing that has no word in common with the story."""
    cleaned = clean(line.text)
    notices += [Notice(line.number, cut(text, 200), kind) for text, kind in cleaned.left_out]
    kept = cleaned.kept
    if kept and _is_chatter(kept, title if cleaned.left_out else f"{title} {about}", about):
        notices.append(Notice(line.number, cut(kept, 200), "newsletter chatter left out: not about the story"))
        return None
    return kept or None


def _is_chatter(text: str, near: str, about: str) -> bool:
    """Whether a text has no content word in common with what it should be about (a wrong text shares nearly none).

    Texts with hardly any such words, and those of scripts without spaces, cannot be judged and stay.
    """
    words = content_words(text)
    if len(words) < 4 or any(len(word) > 30 for word in words):
        return False
    return not words & (content_words(near) | content_words(about.split("\n", 1)[0]))


def _without_repeats(articles: list[Article], drafts: list[_Draft], notices: list[Notice]) -> list[Article]:
    """Each article once: the same title with the same or no excerpt, from the same or no named outlet."""
    kept: list[Article] = []
    for article, draft in zip(articles, drafts, strict=True):
        twin = next((number for number, other in enumerate(kept) if _same(article, other)), None)
        if twin is None:
            kept.append(article)
            continue
        kept[twin] = _merged(kept[twin], article)
        line = draft.title
        assert line is not None
        notices.append(Notice(line.number, cut(line.text, 200), "repeated article left out"))
    return kept


def _same(one: Article, other: Article) -> bool:
    def agree(a: object, b: object) -> bool:
        return a is None or b is None or a == b

    return (
        one.title.casefold() == other.title.casefold()
        and agree(one.excerpt, other.excerpt)
        and agree(one.outlet, other.outlet)
        and agree(one.url, other.url)
    )


def _merged(one: Article, other: Article) -> Article:
    return replace(
        one,
        excerpt=one.excerpt or other.excerpt,
        outlet=one.outlet or other.outlet,
        url=one.url or other.url,
        published=one.published or other.published,
    )
