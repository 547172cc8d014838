"""Plain text for reading rules: folded letter by letter, so that every offset stays true. Pure; newsroom."""

from __future__ import annotations

from digest.model import Span

READ_AT_MOST = 30_000
"""Characters of a text that the rules read. A finding is told at the front; the bound keeps hostile text cheap."""

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_SPACES = dict.fromkeys("\t\r\v\f\u00a0\u1680\u202f\u205f\u3000\u200b\u200e\u200f", " ")
_SPACES.update(dict.fromkeys((chr(code) for code in range(0x2000, 0x200B)), " "))
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "`": '"'}
_FOLD = str.maketrans({**_DASHES, **_SPACES, **_QUOTES})


def fold(text: str) -> str:
    """`text` in lower case with plain dashes, quotes and spaces; each character stays in its place."""
    plain = text[:READ_AT_MOST].translate(_FOLD)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(small if len(small := char.lower()) == 1 else char for char in plain)


def any_of(*phrases: str) -> str:
    """A pattern for any of these (patterns themselves), so that long lists of words stay readable."""
    return f"(?:{'|'.join(phrases)})"


def extract(field: str, text: str, place: tuple[int, int]) -> Span:
    """The characters of `text` at `place`, without the blanks around them, as a span of `field`."""
    said = text[slice(*place)]
    start = place[0] + len(said) - len(said.lstrip())
    return Span(field, start, start + len(said.strip()), said.strip())
