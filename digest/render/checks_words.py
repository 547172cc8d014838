"""Checks of the words: leftovers of the machinery, and whether the text part tells what the page tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.marks import Hole, split_marks
from digest.model import Edition, SealedEdition, Story
from digest.render.evidence import evidence_view
from digest.render.findings import Finding, Severity
from digest.render.reading import Page, squeezed
from digest.render.words import Words

_LEFTOVER = re.compile(r"\{\{|\{%|\}\}|%\}|\b(?i:lorem ipsum)\b|\b(?:None|NaN|nan|undefined|null)\b")
_MARK = re.compile(r"Qz[0-9a-f]{12}[a-z]{2}|[a-z]{2}zQ")
_URL = re.compile(r"https?://[^\s<>\"]+")


def word_findings(edition: Edition, sealed: SealedEdition, page: Page, words: Words) -> Iterator[Finding]:
    """Leftovers in any part, then what the text part lacks."""
    texts = {story.id: list(_texts(story, words)) for story in edition.stories}
    own = [edition.subject, edition.preheader, edition.intro, *(text for story in texts.values() for text in story)]
    yield from _template_words(texts)
    yield from _leftovers(sealed, page, own)
    yield from _marks(sealed)
    yield from _text_part(edition, sealed, page)


def _texts(story: Story, words: Words) -> Iterator[str]:
    yield from (story.headline, story.summary or "", story.topic or "", story.body or "")
    yield from (point.text for point in story.key_points)
    for article in story.articles:
        yield from (article.title, article.outlet or "", article.excerpt or "")
        yield from (article.copy_of or "", article.text_by or "")
    yield from (story.evidence.publisher or "", story.evidence.comparison or "")
    yield from (*story.coverage.raters, *story.coverage.factuality_raters)
    # With what stands before them, since all that a journal says may be "None."
    yield from (f"{about}: {said}" for about, said in evidence_view(story.evidence, words).statements)


def _template_words(texts: dict[str, list[str]]) -> Iterator[Finding]:
    """Template syntax or filler that came with a story: harmless, but no reader should see it."""
    for story, parts in texts.items():
        for text in parts:
            found = re.search(r"\{\{|\{%|\blorem ipsum\b", text, re.IGNORECASE)
            if found:
                message = f'"{found.group()}" in "{_around(text, found)}" would be printed as it stands'
                yield _finding("leftover", message, "correct the story", story=story)


def _leftovers(sealed: SealedEdition, page: Page, own: Sequence[str]) -> Iterator[Finding]:
    """Words of a machine, unless they stand beside the same word in the edition's own texts ("None of the …")."""
    said = _letters("\n".join(own))
    alone = {_letters(text) for text in own}
    parts = {
        "HTML": [*page.blocks, *page.titles, page.title],
        "text": re.split(r"\n\s*\n", sealed.text),
        "subject": [sealed.subject],
        "preheader": [sealed.preheader],
        "headers": [value for _, value in sealed.headers],
    }
    for part, blocks in parts.items():
        for block in blocks:
            for found in _LEFTOVER.finditer(block):
                if not _meant(block, found, said, alone):
                    message = f'"{found.group()}" is left over in the {part}: "{_around(block, found)}"'
                    yield _finding("leftover", message, "correct the template, or give the value that is missing")


def _meant(block: str, found: re.Match[str], said: str, alone: set[str]) -> bool:
    before = re.search(r"\w+\W*\Z", block[max(0, found.start() - 60) : found.start()])
    after = re.match(r"\W*\w+", block[found.end() : found.end() + 60])
    if not before and not after:
        return _letters(block) in alone
    with_before = _letters(before.group() + found.group()) if before else ""
    with_after = _letters(found.group() + after.group()) if after else ""
    return bool(with_before and with_before in said) or bool(with_after and with_after in said)


def _letters(text: str) -> str:
    """Text for comparing, without what Markdown adds to it."""
    return re.sub(r"[*_`#>\[\]()\\]", "", squeezed(text))


def _marks(sealed: SealedEdition) -> Iterator[Finding]:
    """Marks that nobody will fill: of another sealing, cut in two, or in a part that has no reader's values."""
    contexts = {"HTML": (sealed.html, {"text", "attribute"}), "text": (sealed.text, {"plain"})}
    for part, (text, fitting) in contexts.items():
        for piece in split_marks(text, sealed.nonce):
            if isinstance(piece, Hole) and piece.context not in fitting:
                message = f"{piece.field} is escaped for {piece.context} in the {part} part"
                fix = f'write mine("{piece.field}", "{min(fitting)}")'
                yield _finding("open-mark", message, fix)
            elif isinstance(piece, str) and (found := re.search(r"Qz[0-9a-f]{12}[a-z]{2}zQ", piece)):
                message = f"a mark that nobody fills in the {part} part: {found.group()}"
                yield _finding("open-mark", message, "seal the edition again")
    for name, value in (("Subject", sealed.subject), ("preheader", sealed.preheader), *sealed.headers):
        if _MARK.search(value):
            message = f"a reader's own value in {name}, where it is not filled"
            yield _finding("open-mark", message, "take it out")


def _text_part(edition: Edition, sealed: SealedEdition, page: Page) -> Iterator[Finding]:
    if not sealed.text.strip():
        yield _finding("no-text", "there is no text part", "write weekly.txt.j2")
        return
    shown = {"HTML": squeezed("\n".join(page.blocks)), "text": squeezed(sealed.text)}
    for story in edition.stories:
        for part, text in shown.items():
            if squeezed(story.headline) not in text:
                message = f'the {part} part does not tell the headline "{story.headline[:60]}"'
                yield _finding("other-headlines", message, "print every story in both parts", story=story.id)
    in_text = {_bare(url) for url in _URL.findall(sealed.text)}
    linked = [link.href for link in page.links if link.href and _URL.fullmatch(link.href)]
    lost = [url for url in dict.fromkeys(linked) if _bare(url) not in in_text]
    if lost:
        message = f"{len(lost)} links of the page are not in the text part, the first is {lost[0][:80]}"
        yield _finding("text-links", message, "print the same links in both parts", "warning")


def _bare(url: str) -> str:
    return url.rstrip(".,;:!?)]")


def _around(text: str, found: re.Match[str], reach: int = 25) -> str:
    return " ".join(text[max(0, found.start() - reach) : found.end() + reach].split())


def _finding(rule: str, message: str, fix: str, severity: Severity = "error", story: str | None = None) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, fix=fix, story=story)
