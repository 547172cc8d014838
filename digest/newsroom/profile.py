"""What an item's words give for telling stories apart: its words, title words, names and numbers. Pure; newsroom."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date

from digest.newsroom.furniture import lead, printed_on
from digest.newsroom.identifiers import read_identifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article as grouping sees it; only `id` and `title` are needed."""

    id: str
    title: str
    text: str = ""
    day: date | None = None
    outlet: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Stems with their counts (the title's count double), and which of them stand out for what."""

    words: Counter[str]
    title: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    day: date | None
    identifiers: frozenset[str]
    outlet: str | None = None


_STOP_WORDS = """
a an the and or but nor of in on at to from by for with without into onto over under about after before between
during through against among is are was were be been being am do does did done has have had having will would
shall should can could may might must not no n't it its he she they them his her their him i we you me my our us
your this that these those there here who whom whose which what when where why how as if than then so such also
just only very more most much many some any all both each few other another own same too up out off down again
once said says say according new one two three first last year years day days week weeks month months time today
yesterday monday tuesday wednesday thursday friday saturday sunday get got make made like
"""
_STOP = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[^\W_](?:[\w'.,-]{0,60}[^\W_])?")
_CAPITALISED = re.compile(r"[^\W_][\w'-]{0,60}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FIGURE = re.compile(r"[\d.,]+")
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "s")
_REGISTERED = re.compile(r"NCT\d|ISRCTN|ACTRN|ChiCTR|DRKS|CTRI/|UMIN|jRCT|PACTR|EudraCT|EUCTR")
_HOST = re.compile(r"https?://(?:www\.)?([^/?#:\s]{1,253})")
_COUNTING = frozenset({"1", "2", "3"})
_CURLY = str.maketrans("’‘‐‑–—", "''----")


def profile(item: Item) -> Profile:
    """What `item` says, in a form that compares quickly. The day of a dateline wins over the feed's."""
    title, text = item.title.translate(_CURLY), item.text.translate(_CURLY)
    body = lead(title, text)
    title_stems, body_stems = stems(title), stems(body)
    words = Counter(title_stems)
    words.update(title_stems)
    words.update(body_stems)
    return Profile(
        words=words,
        title=frozenset(title_stems),
        names=_names(title, body),
        numbers=frozenset(word for word in words if word[0].isdigit() and word not in _COUNTING),
        day=printed_on(text, item.url) or item.day,
        identifiers=_identifiers(f"{item.text} {item.url or ''}"),
        outlet=item.outlet.casefold() if item.outlet else _host(item.url),
    )


def _host(url: str | None) -> str | None:
    found = _HOST.match(url or "")
    return found[1].lower() if found else None


def _identifiers(text: str) -> frozenset[str]:
    """DOI and trial number of the study that a piece cites first, in lower case."""
    if "10." not in text and not _REGISTERED.search(text):
        return frozenset()
    cited = read_identifiers(text)[0]
    return frozenset(value.lower() for value in (cited.doi, cited.trial) if value)


def stems(text: str) -> list[str]:
    """The words of `text` that carry meaning, in lower case, without endings; "1,204" becomes "1204"."""
    found = []
    for match in _WORD.finditer(text.lower()):
        for part in match.group().split("-"):
            word = part.removesuffix("'s").strip("'.,").replace("'", "")
            if word and word not in _STOP:
                stem = word.replace(",", "") if _FIGURE.fullmatch(word) else _stem(word)
                if len(stem) > 1 or stem.isdigit():
                    found.append(sys.intern(stem))
    return found


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _names(title: str, body: str) -> frozenset[str]:
    """Stems of words with a capital where grammar asks for none; a title in Title Case tells nothing."""
    found: set[str] = set()
    for sentence in _SENTENCE.split(body):
        words = _CAPITALISED.findall(sentence)
        found.update(word for word in words[1:] if word[0].isupper() and len(word) > 1)
        found.update(word for word in words[:1] if sum(char.isupper() for char in word) > 1)
    words = _CAPITALISED.findall(title)
    if 2 * sum(word[0].isupper() for word in words) < len(words):
        found.update(word for word in words[1:] if word[0].isupper())
    return frozenset(stem for word in found for stem in stems(word))
