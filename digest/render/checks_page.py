"""Checks of the sealed page itself: where links lead, pictures, what runs, how a screen reader gets on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from digest.marks import Hole, split_marks
from digest.model import Edition, SealedEdition
from digest.render.findings import Finding, Severity
from digest.render.reading import Link, Page

LARGEST_STYLE = 16_000
"""Bytes of one <style>; Gmail drops larger ones."""

_SCRIPTS = frozenset(["javascript", "vbscript", "data", "file", "blob"])
_FINE = frozenset(["https", "mailto", "tel", "sms"])
# What browsers leave out of an address before they read it, and look-alikes of a blank that hide a scheme.
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u2000-\u200f\u2028-\u202f\u2060-\u206f\u3000\ufeff]")


def page_findings(edition: Edition, sealed: SealedEdition, page: Page, *, archive: str) -> Iterator[Finding]:
    """`archive` is the edition's address on the web."""
    stories = {article.url: story.id for story in edition.stories for article in story.articles if article.url}
    for link in page.links:
        yield from _link(link, sealed.nonce, stories.get(link.href or ""))
    if not any((link.href or "").startswith(archive) for link in page.links):
        yield _finding("no-archive-link", "no link to the edition on the web", "link archive_url in the template")
    yield from _pictures(page)
    for what in dict.fromkeys(page.active):
        message = f"{what} in the page: mail clients drop it, or the whole message"
        yield _finding("active-content", message, "remove it from the template", "error")
    yield from _accessibility(page)
    if any(size > LARGEST_STYLE for size in page.style_sizes):
        message = f"a style sheet of {max(page.style_sizes):,} bytes: Gmail drops those over {LARGEST_STYLE:,}"
        yield _finding("style-size", message, "shorten it, or split it into two <mj-style>")


def _link(link: Link, nonce: str, story: str | None) -> Iterator[Finding]:
    if link.href is None or any(isinstance(part, Hole) for part in split_marks(link.href, nonce)):
        return
    address = _UNSEEN.sub("", link.href)
    scheme = address.partition(":")[0].lower()
    shown = f'"{link.words.strip()[:40]}"' if link.words.strip() else "a link without words"
    if not address:
        yield _finding("empty-link", f"{shown} leads nowhere", "write its address, or unlink it", "error", story)
    elif ":" in address and scheme in _SCRIPTS:
        message = f"{shown} is a {scheme}: link"
        yield _finding("script-link", message, "link to an http or https address", "error", story)
    elif address.startswith("#"):
        yield _finding("link", f"{shown} leads to {address} in the mail itself", "write a full address", story=story)
    elif not _has_host(address, scheme):
        message = f"{shown} leads to {address[:60]}: not a full address"
        yield _finding("link", message, "write it with https:// and a host", story=story)
    elif scheme == "http":
        message = f"{shown} leads to {address[:60]} unencrypted"
        yield _finding("plain-http", message, "use https:// if the site has it", story=story)
    if not link.words.strip():
        message = f"the link to {address[:60]} has no words"
        yield _finding("link-words", message, "write where it leads", story=story)


def _has_host(address: str, scheme: str) -> bool:
    if scheme in _FINE - {"https"} and ":" in address:
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _pictures(page: Page) -> Iterator[Finding]:
    for picture in page.pictures:
        shown = picture.src[:60] or "a picture without address"
        if picture.alt is None:
            yield _finding("picture", f"{shown} has no alt", 'say in alt="…" what it shows')
        if not picture.src.lower().startswith("https://"):
            yield _finding("picture", f"{shown}: not an https:// address", "host the picture on the web, with https")


def _accessibility(page: Page) -> Iterator[Finding]:
    if not page.title.strip():
        yield _finding("accessibility", "the page has no title", "write <mj-title> in the template")
    if page.language in {"", "und"}:
        yield _finding("accessibility", "the page does not tell its language", "set [newsletter] language")
    if page.headings.count(1) != 1:
        message = f"{page.headings.count(1)} headings of the first level"
        yield _finding("accessibility", message, "have one <h1>, the newsletter's name")
    for before, after in pairwise(page.headings):
        if after > before + 1:
            message = f"a heading of level {after} follows one of level {before}"
            yield _finding("accessibility", message, "skip no level")
            break
    if page.bare_tables:
        message = f'{page.bare_tables} tables without role="presentation"'
        yield _finding("accessibility", message, "write it, unless they hold data")


def _finding(rule: str, message: str, fix: str, severity: Severity = "warning", story: str | None = None) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, fix=fix, story=story)
