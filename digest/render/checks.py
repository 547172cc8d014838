"""The checks before anything is sent: a sealed edition → findings. Pure; called by verbs.approve and the desk.

Errors are those of the list below, and stop the sending; all else is a warning: template faults, leftovers, missing
unsubscribe link, postal address or disclaimer, HTML too large, empty or script links, a text part that is missing or
tells other headlines, the same story twice, an unlabelled preprint or retraction, a number in machine-written text
that no article contains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from digest.marks import Hole, split_marks
from digest.model import Edition, SealedEdition
from digest.newsroom.telling.findings import Finding as Noticed
from digest.render.checks_newsroom import noticed, risk_findings
from digest.render.checks_page import page_findings
from digest.render.checks_stories import story_findings
from digest.render.checks_words import word_findings
from digest.render.findings import RENDERED, Finding
from digest.render.lint import lint
from digest.render.reading import Page, read_page, squeezed
from digest.render.words import Words, words_for

if TYPE_CHECKING:
    from digest.render.seal import Letterhead

DISCLAIMER = (
    "This is news, not medical advice. Please talk with your doctor or pharmacist before you start, stop or change "
    "a treatment."
)
"""What the catalogues translate, where [newsletter] disclaimer says nothing."""

CLIPPED = 102_400
"""Bytes of HTML after which Gmail hides the rest; the error comes at 100,000, the warning at 90,000."""

_NONE: Mapping[str, Any] = MappingProxyType({})
_PERSONAL_BYTES = 120  # a filled unsubscribe URL is longer than its mark


def check_sealed(
    edition: Edition,
    sealed: SealedEdition,
    letterhead: Letterhead,
    *,
    already_sent: Mapping[str, str],
    findings: Mapping[str, Sequence[Noticed]] = _NONE,
    texts: Mapping[str, str] = _NONE,
    dkim_domains: Collection[str] = (),
) -> list[Finding]:
    """Everything worth a word about these bytes, errors first. Needs no network and changes nothing.

    `already_sent` maps ids of stories that ran before to the id of that edition. `findings` has what the
    newsroom noticed, by the story's id, and `texts` the words of its articles beyond what the story lists of them.
    `dkim_domains` are the domains that will sign.
    """
    words = words_for(letterhead.language)
    page = read_page(sealed.html)
    found = [
        *(finding for finding in lint(sealed.mjml, file=RENDERED) if finding.rule != "leftover"),
        *word_findings(edition, sealed, page, words),
        *page_findings(edition, sealed, page, archive=f"{letterhead.base_url}/archive/{edition.id}"),
        *_size(edition, sealed),
        *_footer(sealed, page, letterhead, words),
        *_headers(sealed, letterhead, dkim_domains),
        *story_findings(
            edition,
            sealed,
            page,
            words,
            already_sent=already_sent,
            texts=texts,
            tell_machine=letterhead.tell_machine,
        ),
        *_from_the_newsroom(edition, findings),
    ]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.severity != "error")


def _from_the_newsroom(edition: Edition, findings: Mapping[str, Sequence[Noticed]]) -> Iterator[Finding]:
    for story in edition.stories:
        known = findings.get(story.id, ())
        yield from (noticed(story, finding) for finding in known)
        if "relative risk" not in {finding.rule for finding in known}:
            yield from risk_findings(story)


def _size(edition: Edition, sealed: SealedEdition) -> Iterator[Finding]:
    holes = sum(isinstance(part, Hole) for part in split_marks(sealed.html, sealed.nonce))
    size = len(sealed.html.encode(errors="replace")) + holes * _PERSONAL_BYTES
    if size < 90_000:
        return
    per_story = size // max(1, len(edition.stories))
    yield Finding(
        rule="clip-size",
        severity="error" if size >= 100_000 else "warning",
        message=f"the HTML is {size:,} bytes, {per_story:,} a story; Gmail hides what comes after {CLIPPED:,}",
        fix="leave out a story, or shorten key points and excerpts",
    )


def _footer(sealed: SealedEdition, page: Page, letterhead: Letterhead, words: Words) -> Iterator[Finding]:
    """What the law and good manners ask for, in both parts."""
    disclaimer = letterhead.disclaimer or words.say(DISCLAIMER)
    shown = {"HTML": squeezed("".join(page.blocks)), "text": squeezed(sealed.text)}
    links = "".join(link.href or "" for link in page.links)
    linked = {"HTML": _fields(links, sealed.nonce), "text": _fields(sealed.text, sealed.nonce)}
    for part, text in shown.items():
        if not text:
            continue  # told as a whole
        if "unsubscribe_url" not in linked[part]:
            fix = 'link mine("unsubscribe_url", …) in the template'
            yield _missing("missing-unsubscribe", f"the {part} part has no unsubscribe link", fix)
        if not letterhead.postal_address.strip() or squeezed(letterhead.postal_address) not in text:
            fix = "set [newsletter] postal_address, and print it in the template's footer"
            yield _missing("missing-address", f"the {part} part does not show the postal address", fix)
        if squeezed(disclaimer) not in text:
            fix = "print the disclaimer in the template's footer"
            yield _missing("missing-disclaimer", f"the {part} part does not show the medical disclaimer", fix)


def _fields(text: str, nonce: str) -> set[str]:
    return {part.field for part in split_marks(text, nonce) if isinstance(part, Hole)}


def _missing(rule: str, message: str, fix: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, fix=fix)


def _headers(sealed: SealedEdition, letterhead: Letterhead, dkim_domains: Collection[str]) -> Iterator[Finding]:
    headers = {name.lower(): value for name, value in sealed.headers}
    for name, value in (*sealed.headers, ("Subject", sealed.subject)):
        if any(ord(character) < 32 or character in "\x7f\u2028\u2029" for character in name + value):
            message = f"the header {name} holds a control character"
            yield Finding(rule="header-control", severity="error", message=message, fix="remove it")
    for name in ("from", "list-id"):
        if not headers.get(name):
            yield _header(f"there is no {name.title()} header", "assemble the edition again")
    domain = letterhead.from_address.rpartition("@")[2].lower()
    if dkim_domains and not any(domain == one or domain.endswith(f".{one}") for one in dkim_domains):
        message = f"no DKIM key signs for {domain}, the domain of From"
        yield _header(message, "add a [[dkim]] for it, or write from another address")
    if not sealed.subject.strip():
        yield _header("the subject is empty", "write one with `digest edition edit`")
    elif len(sealed.subject) > 120:
        yield _header(f"the subject has {len(sealed.subject)} characters; inboxes show 40 to 70", "shorten it")
    if not sealed.preheader.strip():
        yield _header("the preheader is empty: inboxes will show the masthead", "write one with `digest edition edit`")


def _header(message: str, fix: str) -> Finding:
    return Finding(rule="headers", severity="warning", message=message, fix=fix)
