"""Checks of the stories: told twice or before, sources and links, counts, numbers, evidence labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from digest.model import Edition, SealedEdition, Story
from digest.render.bias import coverage_view
from digest.render.evidence import evidence_view
from digest.render.findings import Finding, Severity
from digest.render.links import safe_url
from digest.render.numbers import numbers_in
from digest.render.reading import Page, squeezed
from digest.render.view import machine_line, reprints
from digest.render.words import Words

OLDEST_ARTICLE = timedelta(days=14)
"""Before the slot: the week before an assembly, and as long again for an assembly that came early."""

_SCRIPT = re.compile(r"(?:javascript|vbscript|data|file):", re.IGNORECASE)


def story_findings(
    edition: Edition,
    sealed: SealedEdition,
    page: Page,
    words: Words,
    *,
    already_sent: Mapping[str, str],
    texts: Mapping[str, str],
    tell_machine: bool,
) -> Iterator[Finding]:
    """Findings by story, in the edition's order, after those that concern several; see checks.check_sealed."""
    if not edition.stories:
        yield _finding("no-stories", "the edition has no stories", "add stories, or let it be skipped")
    yield from _twice(edition.stories)
    html = {story.id: part for story, part in _parts(edition.stories, page.blocks)}
    text = {story.id: part for story, part in _parts(edition.stories, _paragraphs(sealed.text))}
    for story in edition.stories:
        if story.id in already_sent:
            message = f"this story ran in {already_sent[story.id]} already"
            yield _finding("sent-before", message, "drop it, or tell what is new", story)
        yield from _sources(story)
        yield from _dates(story, edition)
        yield from _coverage(story, html[story.id], words)
        yield from _numbers(story, texts.get(story.id, ""))
        parts = {"HTML": html[story.id], "text": text[story.id]}
        yield from _labels(story, parts, words)
        yield from _machine(story, parts, words) if tell_machine else ()


def _twice(stories: Sequence[Story]) -> Iterator[Finding]:
    seen: dict[object, str] = {}
    for story in stories:
        headline = re.sub(r"\W+", "", story.headline).casefold()
        urls = frozenset(article.url for article in story.articles if article.url)
        keys = [("id", story.id), ("headline", headline), *([("articles", urls)] if urls else [])]
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            yield _finding("story-twice", f"the same story as {first}", "drop or merge one of them", story, "error")
        elif story.evidence.identifiers.doi and ("doi", story.evidence.identifiers.doi.lower()) in seen:
            other = seen["doi", story.evidence.identifiers.doi.lower()]
            yield _finding("same-study", f"rests on the same study as {other}", "merge them, if they tell one", story)
        for key in [*keys, ("doi", (story.evidence.identifiers.doi or "").lower())]:
            seen.setdefault(key, story.id)


def _parts(stories: Sequence[Story], blocks: Sequence[str]) -> Iterator[tuple[Story, list[str]]]:
    """The blocks around each story: from the headline before it to the headline after it, both left out.

    Both, since a theme may put labels above the headline.
    """
    places: list[int] = []
    for story in stories:
        headline = squeezed(story.headline)
        start = places[-1] + 1 if places else 0
        at = next((n for n in range(start, len(blocks)) if headline in squeezed(blocks[n])), start - 1)
        places.append(at)
    for number, story in enumerate(stories):
        start = places[number - 1] + 1 if number else 0
        end = places[number + 1] if number + 1 < len(places) else len(blocks)
        yield story, list(blocks[start : max(start, end)])


def _paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def _sources(story: Story) -> Iterator[Finding]:
    if not story.articles:
        yield _finding("no-article", "no article", "say where it was published", story)
        return
    unlinked = sum(not article.url for article in story.articles)
    if unlinked:
        message = f"{unlinked} of {len(story.articles)} articles have no link"
        yield _finding("article-link", message, "add url to the articles", story)
    for article in story.articles:
        if article.url and safe_url(article.url) is None:
            script = _SCRIPT.match(article.url.strip()) is not None
            message = f'"{article.title[:50]}" links to {article.url[:60]!r}: readers get no such link'
            severity: Severity = "error" if script else "warning"
            yield _finding("unfit-link", message, "write its http or https address", story, severity)
    bare = sum(point.source is None for point in story.key_points)
    if bare:
        message = f"{bare} of {len(story.key_points)} key points name no source"
        yield _finding("key-point-source", message, "write {text: …, source: 1}", story)
    for point in story.key_points:
        if point.source is not None and not 1 <= point.source <= len(story.articles):
            message = f"a key point names article {point.source} of {len(story.articles)}"
            yield _finding("key-point-source", message, "count the articles from 1", story)


def _dates(story: Story, edition: Edition) -> Iterator[Finding]:
    slot = edition.slot.key
    for article in story.articles:
        if article.published and article.published > slot:
            message = f'"{article.title[:50]}" is dated {article.published}, after the slot'
            yield _finding("article-date", message, "correct its date", story)
        elif article.published and article.published < slot - OLDEST_ARTICLE:
            message = f'"{article.title[:50]}" is of {article.published}, long before this week'
            yield _finding("article-date", message, "see that it is news still", story)


def _coverage(story: Story, blocks: Sequence[str], words: Words) -> Iterator[Finding]:
    counts, reported = story.coverage.counts, story.coverage.reported
    heard = [article for article in story.articles if article.copy_of is None]  # a reprint's outlet does not count
    named = {article.outlet.casefold() for article in heard if article.outlet}
    if counts and counts.outlets < len(named):
        message = f"{counts.outlets} outlets are counted, {len(named)} are named"
        yield _finding("coverage", message, "assemble the edition again", story)
    elif counts and counts.outlets > max(story.articles_total, len(story.articles)):
        message = f"{counts.outlets} outlets are counted for {story.articles_total} articles"
        yield _finding("coverage", message, "assemble the edition again", story)
    if reported and not 0 < reported.left + reported.center + reported.right <= 101:
        total = reported.left + reported.center + reported.right
        yield _finding("coverage", f"the reported shares sum to {total} %", "look at the page again", story)
    view = coverage_view(story.coverage, words, reprints=reprints(story))
    if view and view.line and squeezed(view.line) not in squeezed("".join(blocks)):
        message = f'the page does not show "{view.line}"'
        yield _finding("coverage", message, "print coverage.line beside the bar", story)


def _numbers(story: Story, text: str) -> Iterator[Finding]:
    """Figures that readers will trust, and that none of the articles contains: their titles, excerpts and `text`."""
    told = [story.headline, story.summary or "", *(point.text for point in story.key_points)]
    articles = " ".join(f"{article.title} {article.excerpt or ''}" for article in story.articles)
    found = numbers_in(f"{articles} {text}", spelt_out=True)
    lost = list(dict.fromkeys(number for words in told for number in numbers_in(words) if number not in found))
    if not lost:
        return
    shown = ", ".join(lost[:6]) + (" …" if len(lost) > 6 else "")
    if story.machine_written:
        fix = "correct the number, or cite the article that has it"
        yield _finding("number", f"{shown}: written by a machine, in no article that is listed", fix, story, "error")
    else:
        yield _finding("number", f"{shown}: typed by hand, in no article that is listed", "check it once more", story)


def _labels(story: Story, parts: Mapping[str, Sequence[str]], words: Words) -> Iterator[Finding]:
    """A preprint, a retraction or a press release must be called one: by its label, not by the story's own words."""
    own = [story.headline, story.summary or "", story.topic or "", story.body or "", story.evidence.publisher or ""]
    own += [story.evidence.comparison or "", story.evidence.funding or "", story.evidence.conflicts or ""]
    own += [point.text for point in story.key_points]
    own += [text for article in story.articles for text in (article.title, article.outlet or "", article.excerpt or "")]
    for part, blocks in parts.items():
        for label in evidence_view(story.evidence, words).labels:
            name = squeezed(label.name).casefold()
            rest = squeezed("\n".join(blocks)).casefold()
            for text in sorted((squeezed(text).casefold() for text in own), key=len, reverse=True):
                rest = rest.replace(text, "\n") if name in text and text != name else rest
            if name not in rest:
                severity: Severity = "warning" if label.kind == "press-release" else "error"
                message = f'the {part} part does not label it "{label.name}"'
                yield _finding("evidence-label", message, "print the labels of evidence", story, severity)


def _machine(story: Story, parts: Mapping[str, Sequence[str]], words: Words) -> Iterator[Finding]:
    line = machine_line(story, words)
    for part, blocks in parts.items():
        if line and squeezed(line) not in squeezed("".join(blocks)):
            message = f"the {part} part does not say that a machine wrote the summary"
            yield _finding("machine-label", message, "print by_machine of the story", story)


def _finding(rule: str, message: str, fix: str, story: Story | None = None, severity: Severity = "warning") -> Finding:
    return Finding(rule=rule, severity=severity, message=message, fix=fix, story=story.id if story else None)
