"""Plain text for reading rules: folded letter by letter, so that every offset stays true. Pure; newsroom."""

from __future__ import annotations

import re
from dataclasses import dataclass

READ_AT_MOST = 200_000
"""Characters of a text that the rules read. What a finding is stands at the front; a bound keeps hostile text cheap."""

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_SPACES = dict.fromkeys("\t\r\v\f\u00a0\u1680\u202f\u205f\u3000\u200b\u200e\u200f", " ")
_SPACES.update(dict.fromkeys((chr(code) for code in range(0x2000, 0x200B)), " "))
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "`": '"'}
_FOLD = str.maketrans({**_DASHES, **_SPACES, **_QUOTES})

_SENTENCE_END = re.compile(r"[.!?]['\")\]]?(?=\s)|\n")
_ABBREVIATION = re.compile(r"(?:\b[a-z]|\b(?:vs|dr|mr|mrs|ms|prof|st|no|fig|al|approx|ca|inc|ltd|etc|u\.s|u\.k))$")


def fold(text: str) -> str:
    """`text` in lower case with plain dashes, quotes and spaces; each character stays in its place."""
    plain = text[:READ_AT_MOST].translate(_FOLD)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(small if len(small := char.lower()) == 1 else char for char in plain)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a folded text: characters [start, end) of it."""

    start: int
    end: int
    text: str


def sentences(folded: str) -> list[Sentence]:
    """The sentences in order; a line break ends one too. "vs." and single letters ("St. J. Smith") do not."""
    found: list[Sentence] = []
    start = 0
    for end in _SENTENCE_END.finditer(folded):
        if end.group() != "\n" and _ABBREVIATION.search(folded, max(start, end.start() - 8), end.start()):
            continue
        if folded[start : end.end()].strip():
            found.append(Sentence(start, end.end(), folded[start : end.end()]))
        start = end.end()
    if folded[start:].strip():
        found.append(Sentence(start, len(folded), folded[start:]))
    return found


def any_of(*phrases: str) -> str:
    """A pattern for any of these (patterns themselves), so that long lists of words stay readable."""
    return f"(?:{'|'.join(phrases)})"
