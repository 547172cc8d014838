"""Marks: characters, markup and links that the article does not have. Pure; newsroom."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from digest.newsroom.telling.guard.article import Article
from digest.newsroom.telling.guard.fault import Fault
from digest.newsroom.text import hides

_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"”’)\]]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_HOST = re.compile(
    r"(?i)\b(?:[a-z0-9-]{2,63}\.)+(?:com|org|net|gov|edu|info|io|co|uk|de|eu|int|biz|news|health|example)\b"
)
_MARKUP = re.compile(
    r"</?[a-zA-Z!][^>]{0,200}>|\]\(|!\[|`|\{\{|\{%|&#?\w{1,8};|^#{1,6} |\*\*|__|^\s*[-*•] |\\[nrtu]", re.MULTILINE
)
_TYPESET = frozenset("“”‘’„«»–—‐‑…\u00a0\u2009\u202f")
"""What a typesetter may set otherwise than the article did."""


def marks(text: str, article: Article) -> Iterator[Fault]:
    """Characters that read as others do (Cyrillic in a Latin word), that nobody sees, or that mean something to a
    browser, a template or a reader of Markdown."""
    if hides(text):
        yield Fault("markup", "invisible characters")
    strange = {char for char in text if not " " <= char <= "~"} - _TYPESET - set(article.text)
    if strange:
        yield Fault("character", " ".join(sorted(map(_named, strange))[:5]))
    for match in _MARKUP.finditer(text):
        yield Fault("markup", match[0])


def _named(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip()


def without_links(text: str) -> str:
    return _LINK.sub(" ", text)


def links(text: str, article: Article) -> Iterator[Fault]:
    known = article.text.casefold()
    without = without_links(text)
    for match in (*_LINK.finditer(text), *_HOST.finditer(without)):
        link = match[0].rstrip(".,;:!?").casefold()
        if not re.search(rf"(?<![\w.-]){re.escape(link)}(?![\w-])", known):
            yield Fault("link", match[0])
